"""The providers that people may sign in with, by name."""

from collections.abc import Mapping
from typing import Protocol

from keyfob.clock import Clock, now
from keyfob.model.identity import Identity
from keyfob.oauth.configuration import GitHubSettings, ProviderSettings, read_providers
from keyfob.oauth.github import GitHubProvider
from keyfob.oauth.oidc import OidcProvider


class Provider(Protocol):
    """One provider. It keeps the public documents that it fetched for a while, and nothing of anybody's sign-in."""

    name: str
    issuer: str

    def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, code_verifier: str) -> str:
        """Return where to send the browser to ask for an authorization code (RFC 6749, section 4.1.1).

        `state`, `nonce` and `code_verifier` (43 to 128 characters: RFC 7636, section 4.1) are random, made for this
        one sign-in, and remembered together with the provider's name. Raises `Unavailable` and `UntrustedIdentity`.
        """

    def identify(self, *, code: str, redirect_uri: str, nonce: str, code_verifier: str, now: int) -> Identity:
        """Return whom the provider sent back with `code`; the other arguments are what `authorization_url` was given.

        `now` is in seconds since the epoch. The state is the caller's to check, before this. Raises
        `AuthorizationCodeRejected`, `UntrustedIdentity`, `Unavailable`, and `InternalError` if the provider does not
        know us, which is a fault of the deployment's.
        """


class Providers:
    """The providers of a deployment."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        """Take the providers by name."""
        self._providers = dict(providers)

    @classmethod
    def from_json(cls, text: str, clock: Clock = now) -> "Providers":
        """Return the providers that a document names (`keyfob.oauth.configuration`); nothing is called yet.

        `clock` tells how old fetched documents are. Raises `InvalidProviders`.
        """
        return cls({name: _provider(settings, clock) for name, settings in read_providers(text).items()})

    def get(self, name: str) -> Provider | None:
        """Return the provider called `name`, or `None` if there is none."""
        return self._providers.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The providers' names, in the document's order."""
        return tuple(self._providers)


def _provider(settings: ProviderSettings, clock: Clock) -> Provider:
    return GitHubProvider(settings) if isinstance(settings, GitHubSettings) else OidcProvider(settings, clock)
