"""``DELETE me``: a user, its account, its sessions and its API keys are gone."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.gateway.session_replies import signed_out_reply
from keyfob.mail.queue import MailQueue
from keyfob.service.authentication import Principal
from keyfob.service.notifications import notify_address
from keyfob.service.profile import delete_user
from keyfob.settings import Settings
from keyfob.store.api_keys import ApiKeys
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)
sessions = Sessions(client, settings.sessions_table)
keys = ApiKeys(client, settings.api_keys_table)
queue = MailQueue.connect(settings.mail_queue_url)


@protected("delete_me", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Delete the user, and tell who was it by mail."""
    delete_user(principal.user, users=users, sessions=sessions, keys=keys)
    record_by(principal, "user_deleted", request, contract)
    notify_address("account_deleted", principal.user.email, request.client.facts, queue=queue, now=now())
    return signed_out_reply(None, request)
