"""REST API Lambda proxy events → requests."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keyfob.errors import AuthenticationRequired
from keyfob.gateway.bearer import bearer_token
from keyfob.gateway.body import json_object
from keyfob.model.session import Client

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `headers` have lower-case names, `resource` is the route that API Gateway matched."""

    method: str
    resource: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    client: Client
    request_id: str

    def json(self) -> dict[str, Any]:
        """Return the JSON object in the body; raises as `keyfob.gateway.body.json_object`."""
        return json_object(self.body, self.headers.get("content-type", ""))

    def bearer_token(self) -> str:
        """Return the token of the ``Authorization`` header (RFC 6750, section 2.1).

        Raises `AuthenticationRequired` if there is none.
        """
        token = bearer_token(self.headers.get("authorization", ""))
        if not token:
            raise AuthenticationRequired("no bearer token")
        return token


def request_from(event: Event) -> Request:
    """Return the request behind a REST API proxy event."""
    context = event["requestContext"]
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return Request(
        method=event["httpMethod"],
        resource=event["resource"],
        headers=headers,
        body=_body(event),
        client=Client(context["identity"]["sourceIp"], headers.get("user-agent", "")),
        request_id=context["requestId"],
    )


def _body(event: Event) -> bytes:
    body: str = event.get("body") or ""
    return b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
