"""``POST invitations``: a mail that invites somebody to the account."""

from keyfob.assembly import authenticator, permissions, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.links import link
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.mail.queue import MailQueue
from keyfob.service.authentication import Principal
from keyfob.service.invitations import Inviting
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.invitations import Invitations
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
base_urls = settings.base_urls
inviting = Inviting(
    Users(client, settings.users_table),
    Invitations(client, settings.users_table),
    MailQueue.connect(settings.mail_queue_url),
    permissions(settings),
)


@protected("invite", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Store the invitation, and queue the mail, whoever the address may be of."""
    url = link("invitation_page", request, contract, base_urls) + "?token={token}"
    invitation = inviting.invite(contract.new_invitation(request.json()), principal, url, now())
    record_by(principal, "member_invited", request, contract, details={"role": invitation.role})
    return contract.invitation(invitation)
