"""``register``: a new user, its account, and on some contracts its first session."""

from keyfob.assembly import address_limit, token_issuer
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.crypto.passwords import PasswordHasher
from keyfob.errors import EmailNotVerified
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.links import link
from keyfob.gateway.rate_limit import limited
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record
from keyfob.mail.queue import MailQueue
from keyfob.service.notifications import announcing, unannounced
from keyfob.service.registration import register, register_and_log_in
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users

settings = Settings.from_environment()
base_urls = settings.base_urls
needs_verified_email = settings.require_verified_email
client = dynamodb_client()
users = Users(client, settings.users_table)
sessions = Sessions(client, settings.sessions_table)
passwords = PasswordHasher(settings.password_hashing)
queue = MailQueue.connect(settings.mail_queue_url) if settings.send_verification_on_register else None
issuer = token_issuer(settings)


@endpoint("register", settings)
@limited(address_limit(client, settings, "register").admit)
def handler(request: Request, contract: Contract) -> object:
    """Register a user."""
    registration = contract.registration(request.json())
    verify_url = link("verify_email", request, contract, base_urls)
    announce = announcing(queue, verify_url, now()) if queue else unannounced
    if contract.registration_logs_in and not needs_verified_email:
        welcome = register_and_log_in(
            registration,
            contract.tokens,
            request.client,
            users=users,
            sessions=sessions,
            passwords=passwords,
            issuer=issuer,
            announce=announce,
            now=now(),
        )
        user = welcome.user
        record("user_registered", request, contract, user_id=user.id, account_id=user.account.id)
        record("sign_in", request, contract, user_id=user.id, session_id=welcome.tokens.session_id)
        return contract.logged_in(user, welcome.tokens)
    user = register(registration, users=users, passwords=passwords, announce=announce, now=now())
    record("user_registered", request, contract, user_id=user.id, account_id=user.account.id)
    if contract.registration_logs_in:
        raise EmailNotVerified(user.id)
    return contract.me(user)
