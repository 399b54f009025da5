"""Who sends this request: a credential that is live, whose user is active, and what that one may do."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple

from keyfob.crypto.digest import is_digest_of
from keyfob.errors import AccountInactive, InvalidAccessToken, PermissionDenied, SessionRequired
from keyfob.model.credentials import ApiKeySecret, BearerToken, Credential, SessionCookie
from keyfob.model.permission import PUBLIC, SESSION, Permissions
from keyfob.model.session import COOKIE_RENEWAL_SECONDS, COOKIE_SECONDS, Client, Session
from keyfob.model.user import User
from keyfob.service.access_tokens import AccessTokens
from keyfob.store.sessions import Sessions, StaleSession
from keyfob.store.sign_ins import SignIns

if TYPE_CHECKING:
    from keyfob.model.api_key import ApiKey
    from keyfob.service.key_authentication import KeyAuthentication


class SignedIn(NamedTuple):
    """A user and the session it is signed in with."""

    user: User
    session: Session


class Principal(NamedTuple):
    """Who acts: a user, by the session that it is signed in with or by one of its API keys, within `permissions`."""

    user: User
    permissions: frozenset[str]
    session: Session | None = None
    key: "ApiKey | None" = None

    @property
    def signed_in(self) -> SignedIn:
        """The user and its session; raises `SessionRequired` for an API key."""
        if self.session is None:
            raise SessionRequired(self.user.id)
        return SignedIn(self.user, self.session)

    def demand(self, permission: str) -> None:
        """Raise `PermissionDenied` without this permission; for `SESSION`, `SessionRequired` without a session."""
        if permission == SESSION and self.session is None:
            raise SessionRequired(self.user.id)
        if permission not in {PUBLIC, SESSION, *self.permissions}:
            raise PermissionDenied(f"{self.user.id} lacks {permission}")


Authenticate = Callable[[Credential, str, Client, int], Principal]
"""Returns who sent a request with a credential, to the contract of this name, from where and at which time."""


class Authenticator:
    """Reads credentials of every kind, and notes now and then that a cookie session or an API key is in use."""

    def __init__(
        self,
        access_tokens: AccessTokens,
        sign_ins: SignIns,
        sessions: Sessions,
        keys: "KeyAuthentication",
        permissions: Permissions,
    ) -> None:
        """Take what verifies tokens, what reads and writes sessions, what reads keys, and the table of permissions."""
        self._access_tokens = access_tokens
        self._sign_ins = sign_ins
        self._sessions = sessions
        self._keys = keys
        self._permissions = permissions

    def active(self, credential: Credential, contract: str, client: Client, now: int) -> Principal:
        """Return whose credential it is; raises as `live` does, and `AccountInactive` for a deactivated user."""
        principal = self.live(credential, contract, client, now)
        check_active(principal.user)
        if principal.key is not None:
            self._keys.note_use(principal.key, client, now)
        session = principal.session
        if session is None or session.secret_digest is None or now - session.refreshed_at < COOKIE_RENEWAL_SECONDS:
            return principal
        return principal._replace(session=self._prolonged(session, client, now))

    def live(self, credential: Credential, contract: str, _client: Client, now: int) -> Principal:
        """Return whose credential it is, active or not; raises `InvalidAccessToken` for a bad or ended one."""
        if isinstance(credential, ApiKeySecret):
            user, key = self._keys.live(credential.text, (contract,), now)
            return Principal(user, self._permissions.within(user, key.scopes), key=key)
        user, session = self._live_sign_in(credential, contract, now)
        return Principal(user, self._permissions.of(user), session=session)

    def _live_sign_in(self, credential: BearerToken | SessionCookie, contract: str, now: int) -> SignedIn:
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


def check_active(user: User) -> None:
    """Raise `AccountInactive` for a user that has been deactivated."""
    if not user.is_active:
        raise AccountInactive(user.id)
