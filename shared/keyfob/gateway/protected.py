"""The decorator for endpoints that are for those who are signed in."""

from collections.abc import Callable
from functools import partial

from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.errors import KeyfobError
from keyfob.gateway import csrf
from keyfob.gateway.endpoint import Handler, endpoint
from keyfob.gateway.replies import Reply
from keyfob.gateway.request import Request
from keyfob.gateway.session_replies import session_reply
from keyfob.model.credentials import SessionCookie
from keyfob.service.authentication import Authenticate, Principal
from keyfob.settings import Settings

ProtectedHandle = Callable[[Request, Contract, Principal], object]
CheckSite = Callable[[Request, frozenset[str], SessionCookie], None]


def check_changes(request: Request, allowed_origins: frozenset[str], cookie: SessionCookie) -> None:
    """Raise `CrossSiteRequest` unless a request that may change something proves that it comes from a page of ours."""
    if request.method not in csrf.SAFE_METHODS:
        csrf.check_changes(request.headers, request.origin, allowed_origins, cookie.secret)


def check_reads(request: Request, allowed_origins: frozenset[str], _cookie: SessionCookie) -> None:
    """Raise `CrossSiteRequest` if a request that changes nothing, whatever its method, comes from another site."""
    if request.method not in csrf.SAFE_METHODS:
        csrf.check_origin(request.headers, request.origin, allowed_origins)


def protected(
    name: str, settings: Settings, authenticate: Authenticate, check_site: CheckSite = check_changes
) -> Callable[[ProtectedHandle], Handler]:
    """Make a Lambda handler as `endpoint` does, of a function that is told who acts.

    Without a credential, with a bad one, without the permission that the operation demands, or where a cookie may have
    been sent for another site, the function is not called. The answer to a session cookie sets it anew, so that it
    lives as long as its session, and tells its CSRF token.
    """
    allowed_origins = settings.allowed_origins
    return lambda handle: endpoint(name, settings)(
        partial(_authenticated, name, handle, authenticate, check_site, allowed_origins)
    )


def principal_of(
    request: Request, contract: Contract, authenticate: Authenticate, check_site: CheckSite, origins: frozenset[str]
) -> Principal:
    """Return who sent a request; `origins` are those whose pages may send a session cookie along.

    Raises `AuthenticationRequired`, `CrossSiteRequest`, and as `authenticate` does.
    """
    credential = request.credential
    if isinstance(credential, SessionCookie):
        check_site(request, origins, credential)
    return authenticate(credential, contract.name, request.client, now())


def _authenticated(
    name: str,
    handle: ProtectedHandle,
    authenticate: Authenticate,
    check_site: CheckSite,
    origins: frozenset[str],
    request: Request,
    contract: Contract,
) -> object:
    principal = principal_of(request, contract, authenticate, check_site, origins)
    try:
        principal.demand(contract.operations[name].permission)
        result = handle(request, contract, principal)
    except KeyfobError as error:
        error.user_id = principal.user.id
        raise
    reply = result if isinstance(result, Reply) else Reply(result)
    if reply.cookies or not isinstance(request.credential, SessionCookie):
        return reply
    renewed = session_reply(reply.model, request.credential, request)
    return Reply(reply.model, {**reply.headers, **renewed.headers}, renewed.cookies)
