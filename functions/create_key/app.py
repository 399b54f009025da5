"""``POST keys``: a new API key of the user who is signed in."""

from keyfob.assembly import authenticator, key_issuer, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.mail.queue import MailQueue
from keyfob.service.authentication import Principal
from keyfob.service.notifications import notify_user
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client

settings = Settings.from_environment()
client = dynamodb_client()
issuer = key_issuer(client, settings)
queue = MailQueue.connect(settings.mail_queue_url)


@protected("create_key", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Make the key, show its text this once, and tell its user by mail."""
    issued = issuer.create(contract.new_key(request.optional_json()), contract.name, principal.user, now())
    record_by(principal, "api_key_created", request, contract, details={"key_id": issued.key.id})
    notify_user("api_key_created", principal.user, request.client.facts, queue=queue, now=now())
    return contract.issued_key(issued)
