"""``invitations/accept``: a user joins the account that it is invited to."""

from keyfob.assembly import authenticator, permissions, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.service.authentication import Principal
from keyfob.service.invitations import Joining
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.invitations import Invitations
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
joining = Joining(Users(client, settings.users_table), Invitations(client, settings.users_table), permissions(settings))


@protected("accept_invitation", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Join the account, and show the user as it then is."""
    user = joining.accept(contract.invitation_token(request.json()), principal.user, now())
    record_by(principal, "member_joined", request, contract, about=user, details={"role": user.role})
    return contract.me(user)
