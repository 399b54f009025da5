"""The document that says which providers there are: the text of one secret.

    {"providers": {
      "github": {"client_id": "…", "client_secret": "…"},
      "google": {"client_id": "…", "client_secret": "…"},
      "acme": {"issuer": "https://id.acme.example", "client_id": "…", "client_secret": "…"}}}

`github` and `google` are known; every other provider is an OpenID Connect issuer, unless its `kind` says ``github``,
which is how GitHub Enterprise goes by a name of its own. `email_domains` keeps a provider to vouching for addresses of
these domains: one that a company runs for its own people should not speak for everybody's.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keyfob.oauth.urls import checked_endpoint, checked_issuer

GITHUB_URL = "https://github.com"
GITHUB_API_URL = "https://api.github.com"
GOOGLE_ISSUER = "https://accounts.google.com"

AUTH_METHODS = ("client_secret_basic", "client_secret_post")
"""How a client may authenticate to a token endpoint (OpenID Connect Core 1.0, section 9), in order of preference."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_FIELD = re.compile(r"[A-Za-z0-9_-]{1,40}")
_CREDENTIAL = re.compile(r"[\x20-\x7e]{1,1024}")  # RFC 6749, appendices A.1 and A.2
_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}")  # RFC 6749, appendix A.4

_COMMON = frozenset(
    {
        "kind",
        "client_id",
        "client_secret",
        "scopes",
        "email_domains",
        "authorization_endpoint",
        "token_endpoint",
    }
)
_FIELDS = {
    "github": _COMMON | {"base_url", "api_url"},
    "oidc": _COMMON | {"issuer", "jwks_uri", "userinfo_endpoint", "token_endpoint_auth_method"},
}


class InvalidProviders(ValueError):
    """The document is malformed. The text names the provider and the field, and quotes no value."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What we are to a provider."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubSettings:
    """One provider that speaks as GitHub does."""

    name: str
    credentials: Credentials
    base_url: str
    api_url: str
    scopes: Sequence[str]
    email_domains: frozenset[str]
    authorization_endpoint: str
    token_endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """One issuer of OpenID Connect. What is `None` is for its discovery document to say."""

    name: str
    credentials: Credentials
    issuer: str
    scopes: Sequence[str]
    email_domains: frozenset[str]
    authorization_endpoint: str | None
    token_endpoint: str | None
    jwks_uri: str | None
    userinfo_endpoint: str | None
    auth_method: str | None


ProviderSettings = GitHubSettings | OidcSettings


def read_providers(text: str) -> dict[str, ProviderSettings]:
    """Return the providers in the document `text`, by name; other members beside ``providers`` are others' business.

    Raises `InvalidProviders`.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidProviders("the document is not JSON") from None
    providers = document.get("providers") if isinstance(document, dict) else None
    if not isinstance(providers, dict):
        raise InvalidProviders("the document has no object 'providers'")
    return {name: _provider(name, members) for name, members in providers.items()}


def _provider(name: str, members: object) -> ProviderSettings:
    if not _NAME.fullmatch(name):
        raise InvalidProviders("a provider's name must have 1 to 32 characters of a-z, 0-9 and -, and not begin with -")
    if not isinstance(members, dict):
        raise InvalidProviders(f"provider {name!r} must be an object")
    fields = _Fields(name, members)
    kind = fields.choice("kind", ("oidc", "github")) or ("github" if name == "github" else "oidc")
    fields.refuse_others(_FIELDS[kind])
    return _github(fields) if kind == "github" else _oidc(fields)


def _github(fields: "_Fields") -> GitHubSettings:
    base_url = (fields.read("base_url", checked_issuer) or GITHUB_URL).rstrip("/")
    api_url = GITHUB_API_URL if base_url == GITHUB_URL else f"{base_url}/api/v3"
    return GitHubSettings(
        name=fields.provider,
        credentials=fields.credentials(),
        base_url=base_url,
        api_url=(fields.read("api_url", checked_issuer) or api_url).rstrip("/"),
        scopes=fields.scopes("user:email"),
        email_domains=fields.domains(),
        authorization_endpoint=fields.endpoint("authorization_endpoint") or f"{base_url}/login/oauth/authorize",
        token_endpoint=fields.endpoint("token_endpoint") or f"{base_url}/login/oauth/access_token",
    )


def _oidc(fields: "_Fields") -> OidcSettings:
    issuer = fields.read("issuer", checked_issuer) or (GOOGLE_ISSUER if fields.provider == "google" else None)
    if issuer is None:
        raise fields.invalid("issuer", "is missing")
    scopes = fields.scopes("openid", "email", "profile")
    if "openid" not in scopes:
        raise fields.invalid("scopes", "must contain openid")
    return OidcSettings(
        name=fields.provider,
        credentials=fields.credentials(),
        issuer=issuer,
        scopes=scopes,
        email_domains=fields.domains(),
        authorization_endpoint=fields.endpoint("authorization_endpoint"),
        token_endpoint=fields.endpoint("token_endpoint"),
        jwks_uri=fields.endpoint("jwks_uri"),
        userinfo_endpoint=fields.endpoint("userinfo_endpoint"),
        auth_method=fields.choice("token_endpoint_auth_method", AUTH_METHODS),
    )


class _Fields:
    """The members of one provider."""

    def __init__(self, provider: str, members: Mapping[str, Any]) -> None:
        self.provider = provider
        self._members = members

    def invalid(self, name: str, complaint: str) -> InvalidProviders:
        return InvalidProviders(f"provider {self.provider!r}: {name} {complaint}")

    def refuse_others(self, known: frozenset[str]) -> None:
        for name in sorted(self._members.keys() - known):
            raise self.invalid(repr(name) if _FIELD.fullmatch(name) else "a field", "is not known")

    def read(self, name: str, check: Callable[[object], str]) -> str | None:
        if name not in self._members:
            return None
        try:
            return check(self._members[name])
        except ValueError as error:
            raise self.invalid(name, str(error)) from None

    def endpoint(self, name: str) -> str | None:
        return self.read(name, checked_endpoint)

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        value = self._members.get(name)
        if name in self._members and value not in choices:
            raise self.invalid(name, f"must be one of {', '.join(choices)}")
        return value

    def credentials(self) -> Credentials:
        return Credentials(self._credential("client_id"), self._credential("client_secret"))

    def scopes(self, *default: str) -> tuple[str, ...]:
        scopes = self._members.get("scopes", default)
        if not isinstance(scopes, Sequence) or isinstance(scopes, str) or not scopes:
            raise self.invalid("scopes", "must be a list of strings")
        if not all(isinstance(scope, str) and _SCOPE.fullmatch(scope) for scope in scopes):
            raise self.invalid("scopes", "must be a list of scopes (RFC 6749, section 3.3)")
        return tuple(scopes)

    def domains(self) -> frozenset[str]:
        """Return the domains whose addresses this provider may vouch for; none means those of all."""
        domains = self._members.get("email_domains", [])
        if not isinstance(domains, list) or not all(
            isinstance(each, str) and _DOMAIN.fullmatch(each) for each in domains
        ):
            raise self.invalid("email_domains", "must be a list of domains in lower case")
        return frozenset(domains)

    def _credential(self, name: str) -> str:
        value = self._members.get(name)
        if value is None or value == "":
            raise self.invalid(name, "is missing")
        if not isinstance(value, str) or not _CREDENTIAL.fullmatch(value):
            raise self.invalid(name, "must be a string of printable ASCII characters")
        return value
