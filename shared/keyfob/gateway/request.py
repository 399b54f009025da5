"""REST API Lambda proxy events → requests."""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from keyfob.errors import AuthenticationRequired
from keyfob.gateway import cookies
from keyfob.gateway.body import form, json_object
from keyfob.gateway.header_credential import header_credential
from keyfob.gateway.session_cookie import read_session_cookie
from keyfob.model.credentials import Credential, SessionCookie
from keyfob.model.session import Client

Event = Mapping[str, Any]

HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `headers` have lower-case names, `resource` is the route that API Gateway matched.

    `path_parameters` and `query` are decoded. `origin` is that at which the API was called, such as
    ``https://auth.example.com``, and `mount` the part of the path before the contract's, such as ``/standard``.
    """

    method: str
    resource: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    client: Client
    request_id: str
    scheme: str
    origin: str
    mount: str
    path_parameters: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)

    def json(self) -> dict[str, Any]:
        """Return the JSON object in the body; raises as `keyfob.gateway.body.json_object`."""
        return json_object(self.body, self.headers.get("content-type", ""))

    def optional_json(self) -> dict[str, Any]:
        """Return the JSON object in the body, or an empty one without a body; raises as `json`."""
        return self.json() if self.body else {}

    def form(self) -> dict[str, str]:
        """Return the fields of the HTML form in the body; raises as `keyfob.gateway.body.form`."""
        return form(self.body, self.headers.get("content-type", ""))

    def cookie(self, name: str) -> str:
        """Return the value of a cookie of ours, or ``""``."""
        return cookies.read_cookie(self.headers.get("cookie", ""), name, self.scheme)

    @property
    def session_cookie(self) -> SessionCookie | None:
        """What the session cookie holds, or `None` without one that is well-formed."""
        return read_session_cookie(self.cookie(cookies.SESSION))

    @property
    def credential(self) -> Credential:
        """The bearer token (RFC 6750, section 2.1), or else the API key, or else the session cookie.

        A header that holds none hides what comes after it. Raises `AuthenticationRequired` if there is none.
        """
        credential = header_credential(self.headers) or self.session_cookie
        if credential is None:
            raise AuthenticationRequired("neither a bearer token, an API key nor a session cookie")
        return credential

    @property
    def wants_html(self) -> bool:
        """Tell whether a person reads the answer in a browser, and no program."""
        return HTML in self.headers.get("accept", "")


def request_from(event: Event) -> Request:
    """Return the request behind a REST API proxy event."""
    context = event["requestContext"]
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme = "http" if headers.get("x-forwarded-proto") == "http" else "https"
    return Request(
        method=event["httpMethod"],
        resource=event["resource"],
        headers=headers,
        body=_body(event),
        client=Client(context["identity"]["sourceIp"], headers.get("user-agent", "")),
        request_id=context["requestId"],
        scheme=scheme,
        origin=f"{scheme}://{_host(context, headers)}",
        mount=_mount(context.get("path", ""), event["resource"]),
        path_parameters=_decoded(event.get("pathParameters") or {}),
        query=event.get("queryStringParameters") or {},
    )


def _host(context: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Return the host that API Gateway served, with the port that only a laptop's has."""
    domain: str = context["domainName"]
    host = headers.get("host", domain)
    return host if re.fullmatch(re.escape(domain) + r"(:[0-9]{1,5})?", host) else domain


def _mount(path: str, resource: str) -> str:
    """Return what of the path of a call stands before that of the resource, which has as many segments as its route.

    The event's own `path` does not tell: at a custom domain it begins with the base path that is mapped to the stage.
    """
    return path.rstrip("/").rsplit("/", resource.rstrip("/").count("/"))[0]


def _decoded(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: unquote(value) for name, value in parameters.items()}


def _body(event: Event) -> bytes:
    body: str = event.get("body") or ""
    return b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
