"""The parameters of paths and queries, by name: what each is, and what a wrong one leads to."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from keyfob.contracts.base import Contract, Json
from keyfob.documentation.examples import path_example
from keyfob.errors import InvalidFields, KeyfobError, KeyNotFound, ResourceNotFound


class PathParameter(NamedTuple):
    """What a parameter of a path is, and the failure that tells of one that names nothing."""

    description: str
    missing: type[KeyfobError] | None = None


class QueryParameter(NamedTuple):
    """What a parameter of a query is, and the complaint about a wrong one, where there is any."""

    description: str
    complaint: str = ""


PATH: Final[Mapping[str, PathParameter]] = MappingProxyType(
    {
        "token": PathParameter("The token that a mail brought"),
        "provider": PathParameter("Name of a sign-in provider of this deployment", ResourceNotFound),
        "session_id": PathParameter("Id of a session, from the list", ResourceNotFound),
        "key_id": PathParameter("Id of an API key, from the list", KeyNotFound),
        "user_id": PathParameter("Id of a user, from a list", ResourceNotFound),
        "invitation_id": PathParameter("Id of an invitation, from the list", ResourceNotFound),
        "asset": PathParameter("Name of a file of these pages", ResourceNotFound),
    }
)

QUERY: Final[Mapping[str, QueryParameter]] = MappingProxyType(
    {
        "redirect_to": QueryParameter(
            "Where the browser is to end", "redirect_to must be one of the URLs that are allowed"
        ),
        "code": QueryParameter("What the provider gave the browser"),
        "state": QueryParameter("What ties the browser's return to its beginning"),
        "token": QueryParameter("The token that a mail brought"),
        "email": QueryParameter("Email address of the user to show"),
        "username": QueryParameter("Username of the user to show"),
        "cursor": QueryParameter("Where to go on, from the page before", "Cursor is not one that a page gave"),
    }
)

CURSORS: Final = frozenset({"next_cursor", "nextCursor"})
"""The fields of a reply that tell where the next page begins."""


def names_in(path: str) -> list[str]:
    """Return the names of a path's parameters, in their order."""
    return re.findall(r"{(\w+)}", path)


def parameters(contract: Contract, path: str, query: Iterable[str]) -> list[Json]:
    """Return the Parameter Objects (OpenAPI 3.1, section 4.8.12) of a contract's path and of the query's names."""
    return [*(_of_path(contract, name) for name in names_in(path)), *map(_of_query, query)]


def missing(path: str) -> list[type[KeyfobError]]:
    """Return the failures that tell of parameters of a path that name nothing."""
    return [failure for name in names_in(path) if (failure := PATH[name].missing)]


def wrong(query: Iterable[str]) -> list[KeyfobError]:
    """Return the failures that tell of wrong parameters of a query."""
    return [InvalidFields({name: [QUERY[name].complaint]}) for name in query if QUERY[name].complaint]


def _of_path(contract: Contract, name: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": PATH[name].description,
        "schema": {"type": "string"},
        "example": path_example(contract, name),
    }


def _of_query(name: str) -> Json:
    return {"name": name, "in": "query", "description": QUERY[name].description, "schema": {"type": "string"}}
