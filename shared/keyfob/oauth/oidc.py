"""Issuers of OpenID Connect, by their discovery documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keyfob.clock import Clock
from keyfob.errors import UntrustedIdentity
from keyfob.model.identity import Identity
from keyfob.oauth import profile
from keyfob.oauth.authorization import authorization_url
from keyfob.oauth.cache import Cached
from keyfob.oauth.configuration import AUTH_METHODS, OidcSettings
from keyfob.oauth.urls import checked_endpoint

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

    from keyfob.oauth.client import Client

DISCOVERY_PATH = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Where an issuer answers, and how we authenticate to it."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    auth_method: str


class OidcProvider:
    """One issuer of OpenID Connect."""

    def __init__(self, settings: OidcSettings, clock: Clock) -> None:
        """Take its settings, and the clock that tells how old its documents are."""
        self.name = settings.name
        self.issuer = settings.issuer
        self._settings = settings
        self._metadata = Cached(self._find_metadata, clock)
        self._keys = Cached(self._fetch_keys, clock)

    def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, code_verifier: str) -> str:
        """Return where to send the browser.

        Raises `Unavailable` and `UntrustedIdentity` if the discovery document must be fetched and cannot be used.
        """
        return authorization_url(
            self._metadata.get().authorization_endpoint,
            self._settings.credentials,
            self._settings.scopes,
            redirect_uri=redirect_uri,
            state=state,
            code_verifier=code_verifier,
            nonce=nonce,
        )

    def identify(self, *, code: str, redirect_uri: str, nonce: str, code_verifier: str, now: int) -> Identity:
        """Return who came back with `code`; `nonce` is the one that the authorization request had.

        Raises `AuthorizationCodeRejected`, `UntrustedIdentity`, `Unavailable`, and `InternalError` if the issuer does
        not know us.
        """
        from keyfob.oauth.client import Client

        metadata = self._metadata.get()
        with Client(self._settings.credentials, metadata.auth_method, metadata.token_endpoint) as client:
            tokens = client.exchange(code=code, redirect_uri=redirect_uri, code_verifier=code_verifier)
            claims = self._claims(tokens.id_token, nonce, now)
            if not claims.get("email") and metadata.userinfo_endpoint:
                claims = _with_user_info(claims, metadata.userinfo_endpoint, client)
        return self._identity(claims)

    def _claims(self, id_token: object, nonce: str, now: int) -> dict[str, Any]:
        from keyfob.oauth.id_token import Expected, UnknownKey, read_id_token

        expected = Expected(self.issuer, self._settings.credentials.client_id, nonce)
        try:
            return read_id_token(id_token, self._keys.get(), expected, now)
        except UnknownKey:
            return read_id_token(id_token, self._keys.reload(), expected, now)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        email = profile.email(claims.get("email"), claims.get("email_verified"), self._settings.email_domains)
        return Identity(
            issuer=self.issuer,
            subject=claims["sub"],
            email=email.address,
            email_verified=email.is_verified,
            name=profile.person_name(claims.get("name"), claims.get("given_name"), claims.get("family_name")),
            username=profile.username(claims.get("preferred_username")),
        )

    def _fetch_keys(self) -> "KeySet":
        from keyfob.oauth.client import public_document
        from keyfob.oauth.id_token import read_key_set

        return read_key_set(public_document(self._metadata.get().jwks_uri))

    def _find_metadata(self) -> Metadata:
        set_up = self._settings
        if set_up.authorization_endpoint and set_up.token_endpoint and set_up.jwks_uri:
            return Metadata(
                authorization_endpoint=set_up.authorization_endpoint,
                token_endpoint=set_up.token_endpoint,
                jwks_uri=set_up.jwks_uri,
                userinfo_endpoint=set_up.userinfo_endpoint,
                auth_method=set_up.auth_method or AUTH_METHODS[0],
            )
        document = self._discovery_document()
        return Metadata(
            authorization_endpoint=set_up.authorization_endpoint or _endpoint(document, "authorization_endpoint"),
            token_endpoint=set_up.token_endpoint or _endpoint(document, "token_endpoint"),
            jwks_uri=set_up.jwks_uri or _endpoint(document, "jwks_uri"),
            userinfo_endpoint=set_up.userinfo_endpoint or _optional_endpoint(document, "userinfo_endpoint"),
            auth_method=set_up.auth_method or _auth_method(document),
        )

    def _discovery_document(self) -> Mapping[str, Any]:
        """Return what the issuer says of itself (OpenID Connect Discovery 1.0, section 4)."""
        from keyfob.oauth.client import public_document

        document = public_document(self.issuer.rstrip("/") + DISCOVERY_PATH)
        if not isinstance(document, dict) or document.get("issuer") != self.issuer:
            raise UntrustedIdentity(f"the discovery document of {self.name} is not its issuer's")
        return document


def _with_user_info(claims: Mapping[str, Any], url: str, client: "Client") -> dict[str, Any]:
    """Return the claims with those of the UserInfo endpoint (OpenID Connect Core 1.0, section 5.3.2).

    Whether an address is verified is believed only where the address itself is told.
    """
    told = client.resource(url)
    if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
        raise UntrustedIdentity("the provider's UserInfo endpoint tells of somebody else")
    return {**claims, "email_verified": None, **told}


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    try:
        return checked_endpoint(document.get(name))
    except ValueError as error:
        raise UntrustedIdentity(f"the discovery document's {name} {error}") from None


def _optional_endpoint(document: Mapping[str, Any], name: str) -> str | None:
    return _endpoint(document, name) if name in document else None


def _auth_method(document: Mapping[str, Any]) -> str:
    supported = document.get("token_endpoint_auth_methods_supported", AUTH_METHODS[:1])
    for method in AUTH_METHODS:
        if isinstance(supported, list | tuple) and method in supported:
            return method
    raise UntrustedIdentity(f"the provider's token endpoint takes none of {', '.join(AUTH_METHODS)}")
