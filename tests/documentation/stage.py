"""The function `docs` alone, called as API Gateway calls it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from local.gateway import rest_event
from local.routes import find_route
from local.runtime import Runtime
from local.template import Deployment, load_deployment
from tests.house import Reply, reply_of

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Docs:
    """The function and what leads to it."""

    deployment: Deployment
    runtime: Runtime

    @classmethod
    def deployed(cls, **parameters: str) -> "Docs":
        """Deploy the template with `parameters`, and start this function."""
        deployment = load_deployment(parameters)
        alone = replace(deployment, functions={"docs": deployment.functions["docs"]})
        return cls(alone, Runtime(alone))

    def send(
        self,
        path: str,
        contract: str = "standard",
        *,
        method: str = "GET",
        headers: Mapping[str, str] = _NOTHING,
        context: Mapping[str, Any] = _NOTHING,
    ) -> Reply:
        """Send one request; `path` begins at the stage's root, and `context` says otherwise where it came."""
        event = rest_event(self.deployment, contract, method, path, headers=tuple(headers.items()))
        event["requestContext"] |= context
        match = find_route(self.deployment.routes, method, path.partition("?")[0])
        assert match is not None
        return reply_of(self.runtime.invoke(match.route.function, event))
