"""``send-verification``: a mail with a link that verifies an email address."""

from keyfob.assembly import address_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.links import link
from keyfob.gateway.rate_limit import limited
from keyfob.gateway.request import Request
from keyfob.mail.queue import MailQueue
from keyfob.service.notifications import ask_for_mail
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client

settings = Settings.from_environment()
base_urls = settings.base_urls
client = dynamodb_client()
queue = MailQueue.connect(settings.mail_queue_url)


@endpoint("send_verification", settings)
@limited(address_limit(client, settings, "mail").admit)
def handler(request: Request, contract: Contract) -> object:
    """Queue the mail, whoever the address may be of."""
    url = link("verify_email", request, contract, base_urls)
    ask_for_mail("verify_email", contract.email(request.json()), url, queue=queue, now=now())
    return contract.said("Verification email sent")
