"""``DELETE users/{user_id}/sessions``: staff ends all sessions of a user."""

from keyfob.assembly import authenticator, user_limit
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.service.administration import end_sessions
from keyfob.service.authentication import Principal
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)


@protected("end_user_sessions", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """End the sessions."""
    user = end_sessions(contract.user_ref(request.path_parameters["user_id"]), principal, users=users)
    record_by(principal, "sessions_ended", request, contract, about=user)
    return Reply(None)
