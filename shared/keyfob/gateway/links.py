"""Links to endpoints of ours, as they stand in mails and at providers."""

from collections.abc import Mapping

from keyfob.contracts.base import Contract
from keyfob.gateway.request import Request


def link(endpoint: str, request: Request, contract: Contract, base_urls: Mapping[str, str]) -> str:
    """Return the URL of an endpoint, its parameters in braces, on the contract and at the place of `request`."""
    base = base_url(request, contract, base_urls)
    return f"{base}{contract.base_path}{contract.operations[endpoint].path}"


def base_url(request: Request, contract: Contract, base_urls: Mapping[str, str]) -> str:
    """Return the URL at which clients reach the contract's stage: its own in `base_urls`, or that of `request`."""
    return base_urls.get(contract.name) or f"{request.origin}{request.mount}"
