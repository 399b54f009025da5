"""``DELETE membership``: a user leaves its account, and has one of its own."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.service.authentication import Principal
from keyfob.service.membership import leave_account
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)


@protected("leave_account", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Leave the account."""
    leave_account(principal.user, users=users, now=now())
    record_by(principal, "member_left", request, contract)
    return Reply(None)
