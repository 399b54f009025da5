"""The Lambda authorizer that other APIs attach: an access token in, a policy and the token's facts out."""

from functools import cache
from typing import TYPE_CHECKING

from keyfob.clock import now
from keyfob.crypto.keys import PublicKeys
from keyfob.gateway.authorizer import authorizer
from keyfob.model.token import AccessClaims
from keyfob.service.access_tokens import AccessTokens
from keyfob.service.keys import Keys
from keyfob.settings import Settings

if TYPE_CHECKING:
    from keyfob.store.secrets import Secret

settings = Settings.from_environment()
public_keys_arn = settings.public_keys_secret


@cache
def public_keys_secret() -> "Secret":
    """Return the secret with the public keys; only reading it, now and then, needs an AWS client."""
    from keyfob.store.secrets import Secret

    return Secret.connect(public_keys_arn)


def read_public_keys() -> str:
    """Return the public keys' document."""
    return public_keys_secret().read()


access_tokens = AccessTokens(settings.issuer, Keys(read_public_keys, PublicKeys.from_json, now), now)
audiences = settings.audiences


def stateless(token: str) -> AccessClaims:
    """Return what `token` says, without asking whether its session has ended."""
    return access_tokens.read(token, audiences)


if settings.authorizer_mode == "strict":
    from keyfob.service.authentication import active_sign_in
    from keyfob.store.client import dynamodb_client
    from keyfob.store.sign_ins import SignIns

    sign_ins = SignIns(dynamodb_client(), users_table=settings.users_table, sessions_table=settings.sessions_table)

    def strict(token: str) -> AccessClaims:
        """Return what `token` says if its session is live, with the role that its user has now."""
        claims = access_tokens.read(token, audiences)
        user = active_sign_in(claims, sign_ins, now()).user
        return claims._replace(role=user.role, account_id=user.account.id)

    handler = authorizer(strict, settings.http_api_response)
else:
    handler = authorizer(stateless, settings.http_api_response)
