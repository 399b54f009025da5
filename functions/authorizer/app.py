"""The Lambda authorizer that other APIs attach: an access token in, a policy and the token's facts out."""

from keyfob.clock import now
from keyfob.crypto.keys import PublicKeys
from keyfob.gateway.authorizer import authorizer
from keyfob.model.token import AccessClaims
from keyfob.service.access_tokens import AccessTokens
from keyfob.service.keys import Keys
from keyfob.settings import Settings

settings = Settings.from_environment()


def read_public_keys() -> str:
    """Return the public keys' document; only this needs an AWS client, and only now and then."""
    from keyfob.store.secrets import Secret

    return Secret.connect(settings.public_keys_secret).read()


access_tokens = AccessTokens(settings.issuer, Keys(read_public_keys, PublicKeys.from_json, now), now)
audiences = settings.audiences


def stateless(token: str) -> AccessClaims:
    """Return what `token` says, without asking whether its session has ended."""
    return access_tokens.read(token, audiences)


if settings.authorizer_mode == "strict":
    from keyfob.service.authentication import sign_in_of
    from keyfob.store.client import dynamodb_client
    from keyfob.store.sign_ins import SignIns

    sign_ins = SignIns(dynamodb_client(), users_table=settings.users_table, sessions_table=settings.sessions_table)

    def strict(token: str) -> AccessClaims:
        """Return what `token` says if its session is live, with the role that its user has now."""
        claims = access_tokens.read(token, audiences)
        user = sign_in_of(claims, sign_ins, now()).user
        return claims._replace(role=user.role, account_id=user.account.id)

    handler = authorizer(strict, settings.http_api_response)
else:
    handler = authorizer(stateless, settings.http_api_response)
