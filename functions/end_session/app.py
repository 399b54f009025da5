"""``DELETE sessions/{session_id}``: one of a user's sessions ends."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.gateway.session_replies import signed_out_reply
from keyfob.service.authentication import SignedIn
from keyfob.service.own_sessions import end_session
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions

settings = Settings.from_environment()
client = dynamodb_client()
sessions = Sessions(client, settings.sessions_table)


@protected("end_session", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, _contract: Contract, signed_in: SignedIn) -> object:
    """End the session."""
    session_id = request.path_parameters["session_id"]
    end_session(session_id, signed_in, sessions=sessions, now=now())
    return signed_out_reply(None, request) if session_id == signed_in.session.id else Reply(None)
