"""Signing in at the provider, step by step."""

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from keyfob.model.identity import Identity
from keyfob.oauth.providers import Provider as Client
from keyfob.oauth.providers import Providers

from tests.provider import CLIENT_ID, CLIENT_SECRET, Provider

REDIRECT_URI = "http://127.0.0.1:8000/pythonorg/callback"


@dataclass
class Time:
    """A clock for cached documents, which a test moves."""

    now: int = 1_800_000_000

    def __call__(self) -> int:
        """Return the time."""
        return self.now


def client(name: str = "acme", clock: Time | None = None, **settings: Any) -> Client:
    """Return our side of one provider."""
    document = {"providers": {name: {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **settings}}}
    found = Providers.from_json(json.dumps(document), clock or Time()).get(name)
    assert found is not None
    return found


@dataclass
class Attempt:
    """One person's way through the provider and back."""

    provider: Provider
    client: Client
    state: str = field(default_factory=secrets.token_urlsafe)
    nonce: str = field(default_factory=secrets.token_urlsafe)
    code_verifier: str = field(default_factory=secrets.token_urlsafe)
    code: str = ""

    def authorize(self) -> "Attempt":
        """Fetch the code, as a browser does."""
        url = self.client.authorization_url(
            redirect_uri=REDIRECT_URI, state=self.state, nonce=self.nonce, code_verifier=self.code_verifier
        )
        answer = self.provider.authorize(url)
        assert answer.state == self.state
        self.code = answer.code
        return self

    def identify(self, **changes: Any) -> Identity:
        """Redeem the code, with some arguments changed."""
        arguments: dict[str, Any] = {
            "code": self.code,
            "redirect_uri": REDIRECT_URI,
            "nonce": self.nonce,
            "code_verifier": self.code_verifier,
            "now": int(time.time()),
        }
        return self.client.identify(**{**arguments, **changes})


def sign_in(provider: Provider, ours: Client) -> Identity:
    """Go the whole way."""
    return Attempt(provider, ours).authorize().identify()
