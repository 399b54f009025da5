"""``DELETE keys/{key_id}``: an API key of a user is worth nothing any more."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.service.api_keys import delete_key
from keyfob.service.authentication import Principal
from keyfob.settings import Settings
from keyfob.store.api_keys import ApiKeys
from keyfob.store.client import dynamodb_client

settings = Settings.from_environment()
client = dynamodb_client()
keys = ApiKeys(client, settings.api_keys_table)


@protected("delete_key", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Delete the key."""
    key_id = contract.key_id(request.path_parameters["key_id"])
    delete_key(key_id, principal.user, keys=keys, now=now())
    record_by(principal, "api_key_deleted", request, contract, details={"key_id": key_id})
    return Reply(None)
