"""``me``: the user that an access token belongs to."""

from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.crypto.keys import PublicKeys
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.request import Request
from keyfob.service.access_tokens import AccessTokens
from keyfob.service.authentication import authenticate
from keyfob.service.keys import Keys
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.secrets import Secret
from keyfob.store.sign_ins import SignIns

settings = Settings.from_environment()
sign_ins = SignIns(dynamodb_client(), users_table=settings.users_table, sessions_table=settings.sessions_table)
access_tokens = AccessTokens(
    settings.issuer, Keys(Secret.connect(settings.public_keys_secret).read, PublicKeys.from_json, now), now
)


@endpoint("me", settings)
def handler(request: Request, contract: Contract) -> object:
    """Show the user."""
    signed_in = authenticate(
        request.bearer_token(),
        contract.tokens.audience,
        access_tokens=access_tokens,
        sign_ins=sign_ins,
        now=now(),
    )
    return contract.me(signed_in.user)
