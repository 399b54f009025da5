"""The examples: APIs that Keyfob protects, as their templates deploy them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.examples.gateway import EXAMPLES, Example, deployed
from tests.house import PASSWORD, House, running_house, unique

NAMES = ("protected-http-api", "protected-rest-api")
TEA = '{"item": "tea"}'


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A deployment whose owners may order."""
    with running_house({"RolePermissions": "owner=orders:read orders:write"}) as running:
        yield running


@pytest.fixture(params=NAMES)
def example(house: House, request: pytest.FixtureRequest) -> Example:
    """Each example."""
    return deployed(house, request.param)


@pytest.fixture
def http_api(house: House) -> Example:
    """The example with both kinds of authorizers."""
    return deployed(house, "protected-http-api")


def signed_in(house: House) -> Any:
    """Register somebody new; return what logging in answers."""
    name = unique()
    client = house.client("standard")
    client.call("register", {"email": f"{name}@example.com", "username": name, "password": PASSWORD})
    return client.call("login", {"email": f"{name}@example.com", "password": PASSWORD}).json


def bearer(credential: str) -> dict[str, str]:
    """Return the header that carries a token or a key."""
    return {"Authorization": f"Bearer {credential}"}


def test_every_example_is_tested() -> None:
    """A folder with a template is run here."""
    assert tuple(sorted(path.parent.name for path in EXAMPLES.glob("*/template.yaml"))) == NAMES


def test_who_is_signed_in_orders_and_sees_it(house: House, example: Example) -> None:
    """A token leads to the account's own orders, and to nobody else's."""
    mine, other = (bearer(signed_in(house)["access_token"]) for _ in range(2))
    status, order = example.call("POST", mine, TEA)
    assert (status, order["item"]) == (201, "tea")
    assert example.call("GET", mine) == (200, {"orders": [order]})
    assert example.call("GET", other) == (200, {"orders": []})


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_orders_in_either_header(house: House, example: Example, header: str) -> None:
    """The authorizer names no header, so that API Gateway hands both to Keyfob."""
    token = signed_in(house)["access_token"]
    key = house.client("standard").call("create_key", {"name": "till"}, token=token).json["api_key"]
    headers = bearer(key) if header == "Authorization" else {header: key}
    assert example.call("POST", headers, TEA)[0] == 201


def test_a_key_without_the_scope_may_not_order(house: House, example: Example) -> None:
    """Keyfob knows the key, and the code demands the permission."""
    token = signed_in(house)["access_token"]
    made = house.client("standard").call("create_key", {"name": "till", "scopes": ["orders:read"]}, token=token)
    status, body = example.call("POST", bearer(made.json["api_key"]), TEA)
    assert status == 403
    assert body is not None


@pytest.mark.parametrize("headers", [{}, bearer("nonsense"), bearer("sk_live_nonsense")])
def test_who_is_unknown_is_refused(example: Example, headers: dict[str, str]) -> None:
    """A REST API answers 401; an HTTP API has 403 alone where a Lambda authorizer refuses, and 401 for tokens."""
    refused = {"protected-rest-api": (401, 401), "protected-http-api": (401, 403)}
    name = "protected-http-api" if "KeyfobIssuer" in example.stack.parameters else "protected-rest-api"
    assert (example.call("GET", headers)[0], example.call("POST", headers, TEA)[0]) == refused[name]


def test_after_a_logout_only_api_gateways_own_authorizer_lets_the_token_through(
    house: House, http_api: Example
) -> None:
    """Keyfob's reads the session; API Gateway's trusts a token until it expires, as the README says."""
    tokens = signed_in(house)
    client = house.client("standard")
    client.call("logout", {"refresh_token": tokens["refresh_token"]}, token=tokens["access_token"])
    assert http_api.call("POST", bearer(tokens["access_token"]), TEA)[0] == 403
    assert http_api.call("GET", bearer(tokens["access_token"]))[0] == 200


def test_api_gateways_own_authorizer_takes_no_keys(house: House, http_api: Example) -> None:
    """Keys are no tokens: only Keyfob knows them."""
    token = signed_in(house)["access_token"]
    key = house.client("standard").call("create_key", {"name": "till"}, token=token).json["api_key"]
    assert http_api.call("GET", bearer(key))[0] == 401


def test_a_token_without_the_scope_is_refused_before_any_code_runs(house: House, http_api: Example) -> None:
    """A role that has no permission on orders is answered 403 by API Gateway itself."""
    name = unique()
    client = house.client("standard")
    user = client.call("register", {"email": f"{name}@example.com", "username": name, "password": PASSWORD}).json
    house.change_user(user["id"], account_role="viewer")
    token = client.call("login", {"email": f"{name}@example.com", "password": PASSWORD}).json["access_token"]
    assert http_api.call("GET", bearer(token)) == (403, None)


@pytest.mark.parametrize("body", [None, "", "tea", "[]", "{}", '{"item": 1}', '{"item": ""}'])
def test_what_is_no_order_is_told(house: House, example: Example, body: str | None) -> None:
    """A body that names no item is a 400, and never a fault."""
    assert example.call("POST", bearer(signed_in(house)["access_token"]), body)[0] == 400
