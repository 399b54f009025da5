"""Which function a path leads to: API Gateway's matching of resources."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local.template import Route


@dataclass(frozen=True, slots=True)
class Match:
    """The route of a path, and what its parameters stand for, percent-encoded as sent."""

    route: Route
    parameters: Mapping[str, str]


def find_route(routes: Iterable[Route], method: str, path: str) -> Match | None:
    """Return the route of the most specific path that fits, if that takes `method`.

    In each segment a literal goes before ``{name}``, and that before ``{name+}``. One trailing slash is ignored.
    """
    matches = [match for route in routes if (match := _match(route, path))]
    best = min((_specificity(match.route.path) for match in matches), default=())
    by_method = {match.route.method: match for match in matches if _specificity(match.route.path) == best}
    return by_method.get(method.upper()) or by_method.get("ANY")


def _match(route: Route, path: str) -> Match | None:
    parameters = _fit(route.path, path)
    return None if parameters is None else Match(route, parameters)


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").removesuffix("/").split("/")


def _fit(pattern: str, path: str) -> dict[str, str] | None:
    expected, actual = _segments(pattern), _segments(path)
    parameters: dict[str, str] = {}
    for position, segment in enumerate(expected):
        rest = actual[position:]
        if segment.endswith("+}"):
            value = "/".join(rest)
            return {**parameters, segment[1:-2]: value} if value else None
        if not rest:
            return None
        if segment.startswith("{") and rest[0]:
            parameters[segment[1:-1]] = rest[0]
        elif segment != rest[0]:
            return None
    return parameters if len(actual) == len(expected) else None


def _specificity(pattern: str) -> tuple[int, ...]:
    return tuple(segment.startswith("{") + segment.endswith("+}") for segment in _segments(pattern))
