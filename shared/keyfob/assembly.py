"""What functions are made of, from a deployment's settings: each part in one place, with the imports that it needs."""

from typing import TYPE_CHECKING

from keyfob.clock import now

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

    from keyfob.model.permission import Permissions
    from keyfob.oauth.providers import Providers
    from keyfob.service.api_keys import KeyIssuer
    from keyfob.service.authentication import Authenticator
    from keyfob.service.discovery import PublicJwks
    from keyfob.service.key_authentication import KeyAuthentication
    from keyfob.service.keys import Keys
    from keyfob.service.login import PasswordLogin
    from keyfob.service.profile import Passwords
    from keyfob.service.recovery import Recovery
    from keyfob.service.throttling import AddressLimit, LoginGate, MailLimit, PasswordGate, UserLimit
    from keyfob.service.tokens import TokenIssuer
    from keyfob.settings import Settings


def authenticator(client: "DynamoDBClient", settings: "Settings") -> "Authenticator":
    """Return what reads the credentials of requests."""
    from keyfob.crypto.keys import PublicKeys
    from keyfob.service.access_tokens import AccessTokens
    from keyfob.service.authentication import Authenticator
    from keyfob.service.keys import Keys
    from keyfob.store.secrets import Secret
    from keyfob.store.sessions import Sessions
    from keyfob.store.sign_ins import SignIns

    keys = Keys(Secret.connect(settings.public_keys_secret).read, PublicKeys.from_json, now)
    return Authenticator(
        AccessTokens(settings.issuer, keys, now),
        SignIns(client, users_table=settings.users_table, sessions_table=settings.sessions_table),
        Sessions(client, settings.sessions_table),
        key_authentication(client, settings),
        permissions(settings),
    )


def key_authentication(client: "DynamoDBClient", settings: "Settings") -> "KeyAuthentication":
    """Return what reads API keys."""
    from keyfob.service.key_authentication import KeyAuthentication
    from keyfob.store.api_keys import ApiKeys
    from keyfob.store.key_owners import KeyOwners

    owners = KeyOwners(client, users_table=settings.users_table, api_keys_table=settings.api_keys_table)
    return KeyAuthentication(settings.api_key_prefix, owners, ApiKeys(client, settings.api_keys_table))


def key_issuer(client: "DynamoDBClient", settings: "Settings") -> "KeyIssuer":
    """Return what makes API keys."""
    from keyfob.service.api_keys import KeyIssuer
    from keyfob.store.api_keys import ApiKeys

    return KeyIssuer(
        ApiKeys(client, settings.api_keys_table),
        permissions(settings),
        prefix=settings.api_key_prefix,
        limit=settings.api_keys_per_user,
    )


def permissions(settings: "Settings") -> "Permissions":
    """Return the table of permissions; raises `InvalidSetting` if the deployment adds some to a role that is none."""
    from keyfob.model.permission import ROLE_PERMISSIONS, Permissions
    from keyfob.settings import InvalidSetting

    added = settings.role_permissions
    unknown = added.keys() - set(ROLE_PERMISSIONS)
    if unknown:
        raise InvalidSetting(f"ROLE_PERMISSIONS names no role: {', '.join(sorted(unknown))}")
    return Permissions(added)


def token_issuer(settings: "Settings") -> "TokenIssuer":
    """Return what gives out tokens."""
    from keyfob.crypto.keys import KeySet
    from keyfob.service.keys import Keys
    from keyfob.service.tokens import TokenIssuer
    from keyfob.store.secrets import Secret

    keys = Keys(Secret.connect(settings.key_set_secret).read, KeySet.from_json, now)
    return TokenIssuer(settings.issuer, keys, permissions(settings))


def published_keys(settings: "Settings") -> "Keys[PublicJwks]":
    """Return what knows the public keys as others may see them."""
    from keyfob.service.discovery import public_jwks
    from keyfob.service.keys import Keys
    from keyfob.store.secrets import Secret

    return Keys(Secret.connect(settings.public_keys_secret).read, public_jwks, now)


def sign_in_providers(settings: "Settings") -> "Keys[Providers]":
    """Return what knows the providers that the deployment's secret names, as it now is."""
    from keyfob.oauth.providers import Providers
    from keyfob.service.keys import Keys
    from keyfob.store.secrets import Secret

    return Keys(Secret.connect(settings.oauth_providers_secret).read, Providers.from_json, now)


def password_login(client: "DynamoDBClient", settings: "Settings") -> "PasswordLogin":
    """Return what proves who somebody is by a password."""
    from keyfob.crypto.passwords import PasswordHasher
    from keyfob.service.login import PasswordLogin
    from keyfob.store.users import Users

    return PasswordLogin(
        Users(client, settings.users_table),
        PasswordHasher(settings.password_hashing),
        login_gate(client, settings),
        needs_verified_email=settings.require_verified_email,
    )


def current_passwords(client: "DynamoDBClient", settings: "Settings") -> "Passwords":
    """Return what asks those who are signed in for their password."""
    from keyfob.crypto.passwords import PasswordHasher
    from keyfob.service.profile import Passwords

    return Passwords(PasswordHasher(settings.password_hashing), password_gate(client, settings))


def recovery(client: "DynamoDBClient", settings: "Settings") -> "Recovery":
    """Return what sets new passwords by tokens from mails."""
    from keyfob.crypto.passwords import PasswordHasher
    from keyfob.mail.queue import MailQueue
    from keyfob.service.recovery import Recovery
    from keyfob.store.email_tokens import EmailTokens
    from keyfob.store.users import Users

    return Recovery(
        Users(client, settings.users_table),
        EmailTokens(client, settings.one_time_table, "RESET"),
        PasswordHasher(settings.password_hashing),
        password_gate(client, settings),
        MailQueue.connect(settings.mail_queue_url),
    )


def address_limit(client: "DynamoDBClient", settings: "Settings", purpose: str) -> "AddressLimit":
    """Return what bounds the attempts of those who are not signed in; each `purpose` has its own count."""
    from keyfob.service.throttling import AddressLimit
    from keyfob.store.attempts import Attempts

    return AddressLimit(Attempts(client, settings.one_time_table), purpose, settings.anonymous_attempts)


def user_limit(client: "DynamoDBClient", settings: "Settings") -> "UserLimit":
    """Return what bounds the attempts of those who are signed in."""
    from keyfob.service.throttling import UserLimit
    from keyfob.store.attempts import Attempts

    attempts = Attempts(client, settings.one_time_table)
    return UserLimit(attempts, others=settings.signed_in_attempts, staff=settings.staff_attempts)


def mail_limit(client: "DynamoDBClient", settings: "Settings") -> "MailLimit":
    """Return what bounds the mails of one kind that an address gets."""
    from keyfob.service.throttling import MailLimit
    from keyfob.store.attempts import Attempts

    return MailLimit(Attempts(client, settings.one_time_table), settings.mails_per_address)


def password_gate(client: "DynamoDBClient", settings: "Settings") -> "PasswordGate":
    """Return what bounds guesses at passwords."""
    from keyfob.service.throttling import PasswordGate
    from keyfob.store.failures import Failures

    return PasswordGate(Failures(client, settings.one_time_table), settings.account_failures)


def login_gate(client: "DynamoDBClient", settings: "Settings") -> "LoginGate":
    """Return what bounds logins."""
    from keyfob.service.throttling import LoginGate

    return LoginGate(address_limit(client, settings, "login"), password_gate(client, settings))
