"""Document 003's requests and responses, key by key."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.samples.conftest import Server
from tests.samples.documents import bodies, form

VARYING = frozenset({"id", "token"})
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
    """Check an answer against the document, key by key; ids and tokens are texts."""
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
