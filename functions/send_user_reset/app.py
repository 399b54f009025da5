"""``users/{user_id}/reset-password``: staff sends a user the mail that sets a new password."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.links import link
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.mail.queue import MailQueue
from keyfob.service.administration import user_in_reach
from keyfob.service.authentication import Principal
from keyfob.service.notifications import ask_for_mail
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
base_urls = settings.base_urls
users = Users(client, settings.users_table)
queue = MailQueue.connect(settings.mail_queue_url)


@protected("send_user_reset", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Queue the mail."""
    user = user_in_reach(contract.user_ref(request.path_parameters["user_id"]), principal, users=users)
    url = link("reset_password_page", request, contract, base_urls) + "?token={token}"
    ask_for_mail("reset_password", user.email, url, queue=queue, now=now())
    record_by(principal, "password_reset_sent", request, contract, about=user)
    return contract.said("Password reset email sent")
