"""``/api/docs``, ``/api/redoc`` and ``/api/schema``: what a stage's contract is, to read and to try."""

from keyfob.contracts.base import Contract
from keyfob.documentation import pages
from keyfob.documentation.assets import asset, version
from keyfob.documentation.openapi import openapi
from keyfob.errors import ResourceNotFound
from keyfob.gateway.documents import Document, document
from keyfob.gateway.links import base_url
from keyfob.gateway.request import Request
from keyfob.settings import Settings

HOUR = "public, max-age=3600"
FOREVER = "public, max-age=31536000, immutable"

settings = Settings.from_environment()
is_served = settings.api_docs
base_urls = settings.base_urls
product = settings.product_name


def schema(request: Request, contract: Contract) -> Document:
    """Return the OpenAPI document."""
    return Document(openapi(contract, base_url(request, contract, base_urls), product), "application/json")


def swagger_ui(request: Request, contract: Contract) -> Document:
    """Return the page on which to try the API."""
    return _page(pages.SWAGGER_UI, request, contract)


def redoc(request: Request, contract: Contract) -> Document:
    """Return the page on which to read about the API."""
    return _page(pages.REDOC, request, contract)


def file(request: Request, _contract: Contract) -> Document:
    """Return a file that the pages load; one whose URL tells its version never changes."""
    name = request.path_parameters["asset"]
    found = asset(name)
    is_versioned = request.query.get("v") == version(name)
    return Document(found.text, found.media_type, {"Cache-Control": FOREVER if is_versioned else HOUR})


DOCUMENTS = {
    "/api/schema": schema,
    "/api/docs": swagger_ui,
    "/api/docs/{asset}": file,
    "/api/redoc": redoc,
}


@document("docs", settings)
def handler(request: Request, contract: Contract) -> Document:
    """Return the document at a path, where the deployment serves any."""
    if not is_served:
        raise ResourceNotFound(request.resource)
    return DOCUMENTS[request.resource](request, contract)


def _page(page: pages.Page, request: Request, contract: Contract) -> Document:
    text = pages.html(page, request.mount, f"{product}: {contract.name}")
    return Document(text, "text/html; charset=utf-8", pages.headers(page))
