"""``login``: an email address or a username and a password, for a session's tokens."""

from keyfob.assembly import password_login, token_issuer
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.rate_limit import within
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record
from keyfob.service.login import log_in
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions

settings = Settings.from_environment()
client = dynamodb_client()
sessions = Sessions(client, settings.sessions_table)
proof = password_login(client, settings)
issuer = token_issuer(settings)


@endpoint("login", settings)
def handler(request: Request, contract: Contract) -> object:
    """Log a user in."""
    proven = proof.prove(contract.credentials(request.json()), request.client, now())
    tokens = log_in(proven.user, contract.tokens, request.client, sessions=sessions, issuer=issuer, now=now())
    record("sign_in", request, contract, user_id=proven.user.id, session_id=tokens.session_id)
    return within(proven.allowance, contract.logged_in(proven.user, tokens))
