"""``GET keys/{key_id}``: one API key of a user."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.service.api_keys import live_key
from keyfob.service.authentication import Principal
from keyfob.settings import Settings
from keyfob.store.api_keys import ApiKeys
from keyfob.store.client import dynamodb_client

settings = Settings.from_environment()
client = dynamodb_client()
keys = ApiKeys(client, settings.api_keys_table)


@protected("key", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Show the key."""
    key_id = contract.key_id(request.path_parameters["key_id"])
    return contract.key(live_key(key_id, principal.user, keys=keys, now=now()))
