"""What a sign-in must not leave behind: in the log, in errors, in what objects say of themselves."""

import logging
import traceback
from secrets import token_urlsafe
from typing import Any

import pytest
from keyfob.errors import KeyfobError, Unavailable
from keyfob.oauth.client import Tokens
from keyfob.oauth.configuration import Credentials

from tests.oauth.attempts import Attempt, client
from tests.provider import CLIENT_SECRET, Provider

NOWHERE = "http://127.0.0.1:1"


def settings(kind: str, url: str) -> dict[str, Any]:
    """Return what a provider of a kind is set to."""
    return {"kind": kind, "base_url": url} if kind == "github" else {"kind": kind, "issuer": url}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["oidc", "github"])
@pytest.mark.parametrize(
    "fault",
    [
        None,
        {"status": 500, "body": "echo"},
        {"hang_up": True},
        {"status": 200, "body": "not JSON"},
        {"status": 302, "headers": {"Location": NOWHERE}},
        {"status": 400, "body": {"error": "invalid_grant", "error_description": "eyJ gho_"}},
        {"status": 200, "body": {"access_token": "gho_\n", "token_type": "Bearer"}},
        {"status": 200, "body": {"access_token": "gho_1", "token_type": "Bearer", "id_token": "eyJ.eyJ.x"}},
    ],
    ids=str,
)
def test_nothing_secret_is_logged_or_told(
    provider: Provider, kind: str, fault: dict[str, Any] | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the secret nor the code, verifier, nonce and tokens are in any log line or traceback."""
    caplog.set_level(logging.DEBUG)
    attempt = Attempt(provider, client(**settings(kind, provider.url))).authorize()
    path = "/token" if kind == "oidc" else "/login/oauth/access_token"
    provider.configure(faults={path: fault} if fault else {})
    text = ""
    try:
        attempt.identify()
    except KeyfobError as error:
        text = "".join(traceback.format_exception(error))
    assert bool(text) == bool(fault)
    said = caplog.text + text
    assert said
    for secret in (CLIENT_SECRET, attempt.code, attempt.code_verifier, attempt.nonce, "eyJ", "gho_"):
        assert secret not in said


def test_a_provider_that_is_down_is_told_without_secrets() -> None:
    """Nor when nobody answers at all."""
    attempt = Attempt(Provider(NOWHERE), client("github", base_url=NOWHERE), code=token_urlsafe())
    with pytest.raises(Unavailable) as raised:
        attempt.identify()
    text = "".join(traceback.format_exception(raised.value))
    for secret in (CLIENT_SECRET, attempt.code, attempt.code_verifier, attempt.nonce):
        assert secret not in text


def test_objects_keep_their_secrets_to_themselves() -> None:
    """What is printed by accident shows neither secret nor tokens."""
    assert "hidden" not in repr(Credentials("id", "hidden"))
    assert "hidden" not in repr(Tokens("hidden", "hidden"))
