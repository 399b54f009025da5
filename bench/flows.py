"""Requests to the functions, as API Gateway would hand them over."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from keyfob.contracts import contract_named

from local.gateway import rest_event
from local.runtime import Runtime
from local.template import Deployment

QUIET = MappingProxyType({"LogLevel": "ERROR"})
"""Parameters with which functions in this process log nothing into the table."""

PASSWORD = "correct horse battery staple"  # noqa: S105 - nobody's


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of one contract."""

    deployment: Deployment
    runtime: Runtime
    contract: str = "standard"

    def event(self, endpoint: str, body: Mapping[str, str] | None = None, token: str = "") -> dict[str, Any]:
        """Return the event of a request to `endpoint`."""
        contract = contract_named(self.contract)
        operation = contract.operations[endpoint]
        headers = {"Content-Type": "application/json", "User-Agent": "bench/1.0"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return rest_event(
            self.deployment,
            self.contract,
            operation.methods[0],
            contract.base_path + operation.path,
            headers=headers.items(),
            body=json.dumps(body).encode() if body else b"",
        )

    def call(self, endpoint: str, body: Mapping[str, str] | None = None, token: str = "") -> dict[str, Any]:
        """Return what `endpoint` replies, and raise `RuntimeError` if it fails."""
        answer = self.runtime.invoke(endpoint, self.event(endpoint, body, token))
        if answer["statusCode"] not in {200, 201}:
            raise RuntimeError(f"{endpoint} answered {answer['statusCode']}: {answer['body']}")
        reply: dict[str, Any] = json.loads(answer["body"])
        return reply
