"""Replies that give a browser a session cookie, or take it away."""

from keyfob.gateway import cookies, csrf
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.gateway.session_cookie import session_cookie_value
from keyfob.model.credentials import SessionCookie
from keyfob.model.session import COOKIE_SECONDS


def session_reply(model: object, cookie: SessionCookie, request: Request) -> Reply:
    """Return a reply that gives the browser a session cookie, and its CSRF token."""
    value = cookies.set_cookie(cookies.SESSION, session_cookie_value(cookie), request.scheme, COOKIE_SECONDS)
    return Reply(model, {"X-CSRF-Token": csrf.csrf_token(cookie.secret)}, (value,))


def signed_out_reply(model: object, request: Request) -> Reply:
    """Return a reply after which a browser has no cookie of the session that it was signed in with."""
    if not isinstance(request.credential, SessionCookie):
        return Reply(model)
    return Reply(model, cookies=(cookies.clear_cookie(cookies.SESSION, request.scheme),))
