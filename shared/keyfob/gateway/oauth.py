"""What the two endpoints of social login read of requests and give to browsers."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from keyfob.contracts.base import Answer, Contract
from keyfob.crypto.base64url import decode, encode
from keyfob.errors import InvalidFields, ResourceNotFound
from keyfob.gateway import cookies
from keyfob.gateway.endpoint import Handler, VoiceFor
from keyfob.gateway.links import link
from keyfob.gateway.pages import Pages, PageVoice
from keyfob.gateway.request import Event, Request
from keyfob.oauth.providers import Provider, Providers
from keyfob.service.social_login import LIFETIME_SECONDS, Place, ProviderAnswer

SECRET_BYTES: Final = 32
MOST_SIGN_INS: Final = 4
"""How many sign-ins one browser can have under way at once; of more, those that began last."""

_SEPARATOR: Final = "."
_STATE: Final = re.compile(r"[\x20-\x7e]{1,512}")  # RFC 6749, appendix A.5
_CODE: Final = re.compile(r"[\x20-\x7e]{1,4096}")  # RFC 6749, appendix A.11
_ERROR: Final = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]{1,128}")  # RFC 6749, appendix A.7
_TELLING_ERROR: Final = re.compile(r"[a-z_]+")


class FailurePages(PageVoice):
    """Answers as a contract does where all went well, and with a page for what failed."""

    def success(self, endpoint: str, reply: object, request_id: str) -> Answer:
        """Return the contract's answer."""
        return self._contract.success(endpoint, reply, request_id)


def failure_pages(pages: Pages) -> VoiceFor:
    """Return how to answer: with a page for what failed where a person waits for one, else as the contract does."""
    return lambda request, contract: FailurePages(pages, contract) if request.wants_html else contract


def each_given_once(handler: Handler) -> Handler:
    """Let a handler see an empty value for a query parameter that is given twice (RFC 6749, section 3.1)."""

    def checked(event: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context, not used
        given: Mapping[str, list[str]] = event.get("multiValueQueryStringParameters") or {}
        repeated = {name: "" for name, values in given.items() if len(values) > 1}
        query = {**(event.get("queryStringParameters") or {}), **repeated}
        return handler({**event, "queryStringParameters": query}, context)

    return checked


def requested_provider(request: Request, providers: Callable[[], Providers]) -> Provider:
    """Return the provider that the path names; raises `ResourceNotFound` if the deployment has none of that name."""
    name = request.path_parameters["provider"]
    provider = providers().get(name)
    if provider is None:
        raise ResourceNotFound("there is no provider of that name")
    return provider


def place_of(request: Request, contract: Contract, provider: Provider, base_urls: Mapping[str, str]) -> Place:
    """Return where the provider sends a browser back to: our callback on the same contract, at the same place."""
    callback = link("oauth_callback", request, contract, base_urls)
    return Place(contract.name, callback.replace("{provider}", provider.name))


def provider_answer(request: Request) -> ProviderAnswer:
    """Return what the browser brings back (RFC 6749, sections 4.1.2 and 4.1.2.1); raises `InvalidFields`."""
    code, error = request.query.get("code"), request.query.get("error")
    complaints = {}
    if not _STATE.fullmatch(request.query.get("state", "")):
        complaints["state"] = ["State is required"]
    if error is None and not _CODE.fullmatch(code or ""):
        complaints["code"] = ["Code is required"]
    if error is not None and (code is not None or not _ERROR.fullmatch(error)):
        complaints["error"] = ["Error must be an error code, and stand without a code"]
    if complaints:
        raise InvalidFields(complaints)
    telling = error if error and _TELLING_ERROR.fullmatch(error) else "an error of another spelling"
    return ProviderAnswer(request.query["state"], code, telling)


def browser_secrets(request: Request) -> tuple[bytes, ...]:
    """Return the secrets of the sign-ins that this browser has under way, the last first.

    They are in its cookie. Over HTTPS the cookie's prefix ``__Host-`` has browsers take it from this very host alone,
    so nobody else can plant one. Over HTTP, on a laptop, somebody might, and have the browser finish a sign-in that is
    not its own. The browser's own are safe even then: each has a new secret, which no planted one tells.
    """
    parts = request.cookie(cookies.OAUTH).split(_SEPARATOR, MOST_SIGN_INS)[:MOST_SIGN_INS]
    try:
        secrets = [decode(part) for part in parts]
    except ValueError:
        return ()
    return tuple(secret for secret in secrets if len(secret) == SECRET_BYTES)


def with_secret(secret: bytes, request: Request) -> str:
    """Return the ``Set-Cookie`` that adds the secret of a new sign-in, and so leaves those of other tabs alone."""
    return _cookie((secret, *browser_secrets(request)), request)


def without_secret(secret: bytes, request: Request) -> str:
    """Return the ``Set-Cookie`` that drops a secret which is used up, and the whole cookie with the last one.

    A sign-in that failed leaves its secret in the cookie, where it is worth nothing, until the cookie's time is over.
    """
    return _cookie([each for each in browser_secrets(request) if each != secret], request)


def _cookie(secrets: Iterable[bytes], request: Request) -> str:
    value = _SEPARATOR.join(encode(secret) for secret in list(secrets)[:MOST_SIGN_INS])
    if not value:
        return cookies.clear_cookie(cookies.OAUTH, request.scheme)
    return cookies.set_cookie(cookies.OAUTH, value, request.scheme, LIFETIME_SECONDS)
