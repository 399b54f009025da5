"""What the mailer does with a request for mail: who gets it, what it says, and that it is sent once."""

import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep

from keyfob.crypto.random import new_id
from keyfob.errors import Unavailable
from keyfob.mail.letters import Letters
from keyfob.mail.messages import Envelope, message_of
from keyfob.mail.senders import Sender
from keyfob.model.mail import MailKind, MailRequest
from keyfob.model.membership import Invitation
from keyfob.model.user import User
from keyfob.service.devices import device_name
from keyfob.service.email_tokens import LIFETIME_SECONDS, new_email_token
from keyfob.service.invitation_tokens import LIFETIME_SECONDS as INVITATION_SECONDS
from keyfob.service.invitation_tokens import new_invitation_token
from keyfob.service.throttling import MailLimit
from keyfob.store.email_tokens import EmailTokens
from keyfob.store.invitations import Invitations
from keyfob.store.mail_claims import AlreadySent, BeingSent, Claim, MailClaims
from keyfob.store.users import Users

REGISTERING_SECONDS = 10
"""How long after it was requested a mail's user may be about to be stored."""

PAUSE_SECONDS = 1
"""How long to wait for a user that is about to be stored."""

GIVEN_UP_SECONDS = 600
"""How long to try again for a user that was not stored, before nobody is going to be."""

_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")

logger = logging.getLogger("keyfob")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMail:
    """A kind of mail with a token: where the token is kept, and the deployment's own page, or ``""``."""

    tokens: EmailTokens
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailer:
    """Sends mail from `mail_from`; without one it fails, so that requests end where they can be sent from later.

    `token_mails` are the kinds that have a token of a user, ``verify_email`` and ``reset_password``, and
    `invitation_page` is the deployment's own page for invitations, or ``""``. `limit` bounds how many of
    each kind an address gets, which may be that of somebody who has nothing to do with it.
    """

    users: Users
    claims: MailClaims
    token_mails: Mapping[MailKind, TokenMail]
    invitations: Invitations
    invitation_page: str
    limit: MailLimit
    letters: Letters
    sender: Sender
    mail_from: str
    wait: Callable[[float], None] = sleep

    def deliver(self, request: MailRequest, now: int) -> None:
        """Send the mail that is requested, unless it was sent before or nobody should get it.

        Raises `Unavailable` if it may be sent later, or is being sent by somebody else, and what the sender raises.
        """
        if not self.mail_from:
            raise Unavailable("MAIL_FROM is not set, so no mail can be sent")
        match request.kind:
            case "verify_email":
                self._deliver_token(request, self._user_to_verify(request, now), now)
            case "reset_password":
                self._deliver_token(request, self.users.find(_address(request)), now)
            case "invitation":
                self._deliver_invitation(request, now)
            case _:
                self._deliver_notice(request, now)

    def _user_to_verify(self, request: MailRequest, now: int) -> User | None:
        """Return the user who has to prove an address, its own or one that it wants instead, or `None`.

        Registering queues the mail before it stores the user, so the mail may be here first: that raises `Unavailable`.
        Or registering was refused after all, so after a while there is nobody.
        """
        if request.user_id is None:
            return _unverified(self.users.find(_address(request)))
        user = self.users.get(request.user_id)
        if user is None and now - request.requested_at < REGISTERING_SECONDS:
            self.wait(PAUSE_SECONDS)
            user = self.users.get(request.user_id)
        if user is None and now - request.requested_at < GIVEN_UP_SECONDS:
            raise Unavailable("the user is not stored yet")
        return user if request.email else _unverified(user)

    def _deliver_token(self, request: MailRequest, user: User | None, now: int) -> None:
        if user is None or not user.is_active:
            _log("mail_for_nobody", request)
            return
        address = request.email if request.user_id and request.email else user.email
        self._once(request, address, now, lambda: self._send_token(request, user, address, now))

    def _send_token(self, request: MailRequest, user: User, address: str, now: int) -> None:
        mail = self.token_mails[request.kind]
        link = _with_token(mail.page or request.link, new_email_token(user, address, mail.tokens, now))
        hours = LIFETIME_SECONDS[mail.tokens.kind] // 3600
        self._send(request, address, {"link": link, "hours": hours}, now)

    def _deliver_invitation(self, request: MailRequest, now: int) -> None:
        invitation = self.invitations.find(request.facts["account_id"], request.facts["invitation_id"])
        inviter = self.users.get(invitation.invited_by) if invitation else None
        if invitation is None or inviter is None or not _stands(invitation, inviter, now):
            _log("mail_for_nobody", request)
            return
        facts = {"inviter": _presentable(inviter), "account": invitation.account.name, "role": invitation.role}

        def send() -> None:
            token = new_invitation_token(invitation, invitations=self.invitations)
            link = _with_token(self.invitation_page or request.link, token)
            days = INVITATION_SECONDS // (24 * 3600)
            self._send(request, invitation.email, {**facts, "link": link, "days": days}, now)

        self._once(request, invitation.email, now, send)

    def _deliver_notice(self, request: MailRequest, now: int) -> None:
        address = self._noticed(request)
        if address is None:
            _log("mail_for_nobody", request)
            return
        facts = {
            "when": datetime.fromtimestamp(request.requested_at, UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "device": device_name(request.facts.get("user_agent", "")),
            "ip": request.facts.get("ip", ""),
            "provider": request.facts.get("provider", ""),
        }
        self._once(request, address, now, lambda: self._send(request, address, facts, now))

    def _noticed(self, request: MailRequest) -> str | None:
        """Return the address that a notice goes to: the request's own, or its user's."""
        if request.user_id is None:
            return _address(request)
        user = self.users.get(request.user_id)
        return user.email if user else None

    def _send(self, request: MailRequest, address: str, facts: Mapping[str, str | int], now: int) -> None:
        letter = self.letters.write(request.kind, {"email": address, **facts})
        self.sender.send(message_of(letter, Envelope(self.mail_from, address, request.id, now)))

    def _once(self, request: MailRequest, address: str, now: int, send: Callable[[], None]) -> None:
        """Call `send` if nobody has done so for this request, and the address has not had enough of its kind.

        What it raises lets others do it.
        """
        claim = Claim(request.id, new_id())
        try:
            self.claims.take(claim, now)
        except AlreadySent:
            _log("mail_already_sent", request)
            return
        except BeingSent as busy:
            raise Unavailable("the mail is being sent by another") from busy
        try:
            self._send_within_limit(request, address, now, send)
        except Exception:
            with suppress(Unavailable):
                self.claims.give_back(claim)
            raise
        # It was sent, and to fail now would send it again: at worst a second delivery does.
        with suppress(Unavailable):
            self.claims.sent(claim, now)

    def _send_within_limit(self, request: MailRequest, address: str, now: int, send: Callable[[], None]) -> None:
        if not self.limit.admits(request.kind, address, now):
            _log("mail_limit_reached", request)
            return
        try:
            send()
        except Exception:
            with suppress(Unavailable):
                self.limit.give_back(request.kind, address)
            raise
        _log("mail_sent", request)


def _address(request: MailRequest) -> str:
    if request.email is None:
        raise ValueError("a request for mail to an address has none")
    return request.email


def _stands(invitation: Invitation, inviter: User, now: int) -> bool:
    """Tell whether an invitation is worth a mail: it has not expired, and who invited is still there."""
    return invitation.is_live(now) and inviter.is_active and inviter.account.id == invitation.account.id


def _presentable(inviter: User) -> str:
    """Return the address that a mail names as the inviter's, or ``""`` if it may be another's, or look like a link."""
    return inviter.email if inviter.email_verified and _PLAIN_ADDRESS.fullmatch(inviter.email) else ""


def _unverified(user: User | None) -> User | None:
    return user if user and not user.email_verified else None


def _with_token(url: str, token: str) -> str:
    """Return the URL of a link: with the token in place of ``{token}``, or else as its parameter ``token``."""
    if "{token}" in url:
        return url.replace("{token}", token)
    return f"{url}{'&' if '?' in url else '?'}token={token}"


def _log(event: str, request: MailRequest) -> None:
    logger.info(event, extra={"kind": request.kind, "mail_request": request.id})
