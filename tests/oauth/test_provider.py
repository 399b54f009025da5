"""The provider that the other tests trust: it must be strict where they say that it refuses."""

from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.npm import NpmPackages, Unavailable
from tests.oauth.attempts import REDIRECT_URI, client
from tests.provider import Provider, require_provider, running
from tests.test_start_up import start


def test_importing_our_side_is_cheap() -> None:
    """Neither Authlib, joserfc nor requests is loaded before a provider is called."""
    modules, _ = start("keyfob.oauth.providers", {})
    assert not modules & {"authlib", "joserfc", "requests", "urllib3", "jwt", "cryptography"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wanted", "instead"),
    [("client_id=", "client_id=another+"), ("S256", "plain"), ("code_challenge=", "x="), ("type=code", "type=token")],
)
def test_a_wrong_request_gets_no_code(provider: Provider, wanted: str, instead: str) -> None:
    """The provider gives codes to its client, under PKCE, alone."""
    url = client(issuer=provider.url).authorization_url(
        redirect_uri=REDIRECT_URI, state="s", nonce="n", code_verifier="v" * 43
    )
    assert provider.authorize(url).code
    with pytest.raises(HTTPError, match="400"):
        provider.authorize(url.replace(wanted, instead))


@pytest.mark.slow
def test_somebody_may_say_no(provider: Provider) -> None:
    """The browser comes back with an error and the state then, and with no code."""
    provider.configure(denial="access_denied")
    for ours in (client(issuer=provider.url), client("github", base_url=provider.url)):
        url = ours.authorization_url(redirect_uri=REDIRECT_URI, state="s", nonce="n", code_verifier="v" * 43)
        assert provider.redirect(url) == f"{REDIRECT_URI}?error=access_denied&state=s"


@pytest.mark.slow
def test_a_start_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Node's own words are in the error."""
    require_provider()
    monkeypatch.setattr(NpmPackages, "fetch", lambda _packages: tmp_path)
    with pytest.raises(Unavailable, match="express"), running():
        pass
