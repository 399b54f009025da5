"""``oauth/{provider}/callback``: who comes back from a provider, for a session's tokens or for a session cookie."""

from keyfob.assembly import address_limit, sign_in_providers, token_issuer
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.contracts.fields import EmailRule
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.oauth import (
    browser_secrets,
    each_given_once,
    failure_pages,
    place_of,
    provider_answer,
    requested_provider,
    without_secret,
)
from keyfob.gateway.pages import Pages
from keyfob.gateway.rate_limit import limited
from keyfob.gateway.replies import Redirect, Reply
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record
from keyfob.gateway.session_replies import session_reply
from keyfob.mail.queue import MailQueue
from keyfob.service.federation import FederatedLogin
from keyfob.service.login import log_in, log_in_with_cookie
from keyfob.service.notifications import notify_user
from keyfob.service.social_login import come_back
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.oauth_states import OAuthStates
from keyfob.store.sessions import Sessions
from keyfob.store.users import Users

settings = Settings.from_environment()
base_urls = settings.base_urls
client = dynamodb_client()
states = OAuthStates(client, settings.one_time_table)
sessions = Sessions(client, settings.sessions_table)
login = FederatedLogin(
    Users(client, settings.users_table), EmailRule().read, needs_verified_email=settings.require_verified_email
)
providers = sign_in_providers(settings)
issuer = token_issuer(settings)
queue = MailQueue.connect(settings.mail_queue_url)
pages = Pages(settings.product_name, settings.language)


@each_given_once
@endpoint("oauth_callback", settings, failure_pages(pages))
@limited(address_limit(client, settings, "oauth").admit)
def handler(request: Request, contract: Contract) -> object:
    """Sign in whom the provider tells of."""
    answer = provider_answer(request)
    provider = requested_provider(request, providers.get)
    place = place_of(request, contract, provider, base_urls)
    back = come_back(answer, provider, place, browser_secrets(request), states=states, now=now())
    user, became = login.prove(back.identity, now())
    by = {"provider": provider.name}
    if became == "registered":
        record("user_registered", request, contract, user_id=user.id, account_id=user.account.id, details=by)
    if became == "linked":
        record("identity_linked", request, contract, user_id=user.id, details=by)
        notify_user("identity_linked", user, {**request.client.facts, **by}, queue=queue, now=now())
    spent = without_secret(back.secret, request)
    if back.redirect_to is None:
        tokens = log_in(user, contract.tokens, request.client, sessions=sessions, issuer=issuer, now=now())
        record("sign_in", request, contract, user_id=user.id, session_id=tokens.session_id, details=by)
        return Reply(contract.logged_in(user, tokens), cookies=(spent,))
    cookie = log_in_with_cookie(
        user, contract.name, request.client, request.session_cookie, sessions=sessions, now=now()
    )
    record("sign_in", request, contract, user_id=user.id, session_id=cookie.session_id, details=by)
    return Redirect(back.redirect_to, cookies=(spent, *session_reply(None, cookie, request).cookies))
