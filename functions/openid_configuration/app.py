"""``/.well-known/openid-configuration``: who issues the tokens, and where its keys are."""

from keyfob.assembly import published_keys
from keyfob.contracts.base import Contract
from keyfob.gateway.discovery import discovery_document
from keyfob.gateway.documents import Document, document
from keyfob.gateway.request import Request
from keyfob.service.discovery import configuration
from keyfob.settings import Settings

settings = Settings.from_environment()
issuer = settings.issuer
keys = published_keys(settings)


@document("openid_configuration", settings)
def handler(request: Request, _contract: Contract) -> Document:
    """Show the issuer's metadata."""
    return discovery_document(configuration(issuer, request.origin + request.mount, keys.get()))
