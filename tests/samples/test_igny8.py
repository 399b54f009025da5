"""Document 002's samples: `Igny8API` in Python and JavaScript, curl lines, and the snippets around them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import requests

from tests.samples.conftest import Server
from tests.samples.documents import bodies, form, run_curl, run_node, run_python

PASSWORD = {'"password")': '"secure_password123")'}
PASSWORD_IN_JAVASCRIPT = {"'password')": "'secure_password123')"}
PASSWORD_IN_CURL = {'"password":"password"': '"password":"secure_password123"'}
VARYING = frozenset({"id", "slug", "access", "refresh", "request_id"})
NOT_FOUND = {"success": False, "error": "Resource not found", "request_id": "str"}
UNAUTHORIZED = {"success": False, "error": "Authentication required", "request_id": "str"}
FORBIDDEN = {"success": False, "error": "Permission denied", "request_id": "str"}


@pytest.fixture(scope="module")
def url(server: Server) -> str:
    """The contract's stage, on which the document's user is registered with the document's body."""
    url = server.stage("igny8")
    registered = post(url, "register/", bodies("002")["register request"])
    assert form(registered, varying=VARYING) == form(bodies("002")["login response"], varying=VARYING)
    return url


@pytest.fixture
def api(url: str) -> Any:
    """An `Igny8API` in Python of somebody who has logged in."""
    api = run_python("002_igny8_api.py", url, until="# Usage")["Igny8API"]()
    assert api.login("user@example.com", "secure_password123") is True
    return api


def post(url: str, path: str, body: Any) -> Any:
    """Send a body to an endpoint, and return the JSON of the answer."""
    return requests.post(f"{url}/api/v1/auth/{path}", json=body, timeout=60).json()


def plain(body: Any) -> Any:
    """Return a body of which ids, slugs and tokens are only types."""
    return form(body, varying=VARYING)


def test_every_body_is_as_documented(url: str) -> None:
    """Each documented request gets the documented answer, key by key; ids, slugs and tokens are of their types."""
    shown = bodies("002")
    login = post(url, "login/", shown["login request"])
    assert plain(login) == plain(shown["login response"])
    refreshed = post(url, "refresh/", {**shown["refresh request"], "refresh": login["data"]["refresh"]})
    assert plain(refreshed) == plain(shown["refresh response"])
    assert plain(requests.get(f"{url}/api/v1/auth/me/", timeout=60).json()) == plain(shown["unauthorized"])


def test_the_whole_python_client(url: str) -> None:
    """The sample runs to its last line; what it then asks for is not ours, and is told so as it expects."""
    left = run_python("002_igny8_api.py", url, PASSWORD)
    assert plain(left["keywords"]) == NOT_FOUND


def test_the_python_client_with_the_password_as_printed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`password` is nobody's password: the client prints our error, and gives up in its own words."""
    with pytest.raises(Exception, match="Token expired and refresh failed"):
        run_python("002_igny8_api.py", url)
    assert capsys.readouterr().out == "Login failed: Invalid email or password\n"


def test_the_python_client_reads_and_posts(api: Any) -> None:
    """`get` and `post` carry a good token, and every failure has `success` and `error`."""
    me = api.get("/auth/me/")
    assert plain(me["data"]) == plain(bodies("002")["login response"]["data"]["user"])
    assert plain(api.post("/planner/keywords/", {"keyword": "x"})) == NOT_FOUND
    assert plain(api.post("/auth/login/", {"email": "user@example.com"})) == {
        "success": False,
        "error": "Validation failed",
        "errors": {"password": ["Password is required"]},
        "request_id": "str",
    }


def test_the_python_client_refreshes_when_its_token_has_expired(api: Any) -> None:
    """An expired token is replaced before the next request, as often as it expires."""
    seen = {api.access_token}
    for _ in range(3):
        api.token_expires_at = datetime.now()  # noqa: DTZ005 - the sample's own clock
        assert api.get("/auth/me/")["success"] is True
        seen.add(api.access_token)
    assert len(seen) == 4


def test_the_python_client_is_told_that_a_refresh_failed(api: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """After a logout the client prints our error."""
    assert api.post("/auth/logout/", {})["success"] is True
    assert api.refresh_access_token() is False
    assert capsys.readouterr().out == "Token refresh failed: Invalid or expired refresh token\n"


def test_the_whole_javascript_client(url: str) -> None:
    """The sample runs to its last line; what it then asks for is not ours, and is told so as it expects."""
    keywords = run_node("002_igny8_api.mjs", url, PASSWORD_IN_JAVASCRIPT, then="console.log(JSON.stringify(keywords));")
    assert plain(keywords) == NOT_FOUND


def test_the_javascript_client_reads_posts_and_refreshes(url: str) -> None:
    """Its requests carry a good token, also when the first has expired; a wrong password is an answer, not a crash."""
    results = run_node(
        "002_igny8_api.mjs",
        url,
        until="// Usage",
        then="""
            const api = new Igny8API();
            const wrong = await api.login('user@example.com', 'password');
            const right = await api.login('user@example.com', 'secure_password123');
            const before = api.accessToken;
            api.tokenExpiresAt = new Date(0);
            const me = await api.get('/auth/me/');
            const after = api.accessToken;
            const posted = await api.post('/planner/keywords/', { keyword: 'x' });
            console.log(JSON.stringify({ wrong, right, refreshed: before !== after, me, posted }));
        """,
    )
    assert (results["wrong"], results["right"], results["refreshed"]) == (False, True, True)
    assert results["me"]["data"]["username"] == "user"
    assert plain(results["posted"]) == NOT_FOUND


def newcomer(url: str, name: str) -> str:
    """Register somebody, and return the email address."""
    email = f"{name}@example.com"
    body = {**bodies("002")["register request"], "email": email, "username": name}
    assert post(url, "register/", body)["success"] is True
    return email


def client_of(url: str, email: str) -> Any:
    """Return an `Igny8API` in Python of somebody else who has logged in."""
    api = run_python("002_igny8_api.py", url, until="# Usage")["Igny8API"]()
    assert api.login(email, "secure_password123") is True
    return api


def test_the_python_client_invites_and_lists_members(server: Server, url: str, api: Any) -> None:
    """An owner's client invites and lists; that of a viewer is told that it may not, as it expects."""
    email = newcomer(url, "guest")
    invited = api.post("/auth/invitations/", {"email": email, "role": "viewer"})["data"]
    assert (invited["email"], invited["role"]) == (email, "viewer")
    guest = client_of(url, email)
    token = server.mailed("/invitations/page", email)[0].rpartition("=")[2]
    joined = guest.post("/auth/invitations/accept/", {"token": token})["data"]
    assert (joined["role"], joined["account"]) == ("viewer", api.get("/auth/me/")["data"]["account"])
    members = api.get("/auth/members/")["data"]["members"]
    assert {(each["email"], each["role"]) for each in members} >= {("user@example.com", "owner"), (email, "viewer")}
    assert guest.get("/auth/me/")["data"]["id"] in {each["user_id"] for each in members}
    for refused in (guest.get("/auth/members/"), guest.post("/auth/invitations/", {"email": email, "role": "owner"})):
        assert plain(refused) == FORBIDDEN


def test_the_python_client_makes_keys_and_uses_them(api: Any) -> None:
    """A key is made and listed; as the client's token it reads, and does not make another key."""
    made = api.post("/auth/keys/", {"name": "Planner"})["data"]
    assert [each["name"] for each in api.get("/auth/keys/")["data"]["keys"]].count("Planner") == 1
    api.access_token = made["api_key"]
    assert api.get("/auth/me/")["data"]["email"] == "user@example.com"
    refused = {**FORBIDDEN, "error": "An API key cannot do this, please sign in"}
    assert plain(api.post("/auth/keys/", {"name": "Another"})) == refused
    api.access_token = f"{made['api_key'][:-1]}!"
    for endpoint in ("/auth/me/", "/auth/keys/", "/auth/members/"):
        assert plain(api.get(endpoint)) == UNAUTHORIZED


def test_the_javascript_client_invites_makes_keys_and_reads_errors(url: str) -> None:
    """It does the same, and reads `error` where it is refused."""
    newcomer(url, "coder")
    results = run_node(
        "002_igny8_api.mjs",
        url,
        until="// Usage",
        then="""
            const api = new Igny8API();
            await api.login('coder@example.com', 'secure_password123');
            const invited = await api.post('/auth/invitations/', { email: 'pair@example.com', role: 'editor' });
            const members = await api.get('/auth/members/');
            const made = await api.post('/auth/keys/', { name: 'Planner', scopes: ['profile:read'] });
            const keys = await api.get('/auth/keys/');
            api.accessToken = made.data.api_key;
            const me = await api.get('/auth/me/');
            const forbidden = await api.get('/auth/members/');
            api.accessToken = 'expired';
            const unauthorized = await api.get('/auth/keys/');
            console.log(JSON.stringify({ invited, members, keys, me, forbidden, unauthorized }));
        """,
    )
    assert (results["invited"]["data"]["email"], results["invited"]["data"]["role"]) == ("pair@example.com", "editor")
    (member,) = results["members"]["data"]["members"]
    assert (member["username"], member["role"], member["user_id"]) == ("coder", "owner", results["me"]["data"]["id"])
    assert [each["name"] for each in results["keys"]["data"]["keys"]] == ["Planner"]
    assert plain(results["forbidden"]) == FORBIDDEN
    assert plain(results["unauthorized"]) == UNAUTHORIZED


def test_curl(url: str) -> None:
    """Logging in by curl prints tokens, and using one prints an answer that can be read."""
    login = run_curl("002_login.sh", url, PASSWORD_IN_CURL)
    assert plain(login) == plain(bodies("002")["login response"])
    assert plain(run_curl("002_use_token.sh", url, {"YOUR_TOKEN": login["data"]["access"]})) == NOT_FOUND


def test_curl_as_printed(url: str) -> None:
    """With the password that nobody has, curl prints an error that can be read."""
    assert plain(run_curl("002_login.sh", url)) == {**UNAUTHORIZED, "error": "Invalid email or password"}


def option_1(url: str, api: Any, *, expired: bool) -> Callable[[], str]:
    """Return option 1's `get_access_token`, with the tokens of somebody who has logged in."""
    variables = run_python(
        "002_option_1.py",
        url,
        requests=requests,
        BASE_URL=f"{url}/api/v1",
        current_token=api.access_token,
        refresh_token=api.refresh_token,
        is_token_expired=lambda _token: expired,
    )
    get_access_token: Callable[[], str] = variables["get_access_token"]
    return get_access_token


def test_option_1_uses_its_token_while_it_is_good(url: str, api: Any) -> None:
    """A token that has not expired is not refreshed."""
    assert option_1(url, api, expired=False)() == api.access_token


def test_option_1_keeps_its_refresh_token(url: str, api: Any) -> None:
    """It refreshes with one and the same refresh token for as long as it likes, also when others refresh meanwhile."""
    get_access_token = option_1(url, api, expired=True)
    seen = {api.access_token}
    for _ in range(3):
        assert api.refresh_access_token() is True
        api.access_token = get_access_token()
        assert api.get("/auth/me/")["success"] is True
        seen.add(api.access_token)
    assert len(seen) == 4


def test_option_2_logs_in_again(url: str, api: Any) -> None:
    """`login` returns an access token."""
    option = run_python(
        "002_option_2.py",
        url,
        requests=requests,
        BASE_URL=f"{url}/api/v1",
        email="user@example.com",
        password="secure_password123",
    )
    api.access_token = option["login"]()
    assert api.get("/auth/me/")["success"] is True


def test_the_retry_snippet_gets_over_a_401(url: str, api: Any) -> None:
    """Our 401 makes it refresh, and its second request succeeds; without a good token it gives up."""
    retry = run_python(
        "002_retry.py", url, requests=requests, refresh_token=api.refresh_access_token, get_headers=api.get_headers
    )["make_request_with_retry"]
    me = f"{url}/api/v1/auth/me/"
    assert retry(me, {"Authorization": "Bearer expired"})["data"]["username"] == "user"
    api.refresh_token = api.access_token = None
    with pytest.raises(Exception, match="Max retries exceeded"):
        retry(me, {})


def test_our_tokens_pass_the_structure_check(url: str, api: Any) -> None:
    """`validate_token` decodes both kinds of token and reads their `exp`; of anything else it says no."""
    validate = run_python("002_validate_token.py", url, datetime=datetime)["validate_token"]
    assert [validate(token) for token in (api.access_token, api.refresh_token, "a.b.c")] == [True, True, False]
