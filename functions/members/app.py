"""``GET members``: who belongs to the account."""

from keyfob.assembly import authenticator, user_limit
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.service.authentication import Principal
from keyfob.service.membership import list_members
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)


@protected("members", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Show the members."""
    page = list_members(principal.user.account.id, request.query.get("cursor", ""), users=users)
    return contract.members(page)
