"""Document 000's samples: `AuthClient`, and the snippets around it."""

from datetime import datetime
from typing import Any

import pytest
import requests

from tests.house import PASSWORD, unique
from tests.samples.conftest import Server
from tests.samples.documents import ADDRESS, bodies, form, run_python

VARYING = frozenset({"id", "email", "created_at", "access_token", "refresh_token"})


@pytest.fixture(params=["stage", "root"])
def url(server: Server, request: pytest.FixtureRequest) -> str:
    """The contract's stage, and the root of a server that was started with `CONTRACT=metatag`."""
    return server.root if request.param == "root" else server.stage("metatag")


@pytest.fixture
def address() -> str:
    """The email address of somebody new."""
    return f"{unique('john.doe')}@example.com"


@pytest.fixture
def auth(url: str) -> Any:
    """An `AuthClient` of which nothing was called yet."""
    return run_python("000_auth_client.py", url, until="# Usage")["AuthClient"]()


@pytest.fixture
def signed_in(auth: Any, address: str) -> Any:
    """An `AuthClient` of somebody who has logged in."""
    auth.register(address, PASSWORD)
    auth.login(address, PASSWORD)
    return auth


def show(url: str, auth: Any) -> requests.Response:
    """Ask who an `AuthClient` is, as its headers say."""
    return requests.get(f"{url}/api/auth/me", headers=auth.get_headers(), timeout=60)


def post(url: str, endpoint: str, body: Any) -> requests.Response:
    """Send a body to an endpoint."""
    return requests.post(f"{url}/api/auth/{endpoint}", json=body, timeout=60)


@pytest.mark.parametrize("blank", ["", " "])
def test_the_whole_client(url: str, address: str, blank: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The sample runs from its first line to its last; the blank that print put after its address does no harm."""
    left = run_python("000_auth_client.py", url, {f"{ADDRESS} ": address + blank})
    assert capsys.readouterr().out == f"Logged in as {address}\n"
    assert left["headers"]["Authorization"].startswith("Bearer eyJ")
    assert (left["response"].status_code, left["response"].json()) == (404, {"detail": "Resource not found"})
    assert (left["auth"].access_token, left["auth"].refresh_token, left["auth"].token_expiry) == (None, None, None)


def test_the_client_gets_what_it_reads(url: str, auth: Any, address: str) -> None:
    """`register` and `login` return the user, and the headers are good for `me`."""
    user = auth.register(address, PASSWORD, "John Doe")
    assert (user["email"], user["full_name"]) == (address, "John Doe")
    assert auth.login(address, PASSWORD) == user
    assert show(url, auth).json() == user


def test_the_client_refreshes_when_its_token_is_about_to_expire(url: str, signed_in: Any) -> None:
    """`get_headers` refreshes in the last five minutes, again and again, and what it returns is good."""
    seen = {signed_in.access_token}
    for _ in range(3):
        signed_in.token_expiry = datetime.now()  # noqa: DTZ005 - the sample's own clock
        assert show(url, signed_in).status_code == 200
        seen.add(signed_in.access_token)
    assert len(seen) == 4


def test_the_clients_logout_revokes_its_tokens(url: str, signed_in: Any) -> None:
    """After `logout` the tokens that the client has forgotten are worth nothing, refreshed as they were."""
    signed_in.refresh_tokens()
    headers, refresh_token = signed_in.get_headers(), signed_in.refresh_token
    signed_in.logout()
    assert requests.get(f"{url}/api/auth/me", headers=headers, timeout=60).status_code == 401
    assert post(url, "refresh", {"refresh_token": refresh_token}).status_code == 401


def test_the_client_is_told_of_failures(signed_in: Any, address: str) -> None:
    """What fails raises in the client: an address that is taken, and a password that is wrong."""
    with pytest.raises(requests.HTTPError, match="400"):
        signed_in.register(address, PASSWORD)
    with pytest.raises(requests.HTTPError, match="401"):
        signed_in.login(address, "wrong-password")


def test_the_refresh_snippet(url: str, signed_in: Any) -> None:
    """`refresh_access_token` returns a new pair, and the pair works."""
    before = signed_in.refresh_token
    left = run_python("000_refresh.py", url, refresh_token=before)
    assert left["new_refresh_token"] != before
    signed_in.access_token = left["new_access_token"]
    assert show(url, signed_in).status_code == 200


def test_the_me_snippet(url: str, signed_in: Any, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the address and the id."""
    left = run_python("000_me.py", url, access_token=signed_in.access_token)
    assert capsys.readouterr().out == f"Logged in as: {address}\nUser ID: {left['user_info']['id']}\n"


def test_the_logout_snippet(url: str, signed_in: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints what its comment says, and the user is logged out."""
    run_python("000_logout.py", url, refresh_token=signed_in.refresh_token)
    assert capsys.readouterr().out == "Successfully logged out\n"
    assert show(url, signed_in).status_code == 401


def test_every_body_is_as_documented(url: str, address: str) -> None:
    """Each documented request gets the documented answer, key by key; ids, addresses, times and tokens are texts."""
    shown = bodies("000")
    registration = {**shown["register request"], "email": address}
    credentials = {name: registration[name] for name in ("email", "password")}
    registered, logged_in = post(url, "register", registration), post(url, "login", credentials)
    token = {"refresh_token": logged_in.json()["tokens"]["refresh_token"]}
    answers = {
        "register response": registered,
        "login response": logged_in,
        "refresh response": post(url, "refresh", {**shown["refresh request"], **token}),
        "logout response": post(url, "logout", {**shown["logout request"], **token}),
        "wrong password": post(url, "login", {**credentials, "password": "wrong"}),
        "short password": post(url, "register", {**registration, "email": f"x{address}", "password": "short"}),
    }
    for name, answer in answers.items():
        assert form(answer.json(), varying=VARYING) == form(shown[name], varying=VARYING), name
