"""``change-password``: a new password for who knows the current one; every other session ends."""

from keyfob.assembly import authenticator, current_passwords, user_limit
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.mail.queue import MailQueue
from keyfob.service.authentication import Principal
from keyfob.service.notifications import notify_user
from keyfob.service.profile import change_password
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)
sessions = Sessions(client, settings.sessions_table)
passwords = current_passwords(client, settings)
queue = MailQueue.connect(settings.mail_queue_url)


@protected("change_password", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Change the password, and tell its owner by mail."""
    change_password(
        contract.password_change(request.json()),
        contract.new_password_field,
        principal.signed_in,
        users=users,
        sessions=sessions,
        passwords=passwords,
        now=now(),
    )
    record_by(principal, "password_changed", request, contract)
    notify_user("password_changed", principal.user, request.client.facts, queue=queue, now=now())
    return contract.said("Password changed successfully")
