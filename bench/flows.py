"""Requests to the functions, as API Gateway would hand them over."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from keyfob.contracts import contract_named

from local.gateway import rest_event
from local.runtime import Runtime
from local.template import Deployment

QUIET = MappingProxyType({"LogLevel": "ERROR", "Metrics": "false"})
"""Parameters with which functions in this process log nothing into the table."""

PASSWORD = "correct horse battery staple"  # noqa: S105 - nobody's


REFUSED = 401
FIRST_IP, LAST_IP = "203.0.113.1", "203.0.113.254"
"""An address that registers, and one that has done nothing which counts, so that it logs in without being counted."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of one contract, from one IP address."""

    deployment: Deployment
    runtime: Runtime
    contract: str = "standard"
    ip: str = LAST_IP

    def event(
        self, endpoint: str, body: Mapping[str, str] | None = None, token: str = "", *, key: str = "", **path: str
    ) -> dict[str, Any]:
        """Return the event of a request to `endpoint`, with an access token or an API key, if it takes one.

        `path` has its path's parameters.
        """
        contract = contract_named(self.contract)
        operation = contract.operations[endpoint]
        headers = {"Content-Type": "application/json", "User-Agent": "bench/1.0"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["X-API-Key"] = key
        return rest_event(
            self.deployment,
            self.contract,
            operation.methods[0],
            contract.base_path + operation.path.format(**path),
            headers=headers.items(),
            body=json.dumps(body).encode() if body else b"",
            source_ip=self.ip,
        )

    def call(
        self, endpoint: str, body: Mapping[str, str] | None = None, token: str = "", *, key: str = "", **path: str
    ) -> Any:  # noqa: ANN401 - JSON
        """Return what `endpoint` replies, and raise `RuntimeError` if it fails."""
        answer = self.runtime.invoke(endpoint, self.event(endpoint, body, token, key=key, **path))
        if answer["statusCode"] not in {200, 201, 204}:
            raise RuntimeError(f"{endpoint} answered {answer['statusCode']}: {answer['body']}")
        return json.loads(answer["body"]) if answer["body"] else None

    def fail(self, endpoint: str, body: Mapping[str, str]) -> None:
        """Call `endpoint` with what it refuses, and raise `RuntimeError` if it does not."""
        status = self.runtime.invoke(endpoint, self.event(endpoint, body))["statusCode"]
        if status != REFUSED:
            raise RuntimeError(f"{endpoint} answered {status}")

    def elsewhere(self, ip: str) -> "Caller":
        """Return the same client at another IP address."""
        return replace(self, ip=ip)
