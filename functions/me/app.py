"""``me``: the user that a credential belongs to."""

from keyfob.assembly import authenticator
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import check_reads, protected
from keyfob.gateway.request import Request
from keyfob.service.authentication import Principal
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client

settings = Settings.from_environment()
authenticate = authenticator(dynamodb_client(), settings).active


@protected("me", settings, authenticate, check_reads)
def handler(_request: Request, contract: Contract, principal: Principal) -> object:
    """Show the user."""
    return contract.me(principal.user)
