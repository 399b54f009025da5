"""What a contract's operations do not say of themselves: a group, a sentence, and which failures are their own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from keyfob import errors
from keyfob.contracts.bodies import InvitationForm
from keyfob.contracts.common import PasswordResetForm

HTML: Final = "text/html"


class Described(NamedTuple):
    """What there is to say of one operation.

    `failures` are those that its body, its path and its caller do not explain. `message` is the sentence that its reply
    holds, where it holds nothing else. `query` names parameters of `keyfob.documentation.parameters`. `page` tells what
    browsers get, where that is a page; with a `form`, which is what its POST takes of one, everybody gets it.
    `redirects` tells where it may send a browser. Without `needs_body` the whole body may be left out.
    """

    tag: str
    summary: str
    failures: tuple[type[errors.KeyfobError], ...] = ()
    message: str = ""
    query: tuple[str, ...] = ()
    page: str = ""
    form: type | None = None
    redirects: str = ""
    needs_body: bool = True


TAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Sign in": "Accounts begin here, and so do sessions: tokens for programs and apps.",
        "Browser sessions": "The same sessions in a cookie that scripts cannot read.",
        "Social login": "Signing in with an account at somebody else's.",
        "Account": "What somebody who is signed in does about itself.",
        "Email and passwords": "Mail that proves an address, and the ways to a new password.",
        "Sessions": "Where somebody is signed in, and how to end that.",
        "API keys": "What programs of a user authenticate with.",
        "Members": "Who works in the same account, and whom they invite.",
        "Administration": "What staff does about users.",
        "Documentation": "This document, and the pages that show it.",
        "Discovery": "What other services read to verify tokens by themselves.",
    }
)
"""The groups of operations, in the order in which they are shown."""

_LOGIN: Final = (errors.InvalidCredentials, errors.AccountInactive, errors.EmailNotVerified)
_TAKEN: Final = (errors.EmailTaken, errors.UsernameTaken)

OPERATIONS: Final[Mapping[str, Described]] = MappingProxyType(
    {
        "register": Described("Sign in", "Register a user, and its account", (*_TAKEN, errors.EmailNotVerified)),
        "login": Described("Sign in", "Sign in with a password", _LOGIN),
        "refresh": Described("Sign in", "Get a new access token", (errors.InvalidRefreshToken, errors.AccountInactive)),
        "logout": Described("Sign in", "End the session and all its tokens", message="Successfully logged out"),
        "session_login": Described(
            "Browser sessions", "Sign in with a password, and get a session cookie", _LOGIN, "Successfully logged in"
        ),
        "session_logout": Described(
            "Browser sessions", "End the session, and clear its cookie", message="Successfully logged out"
        ),
        "oauth": Described(
            "Social login",
            "Send a browser to a provider to sign in there",
            query=("redirect_to",),
            redirects="To the provider",
        ),
        "oauth_callback": Described(
            "Social login",
            "Sign in with what the provider tells",
            (
                errors.InvalidState,
                errors.AuthorizationDenied,
                errors.AuthorizationCodeRejected,
                errors.AccountInactive,
                errors.EmailNotVerified,
                errors.EmailNotVouched,
                errors.AccountExists,
                errors.UntrustedIdentity,
            ),
            query=("code", "state"),
            redirects="To where the sign-in was to end, with a session cookie",
        ),
        "me": Described("Account", "Show who is signed in"),
        "update_me": Described("Account", "Change what is known of the user", (*_TAKEN, errors.WrongPassword)),
        "delete_me": Described("Account", "Delete the user and all that belongs to it", (errors.LastOwner,)),
        "change_password": Described(
            "Account",
            "Change the password, and end every other session",
            (errors.WrongPassword,),
            "Password changed successfully",
        ),
        "send_verification": Described(
            "Email and passwords", "Send a mail that verifies an address", message="Verification email sent"
        ),
        "verify_email": Described(
            "Email and passwords",
            "Verify an address by the token in a mail",
            (errors.InvalidOneTimeToken,),
            "Email verified successfully",
            page="For browsers, a page that says so",
        ),
        "forgot_password": Described(
            "Email and passwords",
            "Send a mail that resets a password",
            message="If an account exists with this email, you will receive a password reset link",
        ),
        "reset_password": Described(
            "Email and passwords",
            "Set a new password by the token in a mail, and end every session",
            (errors.InvalidOneTimeToken,),
            "Password reset successfully",
        ),
        "reset_password_page": Described(
            "Email and passwords",
            "The page behind the link in a reset mail",
            (errors.InvalidOneTimeToken,),
            query=("token",),
            page="The page, or what came of its form",
            form=PasswordResetForm,
        ),
        "sessions": Described("Sessions", "List the sessions of the user"),
        "end_other_sessions": Described("Sessions", "End every other session"),
        "end_session": Described("Sessions", "End one session"),
        "create_key": Described(
            "API keys", "Make an API key, whose text is shown this once", (errors.TooManyKeys,), needs_body=False
        ),
        "keys": Described("API keys", "List the user's API keys"),
        "key": Described("API keys", "Show one API key, but not its text"),
        "rotate_key": Described(
            "API keys",
            "Give an API key a new text, and let the old one work on for a while",
            (errors.TooManySecrets,),
            needs_body=False,
        ),
        "delete_key": Described("API keys", "Delete an API key, which ends it at once"),
        "members": Described("Members", "List the members of the user's account"),
        "update_member": Described("Members", "Change a member's role", (errors.ForeignResource, errors.LastOwner)),
        "remove_member": Described(
            "Members", "Remove a member from the account", (errors.ForeignResource, errors.LastOwner)
        ),
        "leave_account": Described("Members", "Leave the account, for a new one of one's own", (errors.LastOwner,)),
        "invite": Described("Members", "Invite somebody to the account by mail", (errors.AlreadyMember,)),
        "invitations": Described("Members", "List the invitations that nobody has accepted yet"),
        "revoke_invitation": Described("Members", "Take an invitation back"),
        "accept_invitation": Described(
            "Members",
            "Join the account that a mail invites to",
            (errors.InvalidOneTimeToken, errors.InvitationForAnother, errors.AlreadyMember, errors.LastOwner),
        ),
        "invitation_page": Described(
            "Members",
            "The page behind the link in an invitation",
            (errors.InvalidOneTimeToken, errors.AccountInactive, errors.AlreadyMember, errors.LastOwner),
            query=("token",),
            page="The page, or what came of its form",
            form=InvitationForm,
        ),
        "users": Described(
            "Administration", "Find a user by email or username, or list all", query=("email", "username")
        ),
        "user": Described("Administration", "Show one user"),
        "update_user": Described(
            "Administration", "Activate or deactivate a user, or change its flags or role", (errors.LastOwner,)
        ),
        "end_user_sessions": Described("Administration", "End every session of a user"),
        "send_user_reset": Described(
            "Administration",
            "Send a user a mail that resets its password",
            message="Password reset email sent",
        ),
    }
)
"""Every operation by its name. A contract's operation that is missing here has no documentation."""
