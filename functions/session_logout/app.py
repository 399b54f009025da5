"""``session/logout``: the session ends, and the browser forgets its cookie."""

from keyfob.assembly import authenticator
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.gateway.session_replies import signed_out_reply
from keyfob.service.authentication import Principal
from keyfob.service.logout import log_out
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions

settings = Settings.from_environment()
client = dynamodb_client()
sessions = Sessions(client, settings.sessions_table)


@protected("session_logout", settings, authenticator(client, settings).live)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Log a user out."""
    log_out(principal.signed_in, sessions)
    record_by(principal, "sign_out", request, contract)
    return signed_out_reply(contract.said("Successfully logged out"), request)
