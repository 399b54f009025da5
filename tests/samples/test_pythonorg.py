"""Document 001's samples: curl lines, the httpx snippet and `TokenManager`."""

from http.cookiejar import MozillaCookieJar
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.samples.conftest import Server
from tests.samples.documents import TOKEN, bodies, form, run_curl, run_python, source


@pytest.fixture(scope="module")
def url(server: Server) -> str:
    """The contract's stage, on which the document's user is registered by the document's own curl line."""
    url = server.stage("pythonorg")
    registered = run_curl("001_register.sh", url)
    varying = frozenset({"access_token", "refresh_token"})
    assert form(registered, varying=varying) == form(bodies("001")["register response"], varying=varying)
    return url


@pytest.fixture
def tokens(url: str) -> dict[str, Any]:
    """What the document's curl line for logging in prints."""
    printed: dict[str, Any] = run_curl("001_login.sh", url)
    assert printed.keys() == bodies("001")["register response"].keys()
    return printed


@pytest.fixture
def manager(url: str, tokens: dict[str, Any]) -> Any:
    """A `TokenManager` that holds fresh tokens."""
    manager = run_python("001_token_manager.py", url)["TokenManager"]()
    manager.set_tokens(tokens)
    return manager


def show(url: str, access_token: str) -> Any:
    """Return what the document's curl line for `me` prints."""
    return run_curl("001_me.sh", url, {"YOUR_ACCESS_TOKEN": access_token})


def test_curl_me(url: str, tokens: dict[str, Any]) -> None:
    """It prints the documented keys, with the user that the document registers; nobody is verified or a member yet."""
    shown = bodies("001")["me response"]
    expected = {**shown, "email_verified": False, "has_membership": False}
    varying = frozenset({"id"})
    assert form(show(url, tokens["access_token"]), varying=varying) == form(expected, varying=varying)


def test_curl_refresh(url: str, tokens: dict[str, Any]) -> None:
    """It prints a new pair, and the pair works."""
    refreshed = run_curl("001_refresh.sh", url, {"your_refresh_token": tokens["refresh_token"]})
    assert refreshed.keys() == tokens.keys()
    assert refreshed["refresh_token"] != tokens["refresh_token"]
    assert show(url, refreshed["access_token"])["username"] == "pythonista"


def test_curl_without_a_good_token(url: str) -> None:
    """As printed, with its placeholders, each line gets an error that can be read."""
    assert run_curl("001_me.sh", url) == {"detail": "Invalid or expired token", "status_code": 401}
    assert run_curl("001_refresh.sh", url) == {"detail": "Invalid or expired refresh token", "status_code": 401}


def test_the_httpx_snippet(url: str, tokens: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """A POST without a body shows the user."""
    left = run_python("001_me.py", url, {TOKEN: tokens["access_token"]})
    assert capsys.readouterr().out == f"{left['response'].json()}\n"
    assert left["response"].json() == show(url, tokens["access_token"])


def test_the_token_manager_keeps_fresh_tokens(manager: Any, tokens: dict[str, Any]) -> None:
    """Tokens that live for days are not refreshed."""
    assert not manager.is_expired()
    assert manager.get_access_token() == tokens["access_token"]


def test_the_token_manager_refreshes_when_its_token_has_expired(url: str, manager: Any, tokens: dict[str, Any]) -> None:
    """An expired token is replaced, as often as it expires, and what is returned is good."""
    seen = {tokens["access_token"]}
    for _ in range(3):
        manager.expires_at = None
        token = manager.get_access_token()
        assert not manager.is_expired()
        assert show(url, token)["username"] == "pythonista"
        seen.add(token)
    assert len(seen) == 4


def test_the_token_manager_raises_when_the_session_has_ended(url: str, manager: Any) -> None:
    """After a logout there is nothing to refresh."""
    bearer = {"Authorization": f"Bearer {manager.get_access_token()}"}
    logout = httpx.post(f"{url}/api/auth/logout", headers=bearer)
    assert (logout.status_code, logout.json()) == (200, {"message": "Successfully logged out"})
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        manager.refresh()


def test_the_user_of_the_curl_line_is_taken_afterwards(url: str) -> None:
    """The same line run again says that the user exists."""
    assert run_curl("001_register.sh", url) == {"detail": "Email already registered", "status_code": 409}


def session_of(url: str, cookies: Path) -> dict[str, str]:
    """Return the headers that send what the document's curl line for a session keeps in the file `cookies`."""
    said = run_curl("001_session_login.sh", url, {"cookies.txt": str(cookies)})
    assert said == {"message": "Successfully logged in"}
    jar = MozillaCookieJar(cookies)
    jar.load()
    (cookie,) = jar
    return {"Cookie": f"{cookie.name}={cookie.value}", "Origin": url.removesuffix("/pythonorg")}


def test_curl_login_with_a_session(url: str, tmp_path: Path) -> None:
    """The line keeps a cookie that is good for the protected endpoints until it is logged out."""
    with httpx.Client(base_url=url, headers=session_of(url, tmp_path / "cookies.txt")) as client:
        assert client.post("/api/auth/me").json()["username"] == "pythonista"
        client.cookies.clear()
        assert client.post("/api/auth/session/logout").status_code == 200
        client.cookies.clear()
        assert client.post("/api/auth/me").status_code == 401


def mailed(server: Server, part: str, before: int = 0) -> list[str]:
    """Return every link with `part` in it that mail brought, newest first, once there are more than `before`."""
    return server.mailed(part, "pythonista", before)


def test_curl_verification(server: Server, url: str, tokens: dict[str, Any]) -> None:
    """The line sends a mail, and the documented request with its token makes `me` what the document shows."""
    before = len(mailed(server, "/verify-email/"))
    assert run_curl("001_send_verification.sh", url) == {"message": "Verification email sent"}
    token = mailed(server, "/verify-email/", before)[0].rpartition("/")[2]
    method, path = source("001_verify_email.http", url, {"{token}": token}).split()
    reply = httpx.request(method, url + path)
    assert (reply.status_code, reply.json()) == (200, {"message": "Email verified successfully"})
    assert show(url, tokens["access_token"])["email_verified"] is bodies("001")["me response"]["email_verified"]
    again = httpx.request(method, url + path)
    assert (again.status_code, again.json()) == (400, {"detail": "Invalid or expired token", "status_code": 400})


def test_curl_forgotten_password(server: Server, url: str, tokens: dict[str, Any]) -> None:
    """The lines set the document's new password by mail, and end every session; the old password is then set again."""
    sent = {"message": "If an account exists with this email, you will receive a password reset link"}
    done = {"message": "Password reset successfully"}
    assert run_curl("001_forgot_password.sh", url) == sent
    first = mailed(server, "/reset-password/page")
    assert run_curl("001_reset_password.sh", url, {"reset_token": first[0].rpartition("=")[2]}) == done
    assert run_curl("001_me.sh", url, {"YOUR_ACCESS_TOKEN": tokens["access_token"]})["status_code"] == 401
    assert run_curl("001_login.sh", url) == {"detail": "Invalid username or password", "status_code": 401}
    assert run_curl("001_login.sh", url, {"SecurePass123!": "NewSecurePass456!"}).keys() == tokens.keys()
    assert run_curl("001_forgot_password.sh", url) == sent
    token = mailed(server, "/reset-password/page", len(first))[0].rpartition("=")[2]
    back = {"reset_token": token, "NewSecurePass456!": "SecurePass123!"}
    assert run_curl("001_reset_password.sh", url, back) == done
    assert run_curl("001_login.sh", url).keys() == tokens.keys()


def test_curl_with_the_documents_reset_token(url: str) -> None:
    """As printed, with its placeholder, the line gets an error that can be read."""
    assert run_curl("001_reset_password.sh", url) == {"detail": "Invalid or expired token", "status_code": 400}
