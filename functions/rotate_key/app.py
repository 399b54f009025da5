"""``POST keys/{key_id}/rotate``: another secret for an API key, beside the one it has."""

from keyfob.assembly import authenticator, key_issuer, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.service.authentication import Principal
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client

settings = Settings.from_environment()
client = dynamodb_client()
issuer = key_issuer(client, settings)


@protected("rotate_key", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Give the key another secret, and show its text this once."""
    key_id = contract.key_id(request.path_parameters["key_id"])
    issued = issuer.rotate(key_id, contract.key_overlap(request.optional_json()), principal.user, now())
    record_by(principal, "api_key_rotated", request, contract, details={"key_id": issued.key.id})
    return contract.issued_key(issued)
