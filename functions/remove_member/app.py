"""``DELETE members/{user_id}``: a member is out of the account, and has one of its own."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.service.authentication import Principal
from keyfob.service.membership import remove_member
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)


@protected("remove_member", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Remove the member."""
    reference = contract.user_ref(request.path_parameters["user_id"])
    removed = remove_member(reference, principal, users=users, now=now())
    record_by(principal, "member_removed", request, contract, about=removed)
    return Reply(None)
