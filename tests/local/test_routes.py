"""Which function a path leads to."""

import pytest

from local.routes import find_route
from local.template import Route

ROUTES = (
    Route("ANY", "/{proxy+}", "elsewhere"),
    Route("ANY", "/", "root"),
    Route("GET", "/keys", "keys"),
    Route("ANY", "/keys/{id}", "key"),
    Route("ANY", "/keys/new", "new"),
    Route("POST", "/keys/{id}/{rest+}", "below"),
)


@pytest.mark.parametrize(
    ("path", "function", "parameters"),
    [
        ("/", "root", {}),
        ("", "root", {}),
        ("/keys", "keys", {}),
        ("/keys/", "keys", {}),
        ("/keys/new", "new", {}),
        ("/keys/new/", "new", {}),
        ("/keys/a%2Fb", "key", {"id": "a%2Fb"}),
        ("/nowhere", "elsewhere", {"proxy": "nowhere"}),
        ("/no/where/", "elsewhere", {"proxy": "no/where"}),
        ("/Keys", "elsewhere", {"proxy": "Keys"}),
        ("/keys//", "elsewhere", {"proxy": "keys/"}),
    ],
)
def test_the_most_specific_path_wins(path: str, function: str, parameters: dict[str, str]) -> None:
    """A literal goes before a parameter, that before a greedy one; one trailing slash makes no difference."""
    match = find_route(ROUTES, "GET", path)
    assert match is not None
    assert (match.route.function, match.parameters) == (function, parameters)


def test_a_path_without_the_method_leads_nowhere() -> None:
    """The most specific path decides before the method does, as on AWS."""
    assert find_route(ROUTES, "DELETE", "/keys") is None
    assert find_route(ROUTES, "GET", "/keys/1/2") is None
    assert find_route((), "GET", "/") is None


def test_a_greedy_parameter_takes_the_rest() -> None:
    """Segments before it are parameters of their own."""
    match = find_route(ROUTES, "post", "/keys/1/2/3")
    assert match is not None
    assert match.parameters == {"id": "1", "rest": "2/3"}
