"""Every failure that is expected, each with one stable code.

A contract turns a code into a status, a text and a body (`keyfob.contracts`); nothing else does. The message of
the exception itself is for the log alone and never reaches a client.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from keyfob.model.security_event import SecurityEventKind
    from keyfob.model.throttle import Allowance


class KeyfobError(Exception):
    """An expected failure. `code` is stable: contracts, logs and documents refer to it.

    `allowance` is what the failed request left of a limit, where there is one. A failure that is a security event
    names its kind, and by `user_id` and `session_id` whom it is about, where that is known: for the log alone.
    """

    code: ClassVar[str]
    allowance: "Allowance | None" = None
    security_event: "SecurityEventKind | None" = None
    user_id: str | None = None
    session_id: str | None = None

    @property
    def event(self) -> str:
        """What the log calls it: the code, unless a client must not be told as much as the log."""
        return self.code


class ExpectedFailure(Exception):
    """A failure that no client is told of, and that was foreseen: another alarm than that of faults tells of it."""


class MalformedBody(KeyfobError):
    """The body is not a JSON object in UTF-8 (RFC 8259), or not the form that a page of ours sends."""

    code = "malformed_body"


class BodyTooLarge(KeyfobError):
    """The body is longer than `keyfob.gateway.body.MAX_BODY_BYTES`."""

    code = "body_too_large"


class UnsupportedMediaType(KeyfobError):
    """The body is not declared as ``application/json`` in UTF-8, or as a form where a page of ours sends one."""

    code = "unsupported_media_type"


class InvalidFields(KeyfobError):
    """Fields of the body are missing or wrong. `fields` maps a field's name on the wire to sentences about it."""

    code = "invalid_fields"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        """Keep `fields`: name on the wire → sentences that are fit for the user's eyes."""
        super().__init__(", ".join(fields))
        self.fields = fields


class EmailTaken(KeyfobError):
    """Another user has this email address."""

    code = "email_taken"


class UsernameTaken(KeyfobError):
    """Another user has this username."""

    code = "username_taken"


class InvalidCredentials(KeyfobError):
    """The identifier is unknown or the password is wrong: on purpose, nobody learns which."""

    code = "invalid_credentials"
    security_event = "sign_in_failed"


class AccountInactive(KeyfobError):
    """The credentials are right, and the user has been deactivated."""

    code = "account_inactive"


class EmailNotVerified(KeyfobError):
    """Who somebody is is proven or just registered, and the deployment wants its address to be verified first."""

    code = "email_not_verified"


class WrongPassword(KeyfobError):
    """Somebody who is signed in gave a wrong current password."""

    code = "wrong_password"
    security_event = "password_check_failed"


class InvalidOneTimeToken(KeyfobError):
    """A token from a mail is not ours, has expired, or has been used or replaced."""

    code = "invalid_one_time_token"


class Throttled(KeyfobError):
    """Too many attempts. `retry_after` is how long to wait, in seconds."""

    code = "throttled"
    security_event = "throttled"

    def __init__(self, reason: str, retry_after: int, allowance: "Allowance | None" = None) -> None:
        """Keep how long to wait, and the limit that is used up; `reason` is for the log."""
        super().__init__(reason)
        self.retry_after = max(1, retry_after)
        self.allowance = allowance


class CrossSiteRequest(KeyfobError):
    """A request that another site may have made its user's browser send (CSRF)."""

    code = "cross_site_request"


class InvalidState(KeyfobError):
    """The state of a social login is unknown, used, expired, or another browser's (RFC 6749, section 10.12)."""

    code = "invalid_state"
    security_event = "sign_in_failed"


class AuthorizationDenied(KeyfobError):
    """The provider answered with an error instead of a code (RFC 6749, section 4.1.2.1)."""

    code = "authorization_denied"
    security_event = "sign_in_failed"


class AuthorizationCodeRejected(KeyfobError):
    """The provider did not take the authorization code."""

    code = "authorization_code_rejected"
    security_event = "sign_in_failed"


class UntrustedIdentity(KeyfobError):
    """What the provider told cannot be trusted."""

    code = "untrusted_identity"
    security_event = "sign_in_failed"


class EmailNotVouched(KeyfobError):
    """The provider tells no email address, or does not vouch for it."""

    code = "email_not_vouched"
    security_event = "sign_in_failed"


class AccountExists(KeyfobError):
    """A user with the email address exists, and cannot be linked to the identity without its owner's doing."""

    code = "account_exists"
    security_event = "sign_in_failed"

    def __init__(self, user_id: str) -> None:
        """Keep whose address it is, for the log."""
        super().__init__(user_id)
        self.user_id = user_id


class LastOwner(KeyfobError):
    """An account with other members would be left without an owner."""

    code = "last_owner"


class AlreadyMember(KeyfobError):
    """Somebody is a member of the account already."""

    code = "already_member"


class InvitationForAnother(KeyfobError):
    """The invitation went to another address than that of the user who accepts it."""

    code = "invitation_for_another"


class TooManyKeys(KeyfobError):
    """A user has as many API keys as it may have."""

    code = "too_many_keys"


class TooManySecrets(KeyfobError):
    """As many secrets of an API key overlap as may."""

    code = "too_many_secrets"


class KeyNotFound(KeyfobError):
    """A user has no API key of this id."""

    code = "key_not_found"


class PermissionDenied(KeyfobError):
    """Who asks is known, and may not do that: its role, its flags or its key's scopes do not allow it."""

    code = "permission_denied"


class SessionRequired(KeyfobError):
    """An API key tries what only somebody may do who is signed in."""

    code = "session_required"


class InvalidRefreshToken(KeyfobError):
    """The refresh token is not ours, has expired, or its session has ended."""

    code = "invalid_refresh_token"


class RefreshTokenReused(InvalidRefreshToken):
    """A refresh token that had been replaced came back: the session has been ended (RFC 9700, section 4.14.2)."""

    security_event = "refresh_token_reused"

    def __init__(self, user_id: str, session_id: str) -> None:
        """Keep whose session ended, for the log."""
        super().__init__(f"refresh token reused: session {session_id} of user {user_id} ended")
        self.user_id = user_id
        self.session_id = session_id

    @property
    def event(self) -> str:
        """A security event of its own, which clients cannot tell from any other bad token."""
        return "refresh_token_reused"


class AuthenticationRequired(KeyfobError):
    """The request has no credentials."""

    code = "authentication_required"


class InvalidAccessToken(KeyfobError):
    """The access token or cookie is malformed, forged, expired, for another contract, or its session has ended."""

    code = "invalid_access_token"


class ResourceNotFound(KeyfobError):
    """No such path on this contract, or nothing of that name there: a session, a user, a sign-in provider."""

    code = "resource_not_found"


class ForeignResource(ResourceNotFound):
    """It is another account's: a contract tells that, or answers as if there were none."""

    @property
    def event(self) -> str:
        """What the log may know, and most clients may not."""
        return "foreign_resource"


class MethodNotAllowed(KeyfobError):
    """The path exists, and not with this method. `allowed` lists the methods that it has."""

    code = "method_not_allowed"

    def __init__(self, allowed: Sequence[str]) -> None:
        """Keep the methods for the ``Allow`` header (RFC 9110, section 10.2.1)."""
        super().__init__(", ".join(allowed))
        self.allowed = tuple(allowed)


class Unavailable(KeyfobError):
    """A dependency failed for now: nothing is half-made, and the same request may be sent again."""

    code = "unavailable"


class InternalError(KeyfobError):
    """A fault of ours."""

    code = "internal_error"
