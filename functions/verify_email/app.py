"""``verify-email/{token}``: an email address is its user's, as the token that was sent there proves."""

from keyfob.assembly import address_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.pages import Pages
from keyfob.gateway.rate_limit import limited
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record
from keyfob.mail.queue import MailQueue
from keyfob.service.notifications import notify_address
from keyfob.service.verification import verify_email
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.email_tokens import EmailTokens
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)
tokens = EmailTokens(client, settings.one_time_table, "VERIFY")
queue = MailQueue.connect(settings.mail_queue_url)
pages = Pages(settings.product_name, settings.language)


@endpoint("verify_email", settings, pages.for_browsers)
@limited(address_limit(client, settings, "token").admit)
def handler(request: Request, contract: Contract) -> object:
    """Verify the address, and say so."""
    user_id, replaced = verify_email(request.path_parameters["token"], users=users, tokens=tokens, now=now())
    if replaced is None:
        record("email_verified", request, contract, user_id=user_id)
    else:
        record("email_changed", request, contract, user_id=user_id)
        notify_address("email_changed", replaced, request.client.facts, queue=queue, now=now())
    return contract.said("Email verified successfully")
