"""Links to endpoints of ours, as they stand in mails and at providers."""

from collections.abc import Mapping

from keyfob.contracts.base import Contract
from keyfob.gateway.request import Request


def link(endpoint: str, request: Request, contract: Contract, base_urls: Mapping[str, str]) -> str:
    """Return the URL of an endpoint, its parameters in braces, on the contract and at the place of `request`."""
    base = base_urls.get(contract.name) or f"{request.origin}{request.mount}"
    return f"{base}{contract.base_path}{contract.operations[endpoint].path}"
