"""A browser that signs in at the provider, and what the deployment knows of the provider."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from boto3 import Session as Boto

from tests.house import House, Reply, unique
from tests.provider import CLIENT_ID, CLIENT_SECRET, Provider

HTML = {"Accept": "text/html,application/xhtml+xml"}
OAUTH_COOKIE = "__Host-oauth"

_CLIENT = MappingProxyType({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
_numbers = itertools.count(1)


def providers_at(url: str) -> str:
    """Return the document that names three providers: GitHub, Google, and an issuer of OpenID Connect called acme."""
    providers = {
        "github": {**_CLIENT, "base_url": url},
        "google": {**_CLIENT, "issuer": url},
        "acme": {**_CLIENT, "issuer": url},
    }
    return json.dumps({"providers": providers})


def put_providers(house: House, document: str) -> None:
    """Write the secret that names the providers, as the deployment's owner does."""
    secret = house.deployment.functions["oauth"].environment["OAUTH_PROVIDERS_SECRET"]
    Boto().client("secretsmanager").put_secret_value(SecretId=secret, SecretString=document)


def query_of(url: str) -> dict[str, str]:
    """Return a URL's query parameters."""
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


@dataclass
class Person:
    """Somebody known to the provider."""

    email: str
    sub: str = field(default_factory=lambda: f"subject-{next(_numbers)}")
    login: str = field(default_factory=lambda: unique("octocat"))

    @classmethod
    def new(cls) -> "Person":
        """Return somebody new."""
        return cls(f"{unique('person')}@example.com")

    def at(self, provider: Provider, *, verified: bool = True, **claims: Any) -> "Person":
        """Let the provider tell of this person from now on."""
        number = int(self.sub.rpartition("-")[2])
        told = {"sub": self.sub, "name": "Ada Lovelace", "preferred_username": self.login, "email": self.email}
        provider.configure(
            claims={**told, "email_verified": verified, **claims},
            github_user={"id": number, "login": self.login, "name": "Ada Lovelace"},
            github_emails=[{"email": self.email, "primary": True, "verified": verified}],
        )
        return self


@dataclass
class Browser:
    """A browser with its cookies, on one contract."""

    house: House
    provider: Provider
    contract: str = "standard"
    jar: dict[str, str] = field(default_factory=dict)

    def start(self, name: str = "google", redirect_to: str | None = None, **options: Any) -> Reply:
        """Ask to sign in at a provider."""
        query = urlencode({"redirect_to": redirect_to}) if redirect_to is not None else ""
        return self._visit("oauth", name, query, **options)

    def authorize(self, started: Reply) -> dict[str, str]:
        """Follow the redirect to the provider, sign in there, and return the query of the way back."""
        assert started.status == 302, started.text
        return query_of(self.provider.redirect(started.headers["location"]))

    def come_back(self, name: str, query: dict[str, str] | str, **options: Any) -> Reply:
        """Come back from a provider."""
        return self._visit("oauth_callback", name, query if isinstance(query, str) else urlencode(query), **options)

    def sign_in(self, name: str = "google", redirect_to: str | None = None, **options: Any) -> Reply:
        """Go the whole way."""
        return self.come_back(name, self.authorize(self.start(name, redirect_to)), **options)

    def on(self, contract: str) -> "Browser":
        """Return the same browser at another contract."""
        return Browser(self.house, self.provider, contract, self.jar)

    def _visit(self, endpoint: str, provider: str, query: str, **options: Any) -> Reply:
        cookie = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        headers = {**({"Cookie": cookie} if cookie else {}), **options.pop("headers", {})}
        reply = self.house.client(self.contract).call(
            endpoint, path={"provider": provider}, query=query, headers=headers, **options
        )
        for name, value in reply.cookies.items():
            self.jar.pop(name, None)
            if value:
                self.jar[name] = value
        return reply


def states(house: House) -> list[dict[str, Any]]:
    """Return every sign-in that is stored, as it is stored."""
    return [item for item in house.items("OneTimeTable") if item["pk"]["S"].startswith("STATE#")]


@contextmanager
def nothing_made(house: House) -> Iterator[None]:
    """Check that meanwhile no user, link or session was made or changed."""
    before = house.everything()
    yield
    assert house.everything() == before
