"""``DELETE sessions``: all of a user's sessions end but the one that asks for it."""

from keyfob.assembly import authenticator, user_limit
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.service.authentication import SignedIn
from keyfob.service.own_sessions import end_other_sessions
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)
sessions = Sessions(client, settings.sessions_table)


@protected("end_other_sessions", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(_request: Request, _contract: Contract, signed_in: SignedIn) -> object:
    """End the other sessions."""
    end_other_sessions(signed_in, users=users, sessions=sessions)
    return Reply(None)
