"""``logout``: a session ends, by its access token or, where the contract says so, by its refresh token."""

from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.crypto.keys import KeySet, PublicKeys
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.request import Request
from keyfob.service.access_tokens import AccessTokens
from keyfob.service.authentication import live_sign_in
from keyfob.service.keys import Keys
from keyfob.service.logout import log_out, log_out_with_refresh_token
from keyfob.service.tokens import TokenIssuer
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client, secrets_client
from keyfob.store.secrets import Secret
from keyfob.store.sessions import Sessions
from keyfob.store.sign_ins import SignIns

settings = Settings.from_environment()
client = dynamodb_client()
secrets = secrets_client()
sessions = Sessions(client, settings.sessions_table)
sign_ins = SignIns(client, users_table=settings.users_table, sessions_table=settings.sessions_table)
issuer = TokenIssuer(settings.issuer, Keys(Secret(secrets, settings.key_set_secret).read, KeySet.from_json, now))
access_tokens = AccessTokens(
    settings.issuer, Keys(Secret(secrets, settings.public_keys_secret).read, PublicKeys.from_json, now), now
)


@endpoint("logout", settings)
def handler(request: Request, contract: Contract) -> object:
    """Log a user out."""
    audience = contract.tokens.audience
    if contract.logout_takes_refresh_token:
        refresh_token = contract.refresh_token(request.json())
        log_out_with_refresh_token(refresh_token, audience, issuer=issuer, sessions=sessions, now=now())
    else:
        claims = access_tokens.read(request.bearer_token(), (audience,))
        log_out(live_sign_in(claims, sign_ins, now()), sessions)
    return contract.logged_out()
