"""``oauth/{provider}``: the way to sign in at a provider, and back to ``oauth/{provider}/callback``."""

from keyfob.assembly import address_limit, sign_in_providers
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.oauth import each_given_once, failure_pages, place_of, requested_provider, with_secret
from keyfob.gateway.pages import Pages
from keyfob.gateway.rate_limit import limited
from keyfob.gateway.redirects import Redirects
from keyfob.gateway.replies import Redirect
from keyfob.gateway.request import Request
from keyfob.service.social_login import begin
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.oauth_states import OAuthStates

settings = Settings.from_environment()
base_urls = settings.base_urls
redirects = Redirects(settings.allowed_redirects)
client = dynamodb_client()
states = OAuthStates(client, settings.one_time_table)
providers = sign_in_providers(settings)
pages = Pages(settings.product_name, settings.language)


@each_given_once
@endpoint("oauth", settings, failure_pages(pages))
@limited(address_limit(client, settings, "oauth").admit)
def handler(request: Request, contract: Contract) -> object:
    """Send the browser to the provider."""
    provider = requested_provider(request, providers.get)
    redirect_to = redirects.check(request.query["redirect_to"]) if "redirect_to" in request.query else None
    place = place_of(request, contract, provider, base_urls)
    beginning = begin(provider, place, redirect_to, states=states, now=now())
    return Redirect(beginning.url, cookies=(with_secret(beginning.secret, request),))
