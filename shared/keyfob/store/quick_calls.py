"""The calls of botocore's DynamoDB client, without what DynamoDB's wire format makes needless.

botocore takes a call through rules, a serialiser, a signer and a parser that are made for every service, which is more
than half of what `refresh` costs. Our items are in the wire format already, so here a call is their JSON, a signature
and a `POST`. Whoever listens to botocore's events before and after calls hears of it, and what may succeed when it is
tried again is left to botocore, which tries (docs/decisions/0048-quick-calls.md).
"""

import json
import os
import time
import zlib
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import HTTPClientError
from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies

from keyfob.store.connections import CONNECTION_ERRORS, Connections, Timeouts
from keyfob.store.signature import Credentials, host_of, signed_headers

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.session import Session

OK = 200
FINAL = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException", "TransactionConflictException"})
"""Failures that say how the items are. Trying again is up to whoever called."""

CONTENT_TYPE = "application/x-amz-json-1.0"
TARGET = "DynamoDB_20120810."
CHECKSUM = "x-amz-crc32"

Parsed = dict[str, Any]
Answer = tuple["AWSResponse", Parsed]


def quicken(session: "Session") -> None:
    """Let the DynamoDB clients of `session` that are made from now on have these calls."""

    def add(**made: Any) -> None:  # noqa: ANN401 - botocore's, untyped
        made["class_attributes"]["botocore_session"] = session
        made["base_classes"].insert(0, QuickCalls)

    session.register("creating-client-class.dynamodb", add)


class QuickCalls:
    """What a client does when one of its methods is called.

    Of botocore it needs public parts alone, besides the method that it replaces: Lambda brings a botocore of its own. A
    botocore that has no such method any more goes on without it.
    """

    botocore_session: "Session"
    meta: Any
    exceptions: Any

    def _make_api_call(self, operation_name: str, api_params: Parsed) -> Parsed:
        """Return what DynamoDB answers, and raise as botocore does."""
        credentials: Any = self.botocore_session.get_credentials()
        if credentials is None or self._is_behind_a_proxy:
            return self._left_to_botocore(operation_name, api_params)
        facts = {"model": self.meta.service_model.operation_model(operation_name), "context": {}}
        request = self._request(operation_name, api_params, facts)
        answer: Answer | None = self._heard("before-call", operation_name, params=request, request_signer=None, **facts)
        if answer is None:
            signer = Credentials(*credentials.get_frozen_credentials()[:3])
            answer = self._answered(operation_name, self._prepared(operation_name, request, signer))
        if answer is None:
            return self._left_to_botocore(operation_name, api_params)
        http, parsed = answer
        self._tell("after-call", operation_name, http_response=http, parsed=parsed, **facts)
        if http.status_code != OK:
            raise self.exceptions.from_code(parsed["Error"]["Code"])(parsed, operation_name)
        return parsed

    def _left_to_botocore(self, operation_name: str, api_params: Parsed) -> Parsed:
        """Call as botocore does. A transaction that was sent has its token in `api_params`, so it is the same one."""
        parsed: Parsed = super()._make_api_call(operation_name, api_params)  # type: ignore[misc]  # botocore's class comes after this one
        return parsed

    def _request(self, operation_name: str, api_params: Parsed, facts: dict[str, Any]) -> dict[str, Any]:
        """Return a request in the form that listeners know, once they have seen to its parameters."""
        self._tell("provide-client-params", operation_name, params=api_params, **facts)
        self._tell("before-parameter-build", operation_name, params=api_params, **facts)
        headers = {"Accept-Encoding": "identity", "User-Agent": self._user_agent}
        return {"method": "POST", "url": self._url, "headers": headers, "body": json.dumps(api_params).encode()}

    def _prepared(self, operation_name: str, request: dict[str, Any], signer: Credentials) -> AWSPreparedRequest:
        signed = signed_headers(
            {"Content-Type": CONTENT_TYPE, "X-Amz-Target": TARGET + operation_name},
            request["body"],
            host=self._host,
            region=self.meta.region_name,
            credentials=signer,
            now=time.time(),
        )
        headers: Any = {**request["headers"], **signed}
        return AWSPreparedRequest("POST", request["url"], headers, request["body"], stream_output=False)

    def _answered(self, operation_name: str, request: AWSPreparedRequest) -> Answer | None:
        """Return a final answer, or `None` if there is none."""
        try:
            heard = self._heard("before-send", operation_name, request=request)
            return _final(heard or self._connections.send(request))
        except (*CONNECTION_ERRORS, NoConnection, HTTPClientError):
            return None

    def _tell(self, event: str, operation_name: str, **facts: object) -> None:
        self.meta.events.emit(f"{event}.dynamodb.{operation_name}", **facts)

    def _heard(self, event: str, operation_name: str, **facts: object) -> Any:  # noqa: ANN401 - what the event is for
        """Return what the first listener says that says something, or `None`."""
        return self.meta.events.emit_until_response(f"{event}.dynamodb.{operation_name}", **facts)[1]

    @cached_property
    def _url(self) -> str:
        return str(self.meta.endpoint_url).rstrip("/") + "/"

    @cached_property
    def _host(self) -> str:
        return host_of(self._url)

    @cached_property
    def _user_agent(self) -> str:
        return self.botocore_session.user_agent()

    @cached_property
    def _is_behind_a_proxy(self) -> bool:
        return bool(get_environ_proxies(self._url))

    @cached_property
    def _connections(self) -> Connections:
        """Connections, by the settings that botocore's own are made by."""
        config = self.meta.config
        bundle: Any = self.botocore_session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
        timeouts = Timeouts(config.connect_timeout, config.read_timeout)
        return Connections(self._url, timeouts, str(get_cert_path(bundle or True)))


def _final(http: "AWSResponse") -> Answer | None:
    """Return an answer with its body as botocore parses it, if it would be the same another time."""
    headers = {name.lower(): value for name, value in http.headers.items()}
    if headers.get(CHECKSUM, "") not in {"", str(zlib.crc32(http.content))}:
        return None
    try:
        parsed: Any = json.loads(http.content)
    except ValueError:
        return None
    if not isinstance(parsed, dict):
        return None
    if http.status_code != OK:
        code = str(parsed.pop("__type", "")).rpartition("#")[2]
        if code not in FINAL:
            return None
        parsed["Error"] = {"Code": code, "Message": parsed.get("message") or parsed.get("Message") or ""}
    parsed["ResponseMetadata"] = {
        "RequestId": headers.get("x-amzn-requestid", ""),
        "HTTPStatusCode": http.status_code,
        "HTTPHeaders": headers,
        "RetryAttempts": 0,
    }
    return http, parsed
