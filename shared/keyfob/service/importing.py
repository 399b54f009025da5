"""Importing: users of another system, or another deployment, as if they had always been here.

Who is there already is left alone, so an import that ended half-way goes on when it is run again, and one that is
done changes nothing. Each user is stored whole or not at all.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from typing import Final, Literal, NamedTuple, TypeVar

from keyfob.crypto.random import new_id, new_number, new_suffix
from keyfob.model.account import Account
from keyfob.model.transfer import ImportedUser, UserRecord
from keyfob.model.user import User, normalised_email, normalised_username
from keyfob.service.patience import patiently
from keyfob.service.registration import ACCOUNT_NAME, ACCOUNT_SLUG, ATTEMPTS, username_from
from keyfob.store.bulk import REFUSALS, Arrival, Bulk, Known
from keyfob.store.transactions import SlugTaken
from keyfob.store.users import IdentityTaken

B = TypeVar("B")
R = TypeVar("R")

BATCH: Final = 24
"""Users that are looked up, and stored, at once."""

_EPOCHS_A_SECOND: Final = 1_000_000
_NAMESPACE: Final = uuid.UUID("6f0a9e0d-6a53-4f0a-8d1c-3f5b7c0e2a91")


class Outcome(NamedTuple):
    """What became of a user, and why it is a conflict, as the end of a sentence about it."""

    state: Literal["imported", "unchanged", "conflict"]
    reason: str = ""


IMPORTED: Final = Outcome("imported")
UNCHANGED: Final = Outcome("unchanged")


def id_from_email(email: str) -> str:
    """Return the id of a user who brings none: always the same one for the same address (RFC 9562, version 5)."""
    return str(uuid.uuid5(_NAMESPACE, normalised_email(email)))


class Importer:
    """Stores users of one import, which happens at one time (seconds since the epoch)."""

    def __init__(self, store: Bulk, now: int) -> None:
        """Take where users are, and the time."""
        self._store = store
        self._now = now

    def judge(self, batch: Sequence[ImportedUser]) -> list[Outcome]:
        """Return what would become of users, as far as that can be told without storing any."""
        known = self._look_up(batch)
        return [_verdict(each, known, UNCHANGED) or IMPORTED for each in batch]

    def add(self, batch: Sequence[ImportedUser]) -> list[Outcome]:
        """Store users whose ids are different, and return what became of each.

        Raises `Unavailable` if DynamoDB does not answer for long; what is stored then is found by the next run.
        """
        outcomes = self._add_together(batch, UNCHANGED)
        waiting = [each for each in batch if each.id not in outcomes]
        if waiting:
            outcomes |= self._add_together(waiting, IMPORTED)
        for each in batch:
            if each.id not in outcomes:
                outcomes[each.id] = self._add_alone(each)
        return [outcomes[each.id] for each in batch]

    def _add_together(self, batch: Sequence[ImportedUser], present: Outcome) -> dict[str, Outcome]:
        """Store users and return what became of those that need no closer look: of those who are there, `present`."""
        known = self._look_up(batch)
        verdicts = {each.id: _verdict(each, known, present) for each in batch}
        chosen = _without_rivals([each for each in batch if verdicts[each.id] is None], known)
        stored = self._store.create_together([self._arrival(each, known) for each in chosen])
        judged = {user_id: verdict for user_id, verdict in verdicts.items() if verdict}
        return judged | dict.fromkeys(stored, IMPORTED)

    def _add_alone(self, wanted: ImportedUser) -> Outcome:
        """Store a user who was not there, under other derived names where those are taken."""
        for attempt in range(ATTEMPTS):
            outcome = patiently(lambda: self._attempt(wanted, renamed=attempt > 0))  # noqa: B023 - called at once
            if outcome:
                break
        else:
            outcome = Outcome("conflict", "has a number that is taken")
        if outcome.state == "conflict" and wanted.api_keys:
            self._store.forget_keys(wanted.id)
        return outcome

    def _attempt(self, wanted: ImportedUser, *, renamed: bool) -> Outcome | None:
        """Try to store a user; `None` says that other names may do."""
        known = self._look_up([wanted])
        verdict = _verdict(wanted, known, IMPORTED)
        if verdict:
            return verdict
        try:
            self._store.create(self._arrival(wanted, known, renamed=renamed))
        except REFUSALS as refusal:
            return _conflict(wanted, refusal)
        return IMPORTED

    def _look_up(self, batch: Sequence[ImportedUser]) -> Known:
        identifiers = chain.from_iterable(_identifiers(each) for each in batch)
        accounts = (each.account.id for each in batch if each.account.id)
        user_ids = [each.id for each in batch]
        wanted = (user_ids, list(dict.fromkeys(identifiers)), list(dict.fromkeys(accounts)))
        return patiently(lambda: self._store.known(*wanted))

    def _arrival(self, wanted: ImportedUser, known: Known, *, renamed: bool = False) -> Arrival:
        username = wanted.username or username_from(wanted.email)
        if not wanted.username and (renamed or normalised_username(username) in known.owners):
            username = f"{username}-{new_suffix()}"
        created_at = self._now if wanted.created_at is None else wanted.created_at
        account = known.accounts.get(wanted.account.id or "")
        epoch = _fresh_epoch(self._now)
        user = User(
            id=wanted.id,
            number=wanted.number or new_number(),
            email=wanted.email,
            username=username,
            name=wanted.name,
            password_hash=wanted.password_hash,
            account=account or _new_account(wanted),
            role=wanted.role,
            created_at=created_at,
            is_active=wanted.is_active,
            is_staff=wanted.is_staff,
            is_superuser=wanted.is_superuser,
            email_verified=wanted.email_verified,
            has_membership=wanted.has_membership,
            session_epoch=epoch,
            key_epoch=epoch,
        )
        joined_at = created_at if wanted.account.joined_at is None else wanted.account.joined_at
        keys = tuple(replace(key, epoch=user.key_epoch) for key in wanted.api_keys)
        record = UserRecord(user=user, joined_at=joined_at, identities=wanted.identities, api_keys=keys)
        return Arrival(record, enters=account is not None)


def in_parallel(work: Callable[[B], R], batches: Iterable[B], workers: int) -> Iterator[tuple[B, R]]:
    """Yield each batch with what `work` returns for it, in order, while `workers` threads go ahead.

    No more batches are taken than they need. Raises what `work` raises, and then takes no more of them.
    """
    under_way: deque[tuple[B, Future[R]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for batch in batches:
                under_way.append((batch, pool.submit(work, batch)))
                if len(under_way) > workers:
                    first, done = under_way.popleft()
                    yield first, done.result()
            for first, done in under_way:
                yield first, done.result()
        finally:
            for _, waiting in under_way:
                waiting.cancel()


def _fresh_epoch(now: int) -> int:
    """Return an epoch above all that a user of the same id had before, so that what it left behind stays dead."""
    return now * _EPOCHS_A_SECOND + new_number() % _EPOCHS_A_SECOND


def _verdict(wanted: ImportedUser, known: Known, present: Outcome) -> Outcome | None:
    """Return what is certain of a user before it is stored, if anything is: of one who is there, `present`."""
    owners = [known.owners.get(each) for each in _identifiers(wanted)]
    if wanted.id in known.user_ids or wanted.id in owners:
        return present
    if normalised_email(wanted.email) in known.owners:
        return Outcome("conflict", "has the email address of another user")
    if wanted.username and normalised_username(wanted.username) in known.owners:
        return Outcome("conflict", "has the username of another user")
    return None


def _conflict(wanted: ImportedUser, refusal: Exception) -> Outcome | None:
    """Return why a user cannot be stored, or `None` if it can under other names, or was just a moment late."""
    if isinstance(refusal, IdentityTaken):
        return Outcome("conflict", "has an identity of another user")
    if isinstance(refusal, SlugTaken) and wanted.account.slug:
        return Outcome("conflict", "has an account with the slug of another one")
    return None


def _without_rivals(batch: Sequence[ImportedUser], known: Known) -> list[ImportedUser]:
    """Return those users who want nothing that one before them in the batch is to have: an account, or a username."""
    seen: set[str] = set()
    chosen = []
    for each in batch:
        shared = {f"name {normalised_username(each.username or username_from(each.email))}"}
        if each.account.id and each.account.id not in known.accounts:
            shared.add(f"account {each.account.id}")
        if seen.isdisjoint(shared):
            chosen.append(each)
        seen |= shared
    return chosen


def _identifiers(wanted: ImportedUser) -> tuple[str, str]:
    return normalised_email(wanted.email), normalised_username(wanted.username or username_from(wanted.email))


def _new_account(wanted: ImportedUser) -> Account:
    hint = wanted.account
    return Account(
        id=hint.id or new_id(),
        number=hint.number or new_number(),
        name=hint.name or ACCOUNT_NAME,
        slug=hint.slug or f"{ACCOUNT_SLUG}-{new_suffix()}",
    )
