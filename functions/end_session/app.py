"""``DELETE sessions/{session_id}``: one of a user's sessions ends."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.gateway.session_replies import signed_out_reply
from keyfob.service.authentication import Principal
from keyfob.service.own_sessions import end_session
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions

settings = Settings.from_environment()
client = dynamodb_client()
sessions = Sessions(client, settings.sessions_table)


@protected("end_session", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """End the session."""
    session_id = request.path_parameters["session_id"]
    end_session(session_id, principal.user, sessions=sessions, now=now())
    record_by(principal, "session_ended", request, contract, details={"ended": session_id})
    is_current = principal.session is not None and session_id == principal.session.id
    return signed_out_reply(None, request) if is_current else Reply(None)
