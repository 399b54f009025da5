"""``DELETE invitations/{invitation_id}``: an invitation is worth nothing any more."""

from keyfob.assembly import authenticator, user_limit
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.service.authentication import Principal
from keyfob.service.invitations import revoke_invitation
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.invitations import Invitations

settings = Settings.from_environment()
client = dynamodb_client()
invitations = Invitations(client, settings.users_table)


@protected("revoke_invitation", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Revoke the invitation."""
    revoke_invitation(request.path_parameters["invitation_id"], principal.user.account.id, invitations=invitations)
    record_by(principal, "invitation_revoked", request, contract)
    return Reply(None)
