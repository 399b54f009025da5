"""Document 003's requests and responses, key by key."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.samples.conftest import Server
from tests.samples.documents import bodies, form

VARYING = frozenset({"id", "token", "keyId", "apiKey", "createdAt", "lastUsed"})
PASSWORD = "correct horse battery staple"
CREDENTIALS = {"username": "jane.doe", "password": PASSWORD}

Body = dict[str, Any]


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """A client of the contract's stage, on which the document's user is registered."""
    with httpx.Client(base_url=f"{server.stage('reference')}/api/v1/auth", timeout=60) as api:
        assert api.post("/register", json={**CREDENTIALS, "email": "jane.doe@example.com"}).status_code == 201
        yield api


@pytest.fixture
def login(api: httpx.Client) -> Body:
    """What logging in answers."""
    answer = api.post("/login", json=CREDENTIALS)
    assert answer.status_code == 200
    body: Body = answer.json()
    return body


def bearer(token: str) -> dict[str, str]:
    """Return the header with a token, as the document writes it."""
    return {"Authorization": f"Bearer {token}"}


def assert_documented(answer: httpx.Response, status: int, name: str) -> None:
    """Check an answer against the document, key by key; ids, tokens and times are texts."""
    assert answer.status_code == status
    assert form(answer.json(), varying=VARYING) == form(bodies("003")[name], varying=VARYING)


def test_login(login: Body) -> None:
    """The documented keys and, besides, the refresh token that the document's refresh endpoint asks for."""
    refresh_token = login.pop("refreshToken")
    assert refresh_token.startswith("eyJ")
    assert form(login, varying=VARYING) == form(bodies("003")["login response"], varying=VARYING)
    assert login["user"]["id"].startswith("user_")


@pytest.mark.parametrize("credentials", [{**CREDENTIALS, "password": "wrong"}, {**CREDENTIALS, "username": "nobody"}])
def test_bad_credentials(api: httpx.Client, credentials: dict[str, str]) -> None:
    """One error for a wrong password and for a user that does not exist."""
    assert_documented(api.post("/login", json=credentials), 401, "wrong password")


def test_refresh(api: httpx.Client, login: Body) -> None:
    """A new access token, which works; the refresh token works again."""
    for _ in range(2):
        answer = api.post("/refresh", json={"refreshToken": login["refreshToken"]})
        assert_documented(answer, 200, "refresh response")
        assert api.get("/me", headers=bearer(answer.json()["token"])).json() == login["user"]


def test_a_bad_refresh_token(api: httpx.Client) -> None:
    """The documented error."""
    assert_documented(api.post("/refresh", json={"refreshToken": "nonsense"}), 401, "bad refresh token")


def test_logout(api: httpx.Client, login: Body) -> None:
    """The documented answer, and then the session and its tokens are worth nothing."""
    assert_documented(api.post("/logout", headers=bearer(login["token"])), 200, "logout response")
    assert_documented(api.post("/logout", headers=bearer(login["token"])), 401, "unauthorized")
    assert_documented(api.get("/me", headers=bearer(login["token"])), 401, "unauthorized")
    answer = api.post("/refresh", json={"refreshToken": login["refreshToken"]})
    assert_documented(answer, 401, "bad refresh token")


@pytest.mark.parametrize(("method", "path"), [("POST", "/logout"), ("GET", "/me")])
def test_protected_endpoints(api: httpx.Client, method: str, path: str) -> None:
    """Without a token there is the documented error."""
    assert_documented(api.request(method, path), 401, "unauthorized")


# API keys


@pytest.fixture
def key(api: httpx.Client, login: Body) -> Iterator[Body]:
    """What making the document's key answers; it is deleted in the end."""
    answer = api.post("/keys", json={"name": "My Integration Key"}, headers=bearer(login["token"]))
    assert_documented(answer, 201, "create key response")
    key: Body = answer.json()
    yield key
    api.delete(f"/keys/{key['keyId']}", headers=bearer(login["token"]))


def test_a_key_is_made_as_documented(key: Body) -> None:
    """Id and text begin as the document shows them, and the time is as it writes times."""
    assert key["keyId"].startswith("key_")
    assert key["apiKey"].startswith("sk_live_")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", key["createdAt"])


def test_a_key_works_as_a_bearer_token_and_in_a_header(api: httpx.Client, login: Body, key: Body) -> None:
    """Either way programs are who made the key; what has been mistyped is the documented error."""
    for headers in (bearer(key["apiKey"]), {"X-API-Key": key["apiKey"]}):
        assert api.get("/me", headers=headers).json() == login["user"]
    for headers in (bearer(key["apiKey"][:-1]), {"X-API-Key": f"{key['apiKey']}x"}):
        assert_documented(api.get("/me", headers=headers), 401, "unauthorized")


def test_keys_are_listed_as_documented(api: httpx.Client, login: Body, key: Body) -> None:
    """A bare array: each key has the documented members, and none has the text; before its first use it has no use."""
    headers = bearer(login["token"])
    used, unused = bodies("003")["keys response"]
    for documented in (unused, used):
        (listed,) = api.get("/keys", headers=headers).json()
        assert form(listed, varying=VARYING) == form({**documented, "name": "My Integration Key"}, varying=VARYING)
        assert listed["keyId"] == key["keyId"]
        assert api.get("/keys", headers={"X-API-Key": key["apiKey"]}).status_code == 200


def test_a_key_is_deleted_as_documented(api: httpx.Client, login: Body, key: Body) -> None:
    """An empty answer, then the documented error; the key is worth nothing, and lists nothing."""
    headers = bearer(login["token"])
    answer = api.delete(f"/keys/{key['keyId']}", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert_documented(api.delete(f"/keys/{key['keyId']}", headers=headers), 404, "key not found")
    assert_documented(api.get("/me", headers=bearer(key["apiKey"])), 401, "unauthorized")
    assert api.get("/keys", headers=headers).json() == []


@pytest.mark.parametrize(("method", "path"), [("POST", "/keys"), ("GET", "/keys"), ("DELETE", "/keys/key_abc123")])
def test_keys_are_for_those_who_are_signed_in(api: httpx.Client, login: Body, method: str, path: str) -> None:
    """Without a token there is the documented error, and the document's own key is not found."""
    assert_documented(api.request(method, path), 401, "unauthorized")
    assert_documented(api.delete("/keys/key_abc123", headers=bearer(login["token"])), 404, "key not found")
