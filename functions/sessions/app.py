"""``GET sessions``: where a user is signed in."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.service.authentication import Principal
from keyfob.service.own_sessions import list_sessions
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions

settings = Settings.from_environment()
client = dynamodb_client()
sessions = Sessions(client, settings.sessions_table)


@protected("sessions", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Show the user's sessions."""
    return contract.sessions(list_sessions(principal, request.query.get("cursor", ""), sessions=sessions, now=now()))
