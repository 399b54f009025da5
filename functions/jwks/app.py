"""``/.well-known/jwks.json``: the public keys, by which anybody can verify access tokens."""

from keyfob.assembly import published_keys
from keyfob.contracts.base import Contract
from keyfob.gateway.discovery import discovery_document
from keyfob.gateway.documents import Document, document
from keyfob.gateway.request import Request
from keyfob.service.discovery import jwk_set
from keyfob.settings import Settings

settings = Settings.from_environment()
keys = published_keys(settings)


@document("jwks", settings)
def handler(_request: Request, _contract: Contract) -> Document:
    """Show the JWK set."""
    return discovery_document(jwk_set(keys.get()))
