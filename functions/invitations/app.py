"""``GET invitations``: who may join the account."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.service.authentication import Principal
from keyfob.service.invitations import list_invitations
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.invitations import Invitations

settings = Settings.from_environment()
client = dynamodb_client()
invitations = Invitations(client, settings.users_table)


@protected("invitations", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Show the invitations."""
    account_id, cursor = principal.user.account.id, request.query.get("cursor", "")
    return contract.invitations(list_invitations(account_id, cursor, invitations=invitations, now=now()))
