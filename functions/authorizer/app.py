"""The Lambda authorizer that other APIs attach: a credential in, a policy and the facts about its owner out."""

from functools import cache
from typing import TYPE_CHECKING

from keyfob.clock import now
from keyfob.crypto.keys import PublicKeys
from keyfob.gateway.authorizer import authorizer
from keyfob.model.caller import Caller
from keyfob.service.access_tokens import AccessTokens
from keyfob.service.keys import Keys
from keyfob.settings import Settings

if TYPE_CHECKING:
    from keyfob.model.credentials import SessionCookie
    from keyfob.store.secrets import Secret
    from keyfob.store.sign_ins import SignIns

settings = Settings.from_environment()
public_keys_arn = settings.public_keys_secret
users_table, sessions_table = settings.users_table, settings.sessions_table


@cache
def public_keys_secret() -> "Secret":
    """Return the secret with the public keys; only reading it, now and then, needs an AWS client."""
    from keyfob.store.secrets import Secret

    return Secret.connect(public_keys_arn)


@cache
def sign_ins() -> "SignIns":
    """Return what reads sessions; a token in mode ``stateless`` needs none."""
    from keyfob.store.client import dynamodb_client
    from keyfob.store.sign_ins import SignIns

    return SignIns(dynamodb_client(), users_table=users_table, sessions_table=sessions_table)


def read_public_keys() -> str:
    """Return the public keys' document."""
    return public_keys_secret().read()


access_tokens = AccessTokens(settings.issuer, Keys(read_public_keys, PublicKeys.from_json, now), now)
audiences = settings.audiences


def stateless(token: str) -> Caller:
    """Return whom `token` names, without asking whether its session has ended."""
    return Caller.of(access_tokens.read(token, audiences))


def strict(token: str) -> Caller:
    """Return whom `token` names if its session is live, with the role that its user has now."""
    from keyfob.service.authentication import active, live_sign_in

    claims = access_tokens.read(token, audiences)
    user = active(live_sign_in(claims.sub, claims.sid, sign_ins(), now())).user
    return Caller.of(claims)._replace(role=user.role, account_id=user.account.id)


def from_cookie(cookie: "SessionCookie") -> Caller:
    """Return whom a session cookie stands for, which is read in both modes: it says nothing by itself."""
    from keyfob.contracts import contract_named
    from keyfob.service.authentication import active, live_cookie_sign_in
    from keyfob.service.tokens import FULL_SCOPE

    user, session = active(live_cookie_sign_in(cookie, audiences, sign_ins(), now()))
    user_id = contract_named(session.contract).tokens.user_id(user)
    return Caller(user.id, user_id, user.account.id, user.role, FULL_SCOPE, session.id, session.contract)


if settings.authorizer_mode == "strict":
    sign_ins()
    handler = authorizer(strict, from_cookie, settings)
else:
    handler = authorizer(stateless, from_cookie, settings)
