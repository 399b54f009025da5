"""``refresh``: a refresh token for new tokens of its session."""

from keyfob.assembly import token_issuer
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.request import Request
from keyfob.service.refresh import refresh
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users

settings = Settings.from_environment()
grace_seconds = settings.refresh_grace_seconds
client = dynamodb_client()
users = Users(client, settings.users_table)
sessions = Sessions(client, settings.sessions_table)
issuer = token_issuer(settings)


@endpoint("refresh", settings)
def handler(request: Request, contract: Contract) -> object:
    """Refresh a session."""
    tokens = refresh(
        contract.refresh_token(request.json()),
        contract.tokens,
        request.client,
        users=users,
        sessions=sessions,
        issuer=issuer,
        grace_seconds=grace_seconds,
        now=now(),
    )
    return contract.refreshed(tokens)
