"""``register``: a new user, its account, and on some contracts its first session."""

from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.crypto.keys import KeySet
from keyfob.crypto.passwords import PasswordHasher
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.request import Request
from keyfob.service.keys import Keys
from keyfob.service.registration import register, register_and_log_in
from keyfob.service.tokens import TokenIssuer
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.secrets import Secret
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)
sessions = Sessions(client, settings.sessions_table)
passwords = PasswordHasher(settings.password_hashing)
issuer = TokenIssuer(settings.issuer, Keys(Secret.connect(settings.key_set_secret).read, KeySet.from_json, now))


@endpoint("register", settings)
def handler(request: Request, contract: Contract) -> object:
    """Register a user."""
    registration = contract.registration(request.json())
    if not contract.registration_logs_in:
        return contract.me(register(registration, users=users, passwords=passwords, now=now()))
    welcome = register_and_log_in(
        registration,
        contract.tokens,
        request.client,
        users=users,
        sessions=sessions,
        passwords=passwords,
        issuer=issuer,
        now=now(),
    )
    return contract.logged_in(welcome.user, welcome.tokens)
