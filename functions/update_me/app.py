"""``PATCH me``: a user's name and username change, and its address once it is verified."""

from keyfob.assembly import authenticator, current_passwords, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.links import link
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.mail.queue import MailQueue
from keyfob.service.authentication import Principal
from keyfob.service.notifications import ask_to_verify
from keyfob.service.profile import change_profile, wanted_address
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.users import Users

settings = Settings.from_environment()
base_urls = settings.base_urls
client = dynamodb_client()
users = Users(client, settings.users_table)
passwords = current_passwords(client, settings)
queue = MailQueue.connect(settings.mail_queue_url)


@protected("update_me", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Change the user, and show it as it then is."""
    change = contract.profile_change(request.json())
    email = wanted_address(change, principal.user, users=users, passwords=passwords, now=now())
    user = change_profile(change, principal.user, users=users)
    if email is not None:
        record_by(principal, "email_change_requested", request, contract)
        ask_to_verify(user, email, link("verify_email", request, contract, base_urls), queue=queue, now=now())
    return contract.me(user)
