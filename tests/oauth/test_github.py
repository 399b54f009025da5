"""Signing in at GitHub, and at what speaks like it, over HTTP."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from keyfob.errors import AuthorizationCodeRejected, InternalError, Unavailable, UntrustedIdentity
from keyfob.model.identity import Identity
from keyfob.model.user import PersonName

from tests.oauth.attempts import REDIRECT_URI, Attempt, client, sign_in
from tests.provider import CLIENT_ID, Provider

pytestmark = pytest.mark.slow

PRIMARY = {"email": "octocat@Example.com", "primary": True, "verified": True}
OTHER = {"email": "other@example.com", "primary": False, "verified": True}
UNVERIFIED = {"email": "new@example.com", "primary": True, "verified": False}


def test_somebody_is_who_the_api_says(provider: Provider) -> None:
    """The subject is the account's number, and the email its primary address."""
    assert sign_in(provider, client("github", base_url=provider.url, api_url=provider.url)) == Identity(
        issuer=provider.url,
        subject="583231",
        email="octocat@example.com",
        email_verified=True,
        name=PersonName("The Octocat", "The", "Octocat"),
        username="octocat",
    )


def test_github_enterprise_has_its_own_name_and_addresses(provider: Provider) -> None:
    """Any name will do with the kind, and the API is where GitHub Enterprise Server has it."""
    ours = client("our-forge", kind="github", base_url=f"{provider.url}/")
    assert sign_in(provider, ours).issuer == provider.url
    assert provider.calls()["/api/v3/user"] == 1


def test_github_itself_needs_no_address() -> None:
    """The browser is sent to github.com, with PKCE, the one scope that is needed, and no nonce."""
    url = client("github").authorization_url(
        redirect_uri=REDIRECT_URI, state="s", nonce="n", code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    assert url.startswith("https://github.com/login/oauth/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": [CLIENT_ID],
        "redirect_uri": [REDIRECT_URI],
        "scope": ["user:email"],
        "state": ["s"],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
    }


@pytest.mark.parametrize(
    ("emails", "address", "verified"),
    [
        ([OTHER, PRIMARY], "octocat@example.com", True),
        ([UNVERIFIED, PRIMARY], "octocat@example.com", True),
        ([OTHER, UNVERIFIED], "new@example.com", False),
        ([OTHER], None, False),
        ([], None, False),
        ([{**PRIMARY, "email": "no address"}, None, 7], None, False),
    ],
    ids=["primary", "verified first", "unverified", "none primary", "none", "malformed"],
)
def test_the_primary_address_counts(
    provider: Provider, emails: list[Any], address: str | None, verified: object
) -> None:
    """Another address is not taken for it, and an unverified one is not called verified."""
    provider.configure(github_emails=emails)
    found = sign_in(provider, client("github", base_url=provider.url))
    assert (found.email, found.email_verified) == (address, verified)


@pytest.mark.parametrize(
    "user", [{}, [], {"id": None}, {"id": "583231"}, {"id": True}, {"id": 0}, {"id": 1.5}], ids=str
)
def test_no_number_is_no_identity(provider: Provider, user: object) -> None:
    """A login can change hands, so it does not do instead."""
    provider.configure(github_user=user)
    with pytest.raises(UntrustedIdentity):
        sign_in(provider, client("github", base_url=provider.url))


def test_names_are_hostile_text_here_too(provider: Provider) -> None:
    """What is no name and no username is left out."""
    provider.configure(github_user={"id": 1, "login": "a b", "name": "\u202e\u2066"})
    found = sign_in(provider, client("github", base_url=provider.url))
    assert (found.name, found.username) == (PersonName(None, "", ""), None)


@pytest.mark.parametrize("changes", [{"code_verifier": "w" * 43}, {"code": "made-up"}])
def test_errors_under_status_200_are_seen(provider: Provider, changes: dict[str, str]) -> None:
    """GitHub answers 200 to a code that it refuses."""
    with pytest.raises(AuthorizationCodeRejected):
        Attempt(provider, client("github", base_url=provider.url)).authorize().identify(**changes)


def test_a_code_is_good_once(provider: Provider) -> None:
    """A replayed code is refused."""
    attempt = Attempt(provider, client("github", base_url=provider.url)).authorize()
    attempt.identify()
    with pytest.raises(AuthorizationCodeRejected):
        attempt.identify()


def test_a_wrong_secret_is_a_fault_of_ours(provider: Provider) -> None:
    """GitHub's own word for it is known."""
    with pytest.raises(InternalError, match="incorrect_client_credentials"):
        sign_in(provider, client("github", base_url=provider.url, client_secret="another"))


@pytest.mark.parametrize("path", ["/login/oauth/access_token", "/api/v3/user", "/api/v3/user/emails"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 502}, Unavailable),
        ({"hang_up": True}, Unavailable),
        ({"status": 403, "body": {"message": "Forbidden"}}, UntrustedIdentity),
        ({"status": 200, "body": "<html>"}, UntrustedIdentity),
        ({"status": 200, "body": {}}, UntrustedIdentity),
    ],
    ids=str,
)
def test_half_an_answer_is_none(provider: Provider, path: str, fault: dict[str, Any], error: type[Exception]) -> None:
    """Somebody whose emails cannot be read is not somebody without emails."""
    provider.configure(faults={path: fault})
    with pytest.raises(error):
        sign_in(provider, client("github", base_url=provider.url))
