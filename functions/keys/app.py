"""``GET keys``: the API keys of a user."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.service.api_keys import list_keys
from keyfob.service.authentication import Principal
from keyfob.settings import Settings
from keyfob.store.api_keys import ApiKeys
from keyfob.store.client import dynamodb_client

settings = Settings.from_environment()
client = dynamodb_client()
keys = ApiKeys(client, settings.api_keys_table)


@protected("keys", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(_request: Request, contract: Contract, principal: Principal) -> object:
    """Show the keys."""
    return contract.keys(list_keys(principal.user, keys=keys, now=now()))
