"""``logout``: a session ends, by a credential or, where the contract says so, by its refresh token."""

from keyfob.assembly import authenticator, token_issuer
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.protected import check_changes, principal_of
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record, record_by
from keyfob.gateway.session_replies import signed_out_reply
from keyfob.service.logout import log_out, log_out_with_refresh_token
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions

settings = Settings.from_environment()
allowed_origins = settings.allowed_origins
client = dynamodb_client()
sessions = Sessions(client, settings.sessions_table)
issuer = token_issuer(settings)
authenticate = authenticator(client, settings).live


@endpoint("logout", settings)
def handler(request: Request, contract: Contract) -> object:
    """Log a user out."""
    reply = contract.said("Successfully logged out")
    if contract.logout_takes_refresh_token:
        refresh_token = contract.refresh_token(request.json())
        said = log_out_with_refresh_token(refresh_token, contract.name, issuer=issuer, sessions=sessions, now=now())
        if said is not None:
            record("sign_out", request, contract, user_id=said.sub, session_id=said.sid)
        return reply
    principal = principal_of(request, contract, authenticate, check_changes, allowed_origins)
    log_out(principal.signed_in, sessions)
    record_by(principal, "sign_out", request, contract)
    return signed_out_reply(reply, request)
