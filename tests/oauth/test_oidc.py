"""Signing in at an issuer of OpenID Connect, over HTTP."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from keyfob.errors import AuthorizationCodeRejected, InternalError, Unavailable, UntrustedIdentity
from keyfob.model.identity import Identity
from keyfob.model.user import PersonName
from keyfob.oauth.cache import MAX_AGE_SECONDS, MIN_RELOAD_SECONDS
from keyfob.oauth.client import MAX_ANSWER_BYTES

from tests.oauth.attempts import REDIRECT_URI, Attempt, Time, client, sign_in
from tests.provider import CLIENT_ID, Provider

pytestmark = pytest.mark.slow

DISCOVERY = "/.well-known/openid-configuration"
ADA = "248289761001"


def identity(issuer: str, **changes: Any) -> Identity:
    """Return Ada's identity at an issuer."""
    facts: dict[str, Any] = {
        "issuer": issuer,
        "subject": ADA,
        "email": "ada@example.com",
        "email_verified": True,
        "name": PersonName("Ada Lovelace", "Ada", "Lovelace"),
        "username": "ada",
    }
    return Identity(**{**facts, **changes})


def test_an_issuer_is_found_by_its_discovery_document(provider: Provider) -> None:
    """Nothing but the issuer need be set."""
    assert sign_in(provider, client(issuer=provider.url)) == identity(provider.url)


def test_google_is_known_by_name(provider: Provider) -> None:
    """Google's issuer is the default under its name, and may be another."""
    assert client("google").issuer == "https://accounts.google.com"
    assert sign_in(provider, client("google", issuer=provider.url)) == identity(provider.url)


def test_the_browser_is_asked_for_a_code_with_pkce_and_nonce(provider: Provider) -> None:
    """The request has exactly what RFC 6749, RFC 7636 and OpenID Connect ask for, and the verifier stays here."""
    url = client(issuer=provider.url).authorization_url(
        redirect_uri=REDIRECT_URI, state="a&b", nonce="n", code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    assert url.startswith(f"{provider.url}/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": [CLIENT_ID],
        "redirect_uri": [REDIRECT_URI],
        "scope": ["openid email profile"],
        "state": ["a&b"],
        "nonce": ["n"],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
    }


@pytest.mark.parametrize(
    "methods", [["client_secret_basic"], ["client_secret_post"], ["private_key_jwt", "client_secret_post"]]
)
def test_we_authenticate_as_the_issuer_wants(provider: Provider, methods: list[str]) -> None:
    """The secret goes into the header or the body, whatever characters it has."""
    provider.configure(discovery={"token_endpoint_auth_methods_supported": methods})
    assert sign_in(provider, client(issuer=provider.url)).subject == ADA


def test_an_issuer_whose_ways_to_authenticate_we_lack_is_refused(provider: Provider) -> None:
    """The secret is not sent in a way that was not offered."""
    provider.configure(discovery={"token_endpoint_auth_methods_supported": ["private_key_jwt"]})
    with pytest.raises(UntrustedIdentity, match="client_secret_basic"):
        Attempt(provider, client(issuer=provider.url)).authorize()


def test_endpoints_may_be_set_instead_of_discovered(provider: Provider) -> None:
    """With all of them set, the discovery document is not read."""
    ours = client(
        issuer=provider.url,
        authorization_endpoint=f"{provider.url}/authorize",
        token_endpoint=f"{provider.url}/token",
        jwks_uri=f"{provider.url}/jwks",
        token_endpoint_auth_method="client_secret_post",
    )
    assert sign_in(provider, ours).subject == ADA
    assert DISCOVERY not in provider.calls()


def test_a_code_is_good_once(provider: Provider) -> None:
    """A replayed code is the provider's to refuse, and told as such."""
    attempt = Attempt(provider, client(issuer=provider.url)).authorize()
    attempt.identify()
    with pytest.raises(AuthorizationCodeRejected):
        attempt.identify()


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"redirect_uri": "http://127.0.0.1/other"},
        {"code": "made-up"},
        {"code": ""},
        {"code": "a\nb"},
    ],
    ids=["verifier", "redirect URI", "code", "no code", "no possible code"],
)
def test_a_code_that_is_not_this_attempts_is_rejected(provider: Provider, changes: dict[str, str]) -> None:
    """A code is worth nothing without the verifier and the redirect URI that it was given for."""
    with pytest.raises(AuthorizationCodeRejected):
        Attempt(provider, client(issuer=provider.url)).authorize().identify(**changes)


def test_a_wrong_secret_is_a_fault_of_ours(provider: Provider) -> None:
    """The person who signs in can do nothing about it."""
    with pytest.raises(InternalError, match="invalid_client"):
        sign_in(provider, client(issuer=provider.url, client_secret="another"))


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ""},
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT_ID, "another"]},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://accounts.google.com"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"exp": "never"},
        {"iat": 4_000_000_000},
        {"iat": None},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 12},
        {"sub": "a" * 256},
        {"sub": "a\u202eb"},
        {"sub": "a\nb"},
    ],
    ids=str,
)
def test_an_id_token_that_answers_another_question_is_refused(provider: Provider, claims: dict[str, Any]) -> None:
    """Issuer, audience, time, nonce and subject must all be right, however good the signature."""
    provider.configure(id_token=claims)
    with pytest.raises(UntrustedIdentity):
        sign_in(provider, client(issuer=provider.url))


def test_an_id_token_for_several_is_ours_if_it_was_issued_to_us(provider: Provider) -> None:
    """With several audiences the authorized party decides."""
    provider.configure(id_token={"aud": ["another", CLIENT_ID], "azp": CLIENT_ID, "sub": "a" * 255})
    assert sign_in(provider, client(issuer=provider.url)).subject == "a" * 255


@pytest.mark.parametrize("signature", ["none", "HS256", "foreign"])
def test_an_id_token_that_the_issuer_did_not_sign_is_refused(provider: Provider, signature: str) -> None:
    """Neither no signature, nor one by a shared secret, nor one by somebody else's key will do."""
    provider.configure(signature=signature)
    with pytest.raises(UntrustedIdentity):
        sign_in(provider, client(issuer=provider.url))


@pytest.mark.parametrize("algorithm", ["RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"])
def test_every_public_key_algorithm_is_taken(provider: Provider, algorithm: str) -> None:
    """An issuer signs with what it likes, if the key is public."""
    provider.rotate(algorithm)
    assert sign_in(provider, client(issuer=provider.url)).subject == ADA


def test_documents_are_fetched_now_and_then(provider: Provider) -> None:
    """Two sign-ins cost one discovery and one key set, until these are old."""
    clock = Time()
    ours = client(clock=clock, issuer=provider.url)
    sign_in(provider, ours)
    clock.now += MAX_AGE_SECONDS - 1
    sign_in(provider, ours)
    assert (provider.calls()[DISCOVERY], provider.calls()["/jwks"]) == (1, 1)
    clock.now += 1
    sign_in(provider, ours)
    assert (provider.calls()[DISCOVERY], provider.calls()["/jwks"]) == (2, 2)


def test_a_new_key_is_found_by_one_bounded_reload(provider: Provider) -> None:
    """An unknown key is looked for once, and not again within half a minute."""
    clock = Time()
    ours = client(clock=clock, issuer=provider.url)
    sign_in(provider, ours)
    provider.rotate()
    clock.now += MIN_RELOAD_SECONDS
    assert sign_in(provider, ours).subject == ADA
    provider.rotate()
    for _ in range(2):
        with pytest.raises(UntrustedIdentity):
            sign_in(provider, ours)
    assert provider.calls()["/jwks"] == 2


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (True, True),
        ("true", True),
        (False, False),
        ("false", False),
        (None, False),
        (1, False),
        ("True", False),
        ([True], False),
    ],
)
def test_an_email_is_verified_only_if_the_issuer_says_so(provider: Provider, told: object, believed: object) -> None:
    """Everything but a plain yes is a no."""
    provider.configure(id_token={"email_verified": told})
    found = sign_in(provider, client(issuer=provider.url))
    assert (found.email, found.email_verified) == ("ada@example.com", believed)


def test_an_email_that_the_id_token_lacks_is_asked_for(provider: Provider) -> None:
    """The UserInfo endpoint is asked then, with the access token, and only then."""
    sign_in(provider, client(issuer=provider.url))
    assert "/userinfo" not in provider.calls()
    provider.configure(id_token={"email": None, "email_verified": None})
    assert sign_in(provider, client(issuer=provider.url)) == identity(provider.url)


@pytest.mark.parametrize(
    "told", [{"sub": "another", "email": "eve@example.com"}, {"email": "eve@example.com"}, []], ids=str
)
def test_user_info_about_somebody_else_is_refused(provider: Provider, told: object) -> None:
    """UserInfo must be about the ID token's subject (OpenID Connect Core 1.0, section 5.3.2)."""
    provider.configure(id_token={"email": None}, userinfo=told)
    with pytest.raises(UntrustedIdentity):
        sign_in(provider, client(issuer=provider.url))


def test_one_source_does_not_vouch_for_the_others_email(provider: Provider) -> None:
    """`email_verified` of the ID token says nothing of an address that UserInfo tells."""
    provider.configure(id_token={"email": None}, userinfo={"sub": ADA, "email": "eve@example.com"})
    found = sign_in(provider, client(issuer=provider.url))
    assert (found.email, found.email_verified) == ("eve@example.com", False)


def test_somebody_without_email_has_an_identity_still(provider: Provider) -> None:
    """Whether that is enough is for the service to say."""
    provider.configure(claims={"sub": ADA, "email_verified": True})
    nobody = PersonName(None, "", "")
    assert sign_in(provider, client(issuer=provider.url)) == identity(
        provider.url, email=None, email_verified=False, name=nobody, username=None
    )


def test_hostile_words_are_cut_or_left_out(provider: Provider) -> None:
    """Names are cut to one plain line, and what is no username or address is none."""
    provider.configure(
        id_token={
            "name": "Ada\u202e\r\n" + "x" * 200,
            "given_name": {"$ne": 1},
            "family_name": "\x00\ud800",
            "preferred_username": "../../admin",
            "email": "ada@example.com>\r\nBcc: eve@example.com",
        }
    )
    found = sign_in(provider, client(issuer=provider.url))
    assert found.name == PersonName("Ada " + "x" * 146, "Ada", "x" * 146)
    assert (found.username, found.email, found.email_verified) == (None, None, False)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://accounts.google.com"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"token_endpoint": "https://ada:secret@id.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": "https://[::1/userinfo"},
        {"token_endpoint_auth_methods_supported": "client_secret_basic"},
    ],
    ids=str,
)
def test_a_discovery_document_that_misleads_is_refused(provider: Provider, discovery: dict[str, Any]) -> None:
    """It must be the issuer's own, and send secrets over TLS alone; nobody is sent anywhere before that is known."""
    provider.configure(discovery=discovery)
    with pytest.raises(UntrustedIdentity):
        Attempt(provider, client(issuer=provider.url)).authorize()


def test_the_issuer_must_be_the_very_same(provider: Provider) -> None:
    """A slash more is another issuer."""
    with pytest.raises(UntrustedIdentity):
        Attempt(provider, client(issuer=f"{provider.url}/")).authorize()


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 500}, Unavailable),
        ({"status": 503, "body": {"error": "invalid_grant"}}, Unavailable),
        ({"status": 429}, Unavailable),
        ({"hang_up": True}, Unavailable),
        ({"status": 200, "body": "<html>"}, UntrustedIdentity),
        ({"status": 200, "body": "[" * 100_000}, UntrustedIdentity),
        ({"status": 200, "body": [1]}, UntrustedIdentity),
        ({"status": 200, "headers": {"Content-Encoding": "gzip"}, "body": "x"}, UntrustedIdentity),
        ({"status": 418, "body": {}}, UntrustedIdentity),
        ({"status": 200, "body": {}}, UntrustedIdentity),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_an_answer_that_is_none_ends_the_attempt(
    provider: Provider, path: str, fault: dict[str, Any], error: type[Exception]
) -> None:
    """What is down may be tried again; what is malformed is not believed."""
    provider.configure(id_token={"email": None}, faults={path: fault})
    with pytest.raises(error):
        sign_in(provider, client(issuer=provider.url))


@pytest.mark.parametrize(("length", "taken"), [(MAX_ANSWER_BYTES, True), (MAX_ANSWER_BYTES + 1, False)])
def test_an_answer_has_a_greatest_length(provider: Provider, length: int, taken: object) -> None:
    """A provider cannot fill our memory, however good what it says."""
    endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
    body = {"issuer": provider.url, **{name: provider.url + path for name, path in endpoints.items()}}
    provider.configure(faults={DISCOVERY: {"status": 200, "body": body, "bytes": length}})
    attempt = Attempt(provider, client(issuer=provider.url))
    if taken:
        assert attempt.authorize().code
    else:
        with pytest.raises(UntrustedIdentity, match="longer than"):
            attempt.authorize()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(provider: Provider, status: int) -> None:
    """A code and a secret go to the endpoint that is known, and nowhere else."""
    target = f"{provider.url}/elsewhere"
    provider.configure(faults={"/token": {"status": status, "headers": {"Location": target}, "body": {}}})
    with pytest.raises(UntrustedIdentity, match=str(status)):
        sign_in(provider, client(issuer=provider.url))
    assert "/elsewhere" not in provider.calls()


@pytest.mark.parametrize(
    "body",
    [
        {"token_type": "Bearer"},
        {"access_token": "a", "token_type": "mac"},
        {"access_token": "a"},
        {"access_token": "a\r\nX: y", "token_type": "Bearer"},
        {"access_token": ["a"], "token_type": "Bearer"},
        {"access_token": "a", "token_type": "Bearer", "expires_in": "soon"},
        {"access_token": "a", "token_type": "Bearer", "id_token": ["x"]},
        {"access_token": "a", "token_type": "Bearer", "id_token": "a.b.c"},
        {"access_token": "a", "token_type": "Bearer", "id_token": "x" * 100_000},
    ],
    ids=str,
)
def test_tokens_that_are_none_are_refused(provider: Provider, body: dict[str, Any]) -> None:
    """A token answer has a bearer token and an ID token, or is not used."""
    provider.configure(faults={"/token": {"status": 200, "body": body}})
    with pytest.raises(UntrustedIdentity):
        sign_in(provider, client(issuer=provider.url))


def test_a_provider_that_asks_for_patience_gets_it(provider: Provider) -> None:
    """Its own word for it is no refusal of the code."""
    provider.configure(faults={"/token": {"status": 400, "body": {"error": "temporarily_unavailable"}}})
    with pytest.raises(Unavailable):
        sign_in(provider, client(issuer=provider.url))


@pytest.mark.parametrize("fault", [{"delay": 8}, {"drip": True}], ids=["silent", "dripping"])
def test_a_slow_provider_is_not_waited_for(provider: Provider, fault: dict[str, Any]) -> None:
    """An answer has five seconds, however it uses them."""
    provider.configure(faults={DISCOVERY: fault})
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        Attempt(provider, client(issuer=provider.url)).authorize()
    assert 4 < time.monotonic() - begun < 7


def test_a_provider_that_is_down_may_be_tried_again(provider: Provider) -> None:
    """A failure is not remembered."""
    ours = client(issuer=provider.url)
    provider.configure(faults={DISCOVERY: {"hang_up": True}})
    with pytest.raises(Unavailable):
        sign_in(provider, ours)
    provider.configure(faults={})
    assert sign_in(provider, ours).subject == ADA
