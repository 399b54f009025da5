"""The document that says which providers there are."""

import json
import traceback
from typing import Any

import pytest
from keyfob.oauth.configuration import GitHubSettings, InvalidProviders, OidcSettings, read_providers
from keyfob.oauth.providers import Providers

SECRET = "hunter2-hunter2"
CREDENTIALS = {"client_id": "our-id", "client_secret": SECRET}
ISSUER = "https://id.acme.example"


def document(name: str = "acme", **members: Any) -> str:
    """Return the document with one provider; a member that is `None` is left out."""
    every = {"issuer": ISSUER, **CREDENTIALS, **members}
    return json.dumps({"providers": {name: {key: value for key, value in every.items() if value is not None}}})


def test_providers_are_found_by_name() -> None:
    """Those in the document are there, no others, and other members of it are not ours to judge."""
    text = json.dumps({"providers": {"github": CREDENTIALS, "google": CREDENTIALS}, "smtp": 25})
    providers = Providers.from_json(text)
    assert providers.names == ("github", "google")
    google = providers.get("google")
    assert google is not None
    assert (google.name, google.issuer) == ("google", "https://accounts.google.com")
    assert providers.get("acme") is None


def test_a_deployment_may_have_no_provider() -> None:
    """That is what the secret says before somebody fills it."""
    assert Providers.from_json('{"providers": {}}').names == ()


@pytest.mark.parametrize(
    ("base_url", "api_url"),
    [(None, "https://api.github.com"), ("https://git.acme.example/", "https://git.acme.example/api/v3")],
)
def test_github_has_its_addresses(base_url: str | None, api_url: str) -> None:
    """Those of github.com, or those of GitHub Enterprise Server below its own address."""
    settings = read_providers(document("github", issuer=None, base_url=base_url))["github"]
    assert isinstance(settings, GitHubSettings)
    assert settings.api_url == api_url
    assert settings.scopes == ("user:email",)


def test_everything_may_be_set() -> None:
    """Scopes and endpoints go before what is known or discovered."""
    endpoints = {
        "authorization_endpoint": "https://a.example/a?tenant=1",
        "token_endpoint": "https://[2001:db8::1]:8443/t",
        "jwks_uri": "http://localhost:8080/j",
        "userinfo_endpoint": "http://[::1]/u",
    }
    text = document(**endpoints, scopes=["openid"], token_endpoint_auth_method="client_secret_post", kind="oidc")
    settings = read_providers(text)["acme"]
    assert isinstance(settings, OidcSettings)
    assert {name: getattr(settings, name) for name in endpoints} == endpoints
    assert (settings.scopes, settings.auth_method) == (("openid",), "client_secret_post")


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"client_id": None}, "client_id is missing"),
        ({"client_id": ""}, "client_id is missing"),
        ({"client_secret": None}, "client_secret is missing"),
        ({"client_secret": [SECRET]}, "client_secret must be"),
        ({"client_secret": f"{SECRET}\n"}, "client_secret must be"),
        ({"issuer": None}, "issuer is missing"),
        ({"issuer": 7}, "issuer must be"),
        ({"issuer": "http://id.acme.example"}, "issuer must be an https URL"),
        ({"issuer": "http://127.0.0.1.acme.example"}, "issuer must be an https URL"),
        ({"issuer": f"https://ada:{SECRET}@id.acme.example"}, "issuer must be a URL without user name"),
        ({"issuer": f"{ISSUER}?key={SECRET}"}, "issuer must be a URL without query"),
        ({"issuer": f"{ISSUER}#{SECRET}"}, "issuer must be a URL without user name and fragment"),
        ({"issuer": "https://"}, "issuer must be"),
        ({"issuer": "https://id.acme.example:port"}, "issuer must be"),
        ({"issuer": "https://id.acme.example/" + "a" * 2048}, "issuer must be"),
        ({"token_endpoint": "ftp://id.acme.example"}, "token_endpoint must be an https URL"),
        ({"jwks_uri": ""}, "jwks_uri must be"),
        ({"scopes": "openid email"}, "scopes must be a list"),
        ({"scopes": []}, "scopes must be a list"),
        ({"scopes": ["openid", "a b"]}, "scopes must be a list"),
        ({"scopes": ["email"]}, "scopes must contain openid"),
        ({"kind": "saml"}, "kind must be one of oidc, github"),
        ({"token_endpoint_auth_method": "none"}, "token_endpoint_auth_method must be one of"),
        ({"base_url": ISSUER}, "'base_url' is not known"),
        ({"kind": "github"}, "'issuer' is not known"),
        ({"clientsecret": SECRET}, "'clientsecret' is not known"),
        ({f"a key of {SECRET}": 1}, "a field is not known"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told_by_provider_and_field(members: dict[str, Any], field: str) -> None:
    """The error names both, and shows no secret, whatever was wrong."""
    with pytest.raises(InvalidProviders) as raised:
        read_providers(document(**members))
    assert str(raised.value).startswith(f"provider 'acme': {field}")
    assert SECRET not in "".join(traceback.format_exception(raised.value)).split("InvalidProviders")[-1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        SECRET,
        f'{{"providers": "{SECRET}',
        "[]",
        "{}",
        '{"providers": []}',
        "[" * 100_000,
        '{"providers": {"acme": []}}',
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_document_is_refused(text: str) -> None:
    """It is refused as a whole, and not quoted."""
    with pytest.raises(InvalidProviders) as raised:
        read_providers(text)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("name", ["", "Acme", "-acme", "a" * 33, "a/b", "ä", "a\n"])
def test_a_name_must_fit_a_path(name: str) -> None:
    """Names are part of our endpoints' paths."""
    with pytest.raises(InvalidProviders, match="1 to 32 characters"):
        read_providers(document(name))
