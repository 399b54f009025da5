"""Every path that is no endpoint's: a 404 in the contract's own shape."""

from keyfob.contracts.base import Contract
from keyfob.errors import ResourceNotFound
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.request import Request
from keyfob.settings import Settings


@endpoint("not_found", Settings.from_environment())
def handler(request: Request, contract: Contract) -> object:
    """Say that there is nothing here."""
    raise ResourceNotFound(f"{contract.name}: {request.resource}")
