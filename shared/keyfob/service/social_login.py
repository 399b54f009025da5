"""Signing in at a provider: a browser is sent there, and comes back with a code (RFC 6749, section 4.1).

Each sign-in has a secret of its own, which only the browser's cookie holds. What is stored names the secret's digest,
and the PKCE code verifier (RFC 7636) is derived from it. So neither who sees the provider's answer go by nor who reads
our tables can go on with somebody's sign-in, and nobody is signed in by an answer that another browser asked for
(RFC 6749, section 10.12; RFC 9700, section 4.7).
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from keyfob.crypto.base64url import encode
from keyfob.crypto.digest import derived, digest, fingerprint, is_digest_of
from keyfob.crypto.random import new_secret
from keyfob.errors import AuthorizationDenied, InvalidState, Unavailable
from keyfob.model.identity import Identity
from keyfob.oauth.providers import Provider
from keyfob.store.oauth_states import OAuthState, OAuthStates

LIFETIME_SECONDS = 600
"""How long somebody may stay at the provider."""


class Place(NamedTuple):
    """Where somebody signs in: the contract, and the URL that the provider sends the browser back to."""

    contract: str
    redirect_uri: str


class Beginning(NamedTuple):
    """A sign-in that has begun: the provider's URL to send the browser to, and the secret for its cookie to hold."""

    url: str
    secret: bytes


class ProviderAnswer(NamedTuple):
    """What a browser brings back: the state and either a code or, without one, what went wrong."""

    state: str
    code: str | None
    error: str


class Return(NamedTuple):
    """Who came back, where the browser wants to go on if not here, and the secret that is used up with that."""

    identity: Identity
    redirect_to: str | None
    secret: bytes


def begin(provider: Provider, place: Place, redirect_to: str | None, *, states: OAuthStates, now: int) -> Beginning:
    """Begin a sign-in, one that other sign-ins of the same browser leave alone.

    Raises `Unavailable` or `UntrustedIdentity` if the provider's endpoints must be found and cannot be; then nothing is
    stored.
    """
    secret, state, nonce = new_secret(), encode(new_secret()), encode(new_secret())
    url = provider.authorization_url(
        redirect_uri=place.redirect_uri, state=state, nonce=nonce, code_verifier=_code_verifier(secret, state)
    )
    states.put(
        OAuthState(
            digest=fingerprint(state),
            browser=digest(secret),
            provider=provider.name,
            contract=place.contract,
            nonce=nonce,
            redirect_to=redirect_to,
            expires_at=now + LIFETIME_SECONDS,
        )
    )
    return Beginning(url, secret)


def come_back(
    answer: ProviderAnswer,
    provider: Provider,
    place: Place,
    secrets: Sequence[bytes],
    *,
    states: OAuthStates,
    now: int,
) -> Return:
    """Go on with the sign-in that the provider answers, and return who it is; `secrets` are what the cookie holds.

    Raises `InvalidState` for a browser that did not begin it, which uses up neither state nor code, and if it has
    expired, is used up, or began at another provider or contract (mix-up: RFC 9700, section 4.4). Then the state is
    used up, whatever comes of it: raises `AuthorizationDenied`, and as `Provider.identify` does. After `Unavailable`
    alone the state is as before, so that the same request may be sent again: if the provider has taken the code after
    all, it is the provider that refuses it then.
    """
    begun, secret = _begun(answer.state, provider, place, secrets, states, now)
    states.take(begun, now)
    if answer.code is None:
        raise AuthorizationDenied(answer.error)
    try:
        identity = provider.identify(
            code=answer.code,
            redirect_uri=place.redirect_uri,
            nonce=begun.nonce,
            code_verifier=_code_verifier(secret, answer.state),
            now=now,
        )
    except Unavailable:
        with suppress(Unavailable):
            states.put(begun)
        raise
    return Return(identity, begun.redirect_to, secret)


def _begun(
    state: str, provider: Provider, place: Place, secrets: Sequence[bytes], states: OAuthStates, now: int
) -> tuple[OAuthState, bytes]:
    """Return the live sign-in that a state is of, and the one of the browser's `secrets` that belongs to it."""
    if not secrets:
        raise InvalidState("a browser without a sign-in")
    begun = states.find(fingerprint(state))
    if begun is None or begun.expires_at <= now:
        raise InvalidState("unknown, used or expired")
    if (begun.provider, begun.contract) != (provider.name, place.contract):
        raise InvalidState(f"begun at {begun.provider} on {begun.contract}")
    for secret in secrets:
        if is_digest_of(begun.browser, secret):
            return begun, secret
    raise InvalidState("begun by another browser")


def _code_verifier(secret: bytes, state: str) -> str:
    return derived(secret, f"code verifier of {state}")
