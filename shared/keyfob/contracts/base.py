"""What every contract is: a name, a base path, lifetimes, operations, and a way to say that something failed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from keyfob.errors import InvalidFields, KeyfobError, MethodNotAllowed, Throttled, Unavailable
from keyfob.model.account import Role
from keyfob.model.credentials import Credentials, PasswordChange, PasswordReset, ProfileChange, Registration
from keyfob.model.permission import PUBLIC
from keyfob.model.session import SessionList
from keyfob.model.token import TokenPolicy, Tokens
from keyfob.model.user import User

if TYPE_CHECKING:
    from keyfob.model.administration import UserChange, UserList
    from keyfob.model.api_key import ApiKey, IssuedKey, NewKey
    from keyfob.model.membership import Invitation, InvitationList, Member, MemberList, NewInvitation

Json = dict[str, Any]

RETRY_AFTER_SECONDS = 1


class Operation(NamedTuple):
    """One endpoint of a contract: its methods, its path below the base path, its request and its response model.

    Without a `body` it reads none, and without a `reply` it answers with an empty one. `permission` is what its caller
    must have: one of `keyfob.model.permission`.
    """

    methods: tuple[str, ...]
    path: str
    status: int
    body: type | None
    reply: Any
    permission: str = PUBLIC


class Problem(NamedTuple):
    """What a client is told of a failure: an HTTP status and a text for its user."""

    status: int
    text: str


class Answer(NamedTuple):
    """A status, a body (a text as it is, anything else as JSON, `None` for none), headers and ``Set-Cookie`` values."""

    status: int
    body: Any
    headers: Mapping[str, str] = MappingProxyType({})
    cookies: tuple[str, ...] = ()


PROBLEMS: Final[Mapping[str, Problem]] = MappingProxyType(
    {
        "malformed_body": Problem(400, "The request body must be a JSON object in UTF-8"),
        "body_too_large": Problem(413, "The request body is too large"),
        "unsupported_media_type": Problem(415, "The request body must be application/json in UTF-8"),
        "invalid_fields": Problem(400, "Validation failed"),
        "email_taken": Problem(409, "Email already registered"),
        "username_taken": Problem(409, "Username already taken"),
        "invalid_credentials": Problem(401, "Invalid email or password"),
        "account_inactive": Problem(403, "Account is inactive"),
        "email_not_verified": Problem(403, "Email is not verified"),
        "wrong_password": Problem(400, "Current password is incorrect"),
        "invalid_one_time_token": Problem(400, "Invalid or expired token"),
        "throttled": Problem(429, "Too many requests, please try again later"),
        "cross_site_request": Problem(403, "Cross-site request refused: send an Origin of this site, or X-CSRF-Token"),
        "invalid_state": Problem(400, "Invalid or expired sign-in, please start again"),
        "authorization_denied": Problem(400, "The sign-in was denied by the provider"),
        "authorization_code_rejected": Problem(400, "The provider did not accept the authorization code"),
        "untrusted_identity": Problem(502, "The provider's answer cannot be trusted"),
        "email_not_vouched": Problem(403, "The provider does not confirm your email address"),
        "account_exists": Problem(
            409,
            "An account with this email address exists: sign in with its password and verify the address, or reset the"
            " password, then try again",
        ),
        "invalid_refresh_token": Problem(401, "Invalid or expired refresh token"),
        "authentication_required": Problem(401, "Authentication required"),
        "invalid_access_token": Problem(401, "Invalid or expired token"),
        "last_owner": Problem(409, "An account must keep an owner: make another member one first"),
        "already_member": Problem(409, "Already a member of the account"),
        "invitation_for_another": Problem(403, "This invitation is for another email address"),
        "too_many_keys": Problem(409, "Too many API keys, please delete one first"),
        "too_many_secrets": Problem(409, "Too many secrets of this key overlap: wait, or rotate it without an overlap"),
        "key_not_found": Problem(404, "API key not found"),
        "permission_denied": Problem(403, "Permission denied"),
        "session_required": Problem(403, "An API key cannot do this, please sign in"),
        "resource_not_found": Problem(404, "Resource not found"),
        "method_not_allowed": Problem(405, "Method not allowed"),
        "unavailable": Problem(503, "Service temporarily unavailable, please try again"),
        "internal_error": Problem(500, "Internal server error"),
    }
)
"""What every contract says of each code, unless it says it otherwise."""


class Contract(ABC):
    """One wire contract."""

    name: ClassVar[str]
    base_path: ClassVar[str]
    tokens: ClassVar[TokenPolicy]
    operations: ClassVar[Mapping[str, Operation]]
    problems: ClassVar[Mapping[str, Problem]] = MappingProxyType({})
    media_type: ClassVar[str] = "application/json"
    problem_media_type: ClassVar[str] = "application/json"
    registration_logs_in: ClassVar[bool] = False
    logout_takes_refresh_token: ClassVar[bool] = False
    new_password_field: ClassVar[str] = "new_password"  # noqa: S105 - the name of a field

    @abstractmethod
    def registration(self, body: Json) -> Registration:
        """Read the body of ``register``; raises `InvalidFields`."""

    @abstractmethod
    def credentials(self, body: Json) -> Credentials:
        """Read the body of ``login``; raises `InvalidFields`."""

    @abstractmethod
    def logged_in(self, user: User, tokens: Tokens) -> object:
        """Return the reply of ``login``, and of a ``register`` that logs in."""

    @abstractmethod
    def refresh_token(self, body: Json) -> str:
        """Read the body of ``refresh``, or of a ``logout`` that takes a refresh token; raises `InvalidFields`."""

    @abstractmethod
    def refreshed(self, tokens: Tokens) -> object:
        """Return the reply of ``refresh``."""

    @abstractmethod
    def me(self, user: User) -> object:
        """Return the reply of ``me``, and of a ``register`` that does not log in."""

    @abstractmethod
    def email(self, body: Json) -> str:
        """Read the body of ``send_verification`` and ``forgot_password``; raises `InvalidFields`."""

    @abstractmethod
    def password_reset(self, body: Json) -> PasswordReset:
        """Read the body of ``reset_password``; raises `InvalidFields`."""

    @abstractmethod
    def password_change(self, body: Json) -> PasswordChange:
        """Read the body of ``change_password``; raises `InvalidFields`."""

    @abstractmethod
    def profile_change(self, body: Json) -> ProfileChange:
        """Read the body of ``update_me``; raises `InvalidFields`."""

    @abstractmethod
    def sessions(self, page: SessionList) -> object:
        """Return the reply of ``sessions``."""

    @abstractmethod
    def new_key(self, body: Json) -> "NewKey":
        """Read the body of ``create_key``; raises `InvalidFields`."""

    @abstractmethod
    def key_overlap(self, body: Json) -> int:
        """Read the body of ``rotate_key``: for how many seconds the old secret works on; raises `InvalidFields`."""

    @abstractmethod
    def key_id(self, text: str) -> str:
        """Return the id of the key that a path names; raises `KeyNotFound` for what is none."""

    @abstractmethod
    def issued_key(self, issued: "IssuedKey") -> object:
        """Return the reply of ``create_key`` and ``rotate_key``."""

    @abstractmethod
    def key(self, key: "ApiKey") -> object:
        """Return the reply of ``key``."""

    @abstractmethod
    def keys(self, keys: "Sequence[ApiKey]") -> object:
        """Return the reply of ``keys``."""

    @abstractmethod
    def user_ref(self, text: str) -> str | int:
        """Return the id of the user that a path names, or its number; raises `ResourceNotFound` for what is neither."""

    @abstractmethod
    def new_invitation(self, body: Json) -> "NewInvitation":
        """Read the body of ``invite``; raises `InvalidFields`."""

    @abstractmethod
    def invitation_token(self, body: Json) -> str:
        """Read the body of ``accept_invitation``; raises `InvalidFields`."""

    @abstractmethod
    def role(self, body: Json) -> Role:
        """Read the body of ``update_member``; raises `InvalidFields`."""

    @abstractmethod
    def member(self, member: "Member") -> object:
        """Return the reply of ``update_member``."""

    @abstractmethod
    def members(self, page: "MemberList") -> object:
        """Return the reply of ``members``."""

    @abstractmethod
    def invitation(self, invitation: "Invitation") -> object:
        """Return the reply of ``invite``."""

    @abstractmethod
    def invitations(self, page: "InvitationList") -> object:
        """Return the reply of ``invitations``."""

    @abstractmethod
    def user_change(self, body: Json) -> "UserChange":
        """Read the body of ``update_user``; raises `InvalidFields`."""

    @abstractmethod
    def user(self, user: User) -> object:
        """Return the reply of ``user`` and ``update_user``."""

    @abstractmethod
    def users(self, page: "UserList") -> object:
        """Return the reply of ``users``."""

    @abstractmethod
    def said(self, message: str) -> object:
        """Return the reply of an endpoint that has nothing to show but a sentence."""

    @abstractmethod
    def problem_body(self, code: str, problem: Problem, fields: Mapping[str, Sequence[str]], request_id: str) -> Json:
        """Return the body that tells of a failure; `fields` is empty unless fields of the request are wrong."""

    def reply_body(self, reply: Any, request_id: str) -> Any:  # noqa: ANN401 - whatever JSON has
        """Return the body around a reply: the reply itself, unless the contract has an envelope."""
        return reply

    def methods_at(self, path: str) -> tuple[str, ...]:
        """Return every method of the operations at a path, such as ``/me``."""
        return tuple(method for each in self.operations.values() if each.path == path for method in each.methods)

    def problem(self, error: KeyfobError) -> Problem:
        """Return what a client is told of `error`."""
        return self.problems.get(error.code) or PROBLEMS[error.code]

    def success(self, endpoint: str, reply: object, request_id: str) -> Answer:
        """Return the answer that carries `reply`, an instance of the operation's response model."""
        operation = self.operations[endpoint]
        if operation.reply is None:
            return Answer(operation.status, None)
        body = self.reply_body(as_json(reply), request_id)
        return Answer(operation.status, body, {"Content-Type": self.media_type})

    def failure(self, error: KeyfobError, request_id: str) -> Answer:
        """Return the answer that tells of `error`."""
        problem = self.problem(error)
        fields = error.fields if isinstance(error, InvalidFields) else {}
        body = self.problem_body(error.code, problem, fields, request_id)
        return Answer(
            problem.status,
            body,
            {"Content-Type": self.problem_media_type, **headers_of(error, problem.status)},
        )


def sentence(problem: Problem, fields: Mapping[str, Sequence[str]]) -> str:
    """Return one text for contracts that have no place for fields: what is wrong with each, or the problem's own."""
    return "; ".join(text for texts in fields.values() for text in texts) or problem.text


def as_json(reply: object) -> Any:  # noqa: ANN401 - whatever JSON has
    """Return what JSON makes of a reply: an object of a model, which is a `NamedTuple`, and an array of a list."""
    if isinstance(reply, list):
        return [as_json(each) for each in reply]
    if isinstance(reply, tuple):
        return {name: as_json(value) for name, value in reply._asdict().items()}  # type: ignore[attr-defined] # of models
    return reply


def headers_of(error: KeyfobError, status: int) -> dict[str, str]:
    """Return the headers that an answer with this status needs to tell of `error`."""
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}
    if isinstance(error, Unavailable):
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    if isinstance(error, Throttled):
        return {"Retry-After": str(error.retry_after)}
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    return {}
