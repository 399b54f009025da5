"""``session/login``: an email address or a username and a password, for a session cookie."""

from keyfob.assembly import password_login
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.csrf import check_origin
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.rate_limit import within
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record
from keyfob.gateway.session_replies import session_reply
from keyfob.service.login import log_in_with_cookie
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions

settings = Settings.from_environment()
allowed_origins = settings.allowed_origins
client = dynamodb_client()
sessions = Sessions(client, settings.sessions_table)
proof = password_login(client, settings)


@endpoint("session_login", settings)
def handler(request: Request, contract: Contract) -> object:
    """Log a user in for a browser."""
    check_origin(request.headers, request.origin, allowed_origins)
    proven = proof.prove(contract.credentials(request.json()), request.client, now())
    cookie = log_in_with_cookie(
        proven.user, contract.name, request.client, request.session_cookie, sessions=sessions, now=now()
    )
    record("sign_in", request, contract, user_id=proven.user.id, session_id=cookie.session_id)
    return within(proven.allowance, session_reply(contract.said("Successfully logged in"), cookie, request))
