"""``DELETE me``: a user, its account and its sessions are gone."""

from keyfob.assembly import authenticator, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.session_replies import signed_out_reply
from keyfob.mail.queue import MailQueue
from keyfob.service.authentication import SignedIn
from keyfob.service.notifications import notify_address
from keyfob.service.profile import delete_user
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)
sessions = Sessions(client, settings.sessions_table)
queue = MailQueue.connect(settings.mail_queue_url)


@protected("delete_me", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, _contract: Contract, signed_in: SignedIn) -> object:
    """Delete the user, and tell who was it by mail."""
    delete_user(signed_in.user, users=users, sessions=sessions)
    notify_address("account_deleted", signed_in.user.email, request.client.facts, queue=queue, now=now())
    return signed_out_reply(None, request)
