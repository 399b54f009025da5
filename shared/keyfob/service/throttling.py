"""Throttling: how many attempts somebody has, and how long a guesser waits. Nothing here locks anybody out for good.

Attempts are counted for each IP address, and for each user that is signed in. Wrong passwords are counted for each
account besides: after some of them each next one has to wait, twice as long each time, until a right one or a day
without any. A limit decides by a conditional write, so that of any number of simultaneous attempts exactly as many
pass as may.
"""

from typing import NamedTuple

from keyfob.crypto.digest import fingerprint
from keyfob.errors import Throttled
from keyfob.model.throttle import Allowance
from keyfob.model.user import User, normalised_email, normalised_username
from keyfob.store.attempts import Attempts, Exhausted, Window
from keyfob.store.failures import Failures, Overtaken, Streak

WINDOW_SECONDS = 60
FIRST_DELAY_SECONDS = 30
LONGEST_DELAY_SECONDS = 900
MOST_DOUBLINGS = 5
IPV6_PREFIX = 64


class AddressLimit:
    """How many attempts at one purpose each IP address has in a minute; an IPv6 address counts as its /64.

    Purposes are counted apart, so that a page which has a browser open links of ours keeps nobody from logging in.
    """

    def __init__(self, attempts: Attempts, purpose: str, limit: int) -> None:
        """Take where attempts are counted, at what, and how many there may be."""
        self._attempts = attempts
        self._purpose = purpose
        self._limit = limit

    def admit(self, ip: str, now: int) -> Allowance:
        """Count an attempt, and return what is left; raises `Throttled`."""
        return self.count(ip, self.glance(ip, now), now)

    def glance(self, ip: str, now: int) -> Window | None:
        """Return the address's last window, if it is still remembered; raises `Throttled` if it is used up."""
        window = self._attempts.glance(self._who(ip), now)
        if window and window.since > now - WINDOW_SECONDS and window.attempts >= self._limit:
            raise _throttled(window, self._limit, WINDOW_SECONDS, now)
        return window

    def count(self, ip: str, seen: Window | None, now: int) -> Allowance:
        """Count an attempt of an address whose window has been `seen`; raises `Throttled`."""
        return _take(self._attempts, self._who(ip), seen, limit=self._limit, seconds=WINDOW_SECONDS, now=now)

    def give_back(self, ip: str) -> None:
        """Count an attempt less, which was in order after all."""
        self._attempts.give_back(self._who(ip))

    @property
    def unspent(self) -> Allowance:
        """What an address has that has not tried anything."""
        return Allowance(self._limit, self._limit, WINDOW_SECONDS)

    def _who(self, ip: str) -> str:
        return f"{self._purpose}#{_address(ip)}"


class UserLimit:
    """How many attempts each user that is signed in has in a minute."""

    def __init__(self, attempts: Attempts, *, others: int, staff: int) -> None:
        """Take where attempts are counted, and how many staff and others have."""
        self._attempts = attempts
        self._others = others
        self._staff = staff

    def admit(self, user: User, now: int) -> Allowance:
        """Count an attempt, and return what is left; raises `Throttled`."""
        who = f"user#{user.id}"
        limit = self._staff if user.is_staff or user.is_superuser else self._others
        seen = self._attempts.glance(who, now)
        return _take(self._attempts, who, seen, limit=limit, seconds=WINDOW_SECONDS, now=now)


class MailLimit:
    """How many mails of one kind an address gets in an hour."""

    SECONDS = 3600

    def __init__(self, attempts: Attempts, limit: int) -> None:
        """Take where attempts are counted, and how many there may be."""
        self._attempts = attempts
        self._limit = limit

    def admits(self, kind: str, email: str, now: int) -> bool:
        """Count a mail, and tell whether it may be sent."""
        who = self._who(kind, email)
        seen = self._attempts.glance(who, now)
        try:
            self._attempts.take(who, seen, limit=self._limit, seconds=self.SECONDS, now=now)
        except Exhausted:
            return False
        return True

    def give_back(self, kind: str, email: str) -> None:
        """Count a mail less, which could not be sent."""
        self._attempts.give_back(self._who(kind, email))

    @staticmethod
    def _who(kind: str, email: str) -> str:
        return f"mail#{kind}#{fingerprint(normalised_email(email))}"


class PasswordGate:
    """What stands before a password is looked at: the limit of its account."""

    def __init__(self, failures: Failures, free: int) -> None:
        """Take where wrong passwords are counted, and how many of them cost no waiting."""
        self._failures = failures
        self._free = free

    def enter(self, account: str, now: int) -> "Guess":
        """Admit one guess at the password of `account`, a user's id or what somebody logs in with; raises `Throttled`.

        Where there was a wrong password lately, this one is counted before it is looked at, so that simultaneous
        guesses cannot outrun the count. Where there was none, only a wrong one is counted: logging in writes nothing
        else. A burst of guesses at an account with a clean record is bounded by the stage's own throttle.
        """
        key = fingerprint(account)
        streak = self._failures.glance(key, now)
        if streak is None:
            return Guess(key, None)
        return Guess(key, self._follow(key, streak, now))

    def failed(self, guess: "Guess", now: int) -> None:
        """Count a wrong password, unless it is counted already; raises `Throttled` if others used the last guess."""
        if guess.counted is not None:
            return
        try:
            self._failures.begin(guess.account, now)
        except Overtaken as overtaken:
            if overtaken.streak:
                self._follow(guess.account, overtaken.streak, now)

    def passed(self, guess: "Guess", now: int) -> None:
        """Forgive the wrong passwords, now that there was a right one."""
        if guess.counted is not None:
            self._failures.forgive(guess.account, now)

    def forgive(self, user: User, now: int) -> None:
        """Forgive the wrong passwords of a user that proved to be it in another way."""
        for account in (user.id, guessed_account(user.email), guessed_account(user.username)):
            self._failures.forgive(fingerprint(account), now)

    def _follow(self, account: str, streak: Streak, now: int) -> Streak | None:
        """Count a wrong password that comes after `streak`; return how it then stands, or `None` if it is forgotten."""
        if streak.failures >= self._free and self._wait(streak, now) > 0:
            raise self._throttled(streak, now)
        try:
            if streak.failures < self._free:
                return self._failures.add(account, self._free, now)
            return self._failures.follow(account, streak, now)
        except Overtaken as overtaken:
            if overtaken.streak is None:
                return None
            if overtaken.streak.failures < self._free <= streak.failures:
                return self._follow(account, overtaken.streak, now)  # forgiven since the glance
            raise self._throttled(overtaken.streak, now) from overtaken

    def _throttled(self, streak: Streak, now: int) -> Throttled:
        wait = max(1, self._wait(streak, now))
        return Throttled(f"{streak.failures} wrong passwords", wait, Allowance(self._free, 0, wait))

    def _wait(self, streak: Streak, now: int) -> int:
        """Return for how many seconds from `now` the next guess has to wait."""
        doublings = min(max(0, streak.failures - self._free), MOST_DOUBLINGS)
        return streak.failed_at + min(FIRST_DELAY_SECONDS << doublings, LONGEST_DELAY_SECONDS) - now


class Guess(NamedTuple):
    """One guess at a password: at which account, and how its streak stands if it has been counted."""

    account: str
    counted: Streak | None


class LoginGate:
    """What stands before a login: the limits of its address and of its account."""

    def __init__(self, addresses: AddressLimit, passwords: PasswordGate) -> None:
        """Take both limits."""
        self._addresses = addresses
        self._passwords = passwords

    def enter(self, ip: str, account: str, now: int) -> "Entry":
        """Admit one login; raises `Throttled`. An address that failed lately is counted before, another if it fails.

        The address comes first: what it may not try must not make the account wait.
        """
        window = self._addresses.glance(ip, now)
        if window is None:
            return Entry(ip, self._passwords.enter(account, now), self._addresses.unspent, is_counted=False)
        allowance = self._addresses.count(ip, window, now)
        return Entry(ip, self._passwords.enter(account, now), allowance, is_counted=True)

    def failed(self, entry: "Entry", now: int) -> Allowance:
        """Count a failed login, and return what is left to its address; raises `Throttled`."""
        allowance = entry.allowance if entry.is_counted else self._addresses.count(entry.ip, None, now)
        self._passwords.failed(entry.guess, now)
        return allowance

    def passed(self, entry: "Entry", now: int) -> None:
        """Forgive the account's wrong passwords, and let this login not count."""
        self._passwords.passed(entry.guess, now)
        if entry.is_counted:
            self._addresses.give_back(entry.ip)


class Entry(NamedTuple):
    """One login: from where, the guess that it is, what is left to its address, and whether that has been counted."""

    ip: str
    guess: Guess
    allowance: Allowance
    is_counted: bool


def _take(attempts: Attempts, who: str, seen: Window | None, *, limit: int, seconds: int, now: int) -> Allowance:
    try:
        return _allowance(attempts.take(who, seen, limit=limit, seconds=seconds, now=now), limit, seconds, now)
    except Exhausted as exhausted:
        raise _throttled(exhausted.window, limit, seconds, now) from exhausted


def _allowance(window: Window, limit: int, seconds: int, now: int) -> Allowance:
    return Allowance(limit, max(0, limit - window.attempts), max(1, window.since + seconds - now))


def _throttled(window: Window, limit: int, seconds: int, now: int) -> Throttled:
    allowance = _allowance(window, limit, seconds, now)
    return Throttled("too many attempts", allowance.reset, allowance)


def _address(ip: str) -> str:
    if ":" not in ip:
        return f"ip#{ip}"
    from ipaddress import AddressValueError, IPv6Address, ip_network

    try:
        address = IPv6Address(ip)
    except AddressValueError:
        return f"ip#{ip}"
    if address.ipv4_mapped:
        return f"ip#{address.ipv4_mapped}"
    return f"ip#{ip_network((address, IPV6_PREFIX), strict=False)}"


def guessed_account(identifier: str) -> str:
    """Return what guesses at an identifier are counted for.

    An account's email address and its username are counted apart: together they would tell which belong together, and
    so that there is such an account.
    """
    return f"login#{normalised_email(identifier) if '@' in identifier else normalised_username(identifier)}"
