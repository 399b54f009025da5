"""Who sends this request: an access token whose session is live and whose user is active."""

from typing import NamedTuple

from keyfob.errors import AccountInactive, InvalidAccessToken
from keyfob.model.session import Session
from keyfob.model.token import AccessClaims
from keyfob.model.user import User
from keyfob.service.access_tokens import AccessTokens
from keyfob.store.sign_ins import SignIns


class SignedIn(NamedTuple):
    """A user and the session it is signed in with."""

    user: User
    session: Session


def authenticate(token: str, audience: str, *, access_tokens: AccessTokens, sign_ins: SignIns, now: int) -> SignedIn:
    """Return who `token` was given to, for use on the contract `audience`.

    Raises `InvalidAccessToken` for a bad token or an ended session, and `AccountInactive` for a deactivated user.
    """
    return active_sign_in(access_tokens.read(token, (audience,)), sign_ins, now)


def active_sign_in(claims: AccessClaims, sign_ins: SignIns, now: int) -> SignedIn:
    """Return the live session and the active user that `claims` name; raises as `authenticate` does."""
    signed_in = live_sign_in(claims, sign_ins, now)
    if not signed_in.user.is_active:
        raise AccountInactive(signed_in.user.id)
    return signed_in


def live_sign_in(claims: AccessClaims, sign_ins: SignIns, now: int) -> SignedIn:
    """Return the live session that `claims` name and its user, active or not; raises `InvalidAccessToken`."""
    session, user = sign_ins.find(claims.sub, claims.sid)
    if session is None or user is None or not session.is_live(now):
        raise InvalidAccessToken("the session has ended")
    return SignedIn(user, session)
