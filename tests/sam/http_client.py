"""A client that calls a contract's endpoints over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import httpx

from tests.house import Client, Reply

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class HttpClient(Client):
    """Sends what `Client` would hand over as an event to a server at `origin`."""

    origin: str

    def send(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] = _NOTHING,
        source_ip: str = "127.0.0.1",
    ) -> Reply:
        """Send one request, which always comes from this machine."""
        del source_ip
        url = self.origin + path
        response = httpx.request(method, url, json=json_body, content=body, headers=headers, timeout=None)  # noqa: S113 - as long as a container needs
        names = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, names, response.text, tuple(response.headers.get_list("set-cookie")))
