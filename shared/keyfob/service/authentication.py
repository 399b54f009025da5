"""Who sends this request: a credential whose session is live and whose user is active."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from keyfob.crypto.digest import is_digest_of
from keyfob.errors import AccountInactive, InvalidAccessToken
from keyfob.model.credentials import BearerToken, Credential, SessionCookie
from keyfob.model.session import COOKIE_RENEWAL_SECONDS, COOKIE_SECONDS, Client, Session
from keyfob.model.user import User
from keyfob.service.access_tokens import AccessTokens
from keyfob.store.sessions import Sessions, StaleSession
from keyfob.store.sign_ins import SignIns


class SignedIn(NamedTuple):
    """A user and the session it is signed in with."""

    user: User
    session: Session


Authenticate = Callable[[Credential, str, Client, int], SignedIn]
"""Returns who sent a request with a credential, to the contract of this name, from where and at which time."""


class Authenticator:
    """Reads credentials of every kind, and notes now and then that a cookie session is in use."""

    def __init__(self, access_tokens: AccessTokens, sign_ins: SignIns, sessions: Sessions) -> None:
        """Take what verifies tokens, and what reads and writes sessions."""
        self._access_tokens = access_tokens
        self._sign_ins = sign_ins
        self._sessions = sessions

    def active(self, credential: Credential, contract: str, client: Client, now: int) -> SignedIn:
        """Return whose credential it is; raises as `live` does, and `AccountInactive` for a deactivated user."""
        signed_in = active(self.live(credential, contract, client, now))
        session = signed_in.session
        if session.secret_digest is None or now - session.refreshed_at < COOKIE_RENEWAL_SECONDS:
            return signed_in
        return signed_in._replace(session=self._prolonged(session, client, now))

    def live(self, credential: Credential, contract: str, _client: Client, now: int) -> SignedIn:
        """Return whose credential it is, active or not; raises `InvalidAccessToken` for a bad or ended one."""
        if isinstance(credential, BearerToken):
            claims = self._access_tokens.read(credential.token, (contract,))
            return live_sign_in(claims.sub, claims.sid, self._sign_ins, now)
        return live_cookie_sign_in(credential, (contract,), self._sign_ins, now)

    def _prolonged(self, session: Session, client: Client, now: int) -> Session:
        """Note the use, unless the user has just carried this session over to another epoch: the next use is noted."""
        try:
            return self._sessions.prolong(session.ref, now=now, lifetime=COOKIE_SECONDS, client=client)
        except StaleSession as stale:
            if stale.session is None or not stale.session.is_live(now):
                raise InvalidAccessToken("the session has ended") from stale
            return session


def live_cookie_sign_in(cookie: SessionCookie, contracts: Collection[str], sign_ins: SignIns, now: int) -> SignedIn:
    """Return the live session that a cookie stands for, on one of `contracts`, and its user, active or not.

    Raises `InvalidAccessToken`.
    """
    signed_in = live_sign_in(cookie.user_id, cookie.session_id, sign_ins, now)
    session = signed_in.session
    if session.secret_digest is None or not is_digest_of(session.secret_digest, cookie.secret):
        raise InvalidAccessToken("not the secret of this session's cookie")
    if session.contract not in contracts:
        raise InvalidAccessToken("for another contract")
    return signed_in


def live_sign_in(user_id: str, session_id: str, sign_ins: SignIns, now: int) -> SignedIn:
    """Return a live session and its user, active or not; raises `InvalidAccessToken`."""
    session, user = sign_ins.find(user_id, session_id)
    if session is None or user is None or not session.is_live(now) or session.epoch != user.session_epoch:
        raise InvalidAccessToken("the session has ended")
    return SignedIn(user, session)


def active(signed_in: SignedIn) -> SignedIn:
    """Return the sign-in of an active user; raises `AccountInactive` for another."""
    if not signed_in.user.is_active:
        raise AccountInactive(signed_in.user.id)
    return signed_in
