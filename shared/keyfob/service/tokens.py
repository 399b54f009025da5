"""Tokens given out and read: access tokens (RFC 9068) and refresh tokens (RFC 6749, section 1.5)."""

from typing import Any

from keyfob.crypto import jwt
from keyfob.crypto.keys import KeySet
from keyfob.crypto.random import new_id
from keyfob.errors import InvalidRefreshToken
from keyfob.model.permission import Permissions
from keyfob.model.session import Session
from keyfob.model.token import AccessClaims, RefreshClaims, TokenPolicy, Tokens
from keyfob.model.user import User
from keyfob.service.keys import Keys


class TokenIssuer:
    """Gives out tokens, and reads back the refresh tokens it gave."""

    def __init__(self, issuer: str, keys: Keys[KeySet], permissions: Permissions) -> None:
        """Take the tokens' ``iss``, the key set, and what users may do."""
        self._issuer = issuer
        self._keys = keys
        self._permissions = permissions

    def issue(self, user: User, session: Session, policy: TokenPolicy, now: int) -> Tokens:
        """Return a new access token and the refresh token of the session's generation."""
        return Tokens(
            access_token=self.access_token(user, session, policy, now),
            refresh_token=self.refresh_token(session, policy),
            expires_in=policy.access_seconds,
            session_id=session.id,
        )

    def access_token(self, user: User, session: Session, policy: TokenPolicy, now: int) -> str:
        """Return a new access token of `session`."""
        claims = AccessClaims(
            iss=self._issuer,
            sub=user.id,
            aud=policy.audience,
            exp=now + policy.access_seconds,
            iat=now,
            jti=new_id(),
            sid=session.id,
            user_id=policy.user_id(user),
            account_id=user.account.id,
            role=user.role,
            scope=" ".join(sorted(self._permissions.of(user))),
        )
        return jwt.sign(claims._asdict(), self._keys.get().access_signer_at(now))

    def refresh_token(self, session: Session, policy: TokenPolicy) -> str:
        """Return the refresh token of the session's generation: derived, so the same each time it is asked for."""
        claims = RefreshClaims(
            iss=self._issuer,
            sub=session.user_id,
            aud=policy.audience,
            exp=session.refreshed_at + policy.refresh_seconds,
            iat=session.refreshed_at,
            jti=f"{session.id}.{session.generation}",
            sid=session.id,
            gen=session.generation,
        )
        return jwt.sign(claims._asdict(), self._keys.get().refresh_signer_at(session.refreshed_at))

    def read_refresh_token(self, token: str, audience: str, now: int) -> RefreshClaims:
        """Return what a refresh token says, or raise `InvalidRefreshToken`."""
        try:
            claims = self._verified(token)
        except jwt.InvalidToken as error:
            raise InvalidRefreshToken(str(error)) from error
        return self._judged(claims, audience, now)

    def _verified(self, token: str) -> dict[str, Any]:
        try:
            return jwt.verify(token, self._keys.get().refresh_verifiers)
        except jwt.UnknownKey:
            return jwt.verify(token, self._keys.reload().refresh_verifiers)

    def _judged(self, claims: dict[str, Any], audience: str, now: int) -> RefreshClaims:
        try:
            read = RefreshClaims(**{name: claims[name] for name in RefreshClaims._fields})
        except KeyError as error:
            raise InvalidRefreshToken(f"claim {error} is missing") from error
        if (read.iss, read.aud, read.type) != (self._issuer, audience, "refresh"):
            raise InvalidRefreshToken("for another issuer or audience")
        if now >= read.exp:
            raise InvalidRefreshToken("expired")
        return read
