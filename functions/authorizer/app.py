"""The Lambda authorizer that other APIs attach: a credential in, a policy and the facts about its owner out."""

from functools import cache
from typing import TYPE_CHECKING

from keyfob.assembly import key_authentication, permissions
from keyfob.clock import now
from keyfob.crypto.keys import PublicKeys
from keyfob.gateway.authorizer import Readers, authorizer
from keyfob.model.caller import EVERYTHING, Caller
from keyfob.service.access_tokens import AccessTokens
from keyfob.service.keys import Keys
from keyfob.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keyfob.model.credentials import SessionCookie
    from keyfob.model.session import Client
    from keyfob.model.user import User
    from keyfob.service.key_authentication import KeyAuthentication
    from keyfob.store.secrets import Secret
    from keyfob.store.sign_ins import SignIns
    from types_boto3_dynamodb import DynamoDBClient

settings = Settings.from_environment()
public_keys_arn = settings.public_keys_secret


@cache
def public_keys_secret() -> "Secret":
    """Return the secret with the public keys; only reading it, now and then, needs an AWS client."""
    from keyfob.store.secrets import Secret

    return Secret.connect(public_keys_arn)


@cache
def client() -> "DynamoDBClient":
    """Return the client that reads sessions and keys; a token in mode ``stateless`` needs none."""
    from keyfob.store.client import dynamodb_client

    return dynamodb_client()


@cache
def sign_ins() -> "SignIns":
    """Return what reads sessions."""
    from keyfob.store.sign_ins import SignIns

    return SignIns(client(), users_table=settings.users_table, sessions_table=settings.sessions_table)


@cache
def api_keys() -> "KeyAuthentication":
    """Return what reads API keys."""
    return key_authentication(client(), settings)


def read_public_keys() -> str:
    """Return the public keys' document."""
    return public_keys_secret().read()


access_tokens = AccessTokens(settings.issuer, Keys(read_public_keys, PublicKeys.from_json, now), now)
audiences = settings.audiences
allowed = permissions(settings)


def stateless(token: str) -> Caller:
    """Return whom `token` names, without asking whether its session has ended."""
    return Caller.of(access_tokens.read(token, audiences))


def strict(token: str) -> Caller:
    """Return whom `token` names if its session is live, with what its user may do now."""
    from keyfob.service.authentication import check_active, live_sign_in

    claims = access_tokens.read(token, audiences)
    user = live_sign_in(claims.sub, claims.sid, sign_ins(), now()).user
    check_active(user)
    return Caller.of(claims)._replace(role=user.role, account_id=user.account.id, permissions=joined(allowed.of(user)))


def from_key(text: str, where: "Client") -> Caller:
    """Return whom an API key acts for, which is read in both modes: it says nothing by itself."""
    from keyfob.service.authentication import check_active

    user, key = api_keys().live(text, audiences, now())
    check_active(user)
    api_keys().note_use(key, where, now())
    caller = caller_of(user, key.contract, allowed.within(user, key.scopes))
    return caller._replace(scopes=joined(key.scopes), key_id=key.id)


def from_cookie(cookie: "SessionCookie") -> Caller:
    """Return whom a session cookie stands for, which is read in both modes."""
    from keyfob.service.authentication import check_active, live_cookie_sign_in

    user, session = live_cookie_sign_in(cookie, audiences, sign_ins(), now())
    check_active(user)
    return caller_of(user, session.contract, allowed.of(user))._replace(session_id=session.id)


def caller_of(user: "User", contract: str, may: "Iterable[str]") -> Caller:
    """Return a user as a caller of the APIs that take credentials of `contract`."""
    from keyfob.contracts import contract_named

    return Caller(
        sub=user.id,
        user_id=contract_named(contract).tokens.user_id(user),
        account_id=user.account.id,
        role=user.role,
        permissions=joined(may),
        scopes=EVERYTHING,
        session_id="",
        key_id="",
        contract=contract,
    )


def joined(names: "Iterable[str]") -> str:
    """Return names as a token's scope has them (RFC 6749, section 3.3)."""
    return " ".join(sorted(names))


if settings.authorizer_mode == "strict":
    sign_ins()
    handler = authorizer(Readers(strict, from_key, from_cookie), settings)
else:
    handler = authorizer(Readers(stateless, from_key, from_cookie), settings)
