"""Bodies of requests, valid ones and whatever else, and what sends them to the endpoints of all contracts."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

from keyfob.contracts import contract_named
from keyfob.contracts.fields import (
    AnyTextRule,
    EmailRule,
    FlagRule,
    KeyNameRule,
    LifetimeRule,
    NameRule,
    NewPasswordRule,
    OverlapRule,
    PasswordRule,
    RoleRule,
    ScopesRule,
    UsernameRule,
)
from keyfob.contracts.reading import Field, fields_of
from keyfob.model.permission import PUBLIC

from local.gateway import rest_event
from tests.house import PASSWORD, House, Reply, reply_of, unique
from tests.managers import Manager
from tests.speakers import speaker

JSON = "application/json"
UNKNOWN_TOKEN = (400, "Invalid or expired token")


class Sent(NamedTuple):
    """A body as it is sent; `raw`: as API Gateway passes binary bodies on, which it does not read."""

    body: bytes
    content_type: str | None = JSON
    raw: bool = False


class Sender(NamedTuple):
    """Sends bodies to endpoints."""

    house: House
    managers: Mapping[str, Manager]

    def send(self, contract: str, endpoint: str, sent: Sent) -> Reply:
        """Send a body to an endpoint, signed in where that is needed."""
        spec, manager = contract_named(contract), self.managers[contract]
        operation = spec.operations[endpoint]
        headers = {} if sent.content_type is None else {"Content-Type": sent.content_type}
        if operation.permission != PUBLIC:
            headers["Authorization"] = f"Bearer {manager.token}"
        method, path = operation.methods[0], spec.base_path + operation.path.format(**manager.path)
        event = rest_event(self.house.deployment, contract, method, path, headers=headers.items(), body=sent.body)
        if sent.raw:
            event |= {"body": b64encode(sent.body).decode(), "isBase64Encoded": True}
        return reply_of(self.house.runtime.invoke(endpoint, event))

    def check_taken(self, contract: str, endpoint: str, sent: Sent) -> None:
        """Check that a body is read: the answer is the one to a valid body that names nothing which exists."""
        reply = self.send(contract, endpoint, sent)
        if endpoint in {"reset_password", "accept_invitation"}:
            check_refused(self.house, contract, reply, UNKNOWN_TOKEN)
        elif endpoint in {"login", "session_login", "refresh"}:
            assert reply.status == 401
        else:
            assert reply.status == contract_named(contract).operations[endpoint].status


def valid(contract: str, endpoint: str) -> dict[str, Any]:
    """Return a body that an endpoint takes, with every field that it has; identifiers and tokens are nobody's."""
    body = contract_named(contract).operations[endpoint].body
    assert body is not None
    return {field.name: _valid_value(field) for field in fields_of(body)}


def _valid_value(field: Field) -> Any:
    match field.rule:
        case EmailRule():
            return f"{unique()}@example.com"
        case UsernameRule():
            return unique()
        case rule:
            return VALID[type(rule)]


VALID: Mapping[type, Any] = {
    AnyTextRule: "nobody",
    NewPasswordRule: PASSWORD,
    PasswordRule: PASSWORD,
    NameRule: "Ada",
    KeyNameRule: "CI",
    ScopesRule: ["profile:read"],
    LifetimeRule: 3600,
    OverlapRule: 0,
    FlagRule: False,
    RoleRule: "viewer",
}


def check_refused(house: House, contract: str, reply: Reply, expected: tuple[int, str]) -> None:
    """Check a reply's status, its shape to the letter, and its text."""
    assert (reply.status, speaker(contract, house).error(reply)) == expected
