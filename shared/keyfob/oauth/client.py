"""HTTP towards a provider. Every call has limits of time and size, follows no redirect, and tells no secret.

This file imports Authlib and requests, so nothing imports it before a provider must be called.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import quote_plus

from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped] # it ships no types
from requests import PreparedRequest, RequestException, Response, Session
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import HTTPError

from keyfob.errors import AuthorizationCodeRejected, InternalError, Unavailable, UntrustedIdentity
from keyfob.oauth.configuration import Credentials
from keyfob.oauth.urls import is_plain

CONNECT_SECONDS = 2
READ_SECONDS = 5
MAX_ANSWER_BYTES = 1024 * 1024

_OK = 200
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_CHUNK_BYTES = 64 * 1024
_LIMITS: Mapping[str, Any] = {
    "timeout": (CONNECT_SECONDS, READ_SECONDS),
    "allow_redirects": False,
    "stream": True,
}
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "keyfob"}

_CODE = re.compile(r"[\x20-\x7e]{1,4096}")  # RFC 6749, appendix A.11
_ACCESS_TOKEN = re.compile(r"[\x21-\x7e]+")  # RFC 6749, appendix A.12, and fit for a header
_TRANSIENT = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
_FAULTS_OF_OURS = frozenset(
    {
        "invalid_client",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "incorrect_client_credentials",
        "redirect_uri_mismatch",
        "application_suspended",
    }
)
"""Error codes (RFC 6749, section 5.2; the last three are GitHub's) which say that the deployment is set up wrongly."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gives for a code. Neither token is kept."""

    access_token: str = field(repr=False)
    id_token: object = field(repr=False)


class Client:
    """One person's conversation with a provider, over one session; to be used in a `with` block."""

    def __init__(self, credentials: Credentials, auth_method: str, token_endpoint: str) -> None:
        """Take who we are, and how (`AUTH_METHODS`) and where to prove it."""
        self._credentials = credentials
        self._auth_method = auth_method
        self._token_endpoint = token_endpoint
        self._session = OAuth2Session(
            client_id=credentials.client_id,
            client_secret=credentials.client_secret,
            token_endpoint_auth_method=auth_method,
        )
        self._session.trust_env = not is_plain(token_endpoint)
        self._session.register_compliance_hook("access_token_response", _token_answer)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close every connection."""
        self._session.close()

    def exchange(self, *, code: str, redirect_uri: str, code_verifier: str) -> Tokens:
        """Return the tokens for an authorization code (RFC 6749, section 4.1.3; RFC 7636, section 4.5).

        Raises `AuthorizationCodeRejected`, `Unavailable`, `UntrustedIdentity` for a malformed answer, and
        `InternalError` if the provider does not know us.
        """
        if not _CODE.fullmatch(code):
            raise AuthorizationCodeRejected("no authorization code")
        with _without_secrets():
            token = self._session.fetch_token(
                self._token_endpoint,
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=code_verifier,
                auth=self._authentication(),
                headers=dict(_HEADERS),
                **_LIMITS,
            )
        return Tokens(token["access_token"], token.get("id_token"))

    def resource(self, url: str) -> Any:  # noqa: ANN401 - JSON
        """Return what `url` tells, in JSON, to the bearer of the access token that `exchange` got.

        Raises `Unavailable`, and `UntrustedIdentity` for a malformed answer.
        """
        with _without_secrets(), self._session.get(url, headers=_HEADERS, **_LIMITS) as response:
            return _successful_json(response)

    def _authentication(self) -> AuthBase | None:
        """Return how this request authenticates, or `None` for Authlib's way.

        Authlib does not form-encode the halves of HTTP basic authentication as RFC 6749, section 2.3.1, asks.
        """
        if self._auth_method != "client_secret_basic":
            return None
        return HTTPBasicAuth(quote_plus(self._credentials.client_id), quote_plus(self._credentials.client_secret))


def public_document(url: str) -> Any:  # noqa: ANN401 - JSON
    """Return the document that `url` shows to everybody, in JSON.

    Raises `Unavailable`, and `UntrustedIdentity` for a malformed answer.
    """
    with Session() as session:
        session.trust_env = not is_plain(url)
        with _without_secrets(), session.get(url, headers=_HEADERS, auth=_NoAuthentication(), **_LIMITS) as response:
            return _successful_json(response)


class _NoAuthentication(AuthBase):
    """Keeps requests from sending what a ``.netrc`` says."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Return the request as it is."""
        return request


class _TokenAnswer(NamedTuple):
    """A token endpoint's answer after our checks, as Authlib reads answers."""

    status_code: int
    body: dict[str, Any]

    def json(self) -> dict[str, Any]:
        """Return the body, without ``expires_in``: nothing is used for long enough to expire."""
        return self.body


def _token_answer(response: Response) -> _TokenAnswer:
    with response:
        body = _json(response)
        status = response.status_code
    if not isinstance(body, dict):
        raise UntrustedIdentity("the provider's token endpoint answered with no object")
    if "error" in body:
        raise _refusal(body["error"])
    if status != _OK:
        raise UntrustedIdentity(f"the provider's token endpoint answered with status {status}")
    if str(body.get("token_type")).lower() != "bearer":
        raise UntrustedIdentity("the provider gave a token of another type than bearer")
    access_token = body.get("access_token")
    if not isinstance(access_token, str) or not _ACCESS_TOKEN.fullmatch(access_token):
        raise UntrustedIdentity("the provider gave no access token")
    kept = {"access_token": access_token, "token_type": "Bearer", "id_token": body.get("id_token")}
    return _TokenAnswer(status, kept)


def _refusal(error: object) -> Exception:
    if error in _FAULTS_OF_OURS:
        return InternalError(f"the provider refuses our client: {error}")
    if error in _TRANSIENT:
        return Unavailable(f"the provider is not ready: {error}")
    return AuthorizationCodeRejected("the provider refuses the code")


def _successful_json(response: Response) -> Any:  # noqa: ANN401 - JSON
    if response.status_code != _OK:
        _refuse_absent(response)
        raise UntrustedIdentity(f"the provider answered with status {response.status_code}")
    return _json(response)


def _json(response: Response) -> Any:  # noqa: ANN401 - JSON
    _refuse_absent(response)
    try:
        return json.loads(_body(response))
    except (ValueError, RecursionError):
        raise UntrustedIdentity(f"the provider's answer with status {response.status_code} is not JSON") from None


def _refuse_absent(response: Response) -> None:
    if response.status_code >= _SERVER_ERROR or response.status_code == _TOO_MANY_REQUESTS:
        raise Unavailable(f"the provider answered with status {response.status_code}")


def _body(response: Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise UntrustedIdentity("the provider's answer is encoded, which was not asked for")
    deadline = time.monotonic() + READ_SECONDS
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise UntrustedIdentity(f"the provider's answer is longer than {MAX_ANSWER_BYTES} bytes")
        if time.monotonic() > deadline:
            raise Unavailable("the provider's answer takes too long")
    return bytes(body)


@contextmanager
def _without_secrets() -> Iterator[None]:
    """Raise `Unavailable` for what went wrong on the way, without the libraries' own words, which may quote us."""
    try:
        yield
    except (RequestException, HTTPError) as error:
        raise Unavailable(f"the provider cannot be reached: {type(error).__name__}") from None
