"""One account, many requests at once: owners leave, invitations are used and taken back, and roles change."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest

from tests.contracts.administration_behaviour import AdministrationBehaviour
from tests.house import House, Reply
from tests.invariants import check_users, counts
from tests.mail_tokens import invited
from tests.on_dynamodb_local.together import simultaneously
from tests.speakers import administration_speaker

ROUNDS = 4
Call = Callable[[], Reply]


@pytest.fixture
def talk(house: House) -> Iterator[AdministrationBehaviour]:
    """A client of our own contract; whatever happens at once, the table is then as it must be."""
    yield administration_speaker("standard", house)
    check_users(house)


def statuses(calls: Sequence[Call]) -> list[int]:
    """Return how calls that begin at the same moment are answered."""
    return [reply.status for reply in simultaneously(calls)]


def settled(calls: Sequence[Call]) -> list[int]:
    """Call all at once, those again that are asked to try again, and return how they are answered in the end."""
    return [call().status if status == 503 else status for call, status in zip(calls, statuses(calls), strict=True)]


@pytest.mark.parametrize("way", ["leaves", "is removed", "is demoted", "is deleted"])
def test_of_two_last_owners_that_go_at_once_one_stays(way: str, talk: AdministrationBehaviour) -> None:
    """One leaves while the other goes in whatever way: one of both succeeds, and the other is left to the members."""
    first = talk.person()
    second = talk.joining(first, "owner")
    talk.joining(first, "viewer")
    ways: dict[str, Call] = {
        "leaves": partial(talk.leave, second),
        "is removed": partial(talk.remove, first, second.user),
        "is demoted": partial(talk.change_role, second, second.user, "admin"),
        "is deleted": partial(talk.client.call, "delete_me", **second.entry.credential),
    }
    answers = settled([partial(talk.leave, first), ways[way]])
    assert sorted(status in {200, 204} for status in answers) == [False, True]
    members, owners = counts(talk.house, first.user.account.id) or (0, 0)
    assert (members, owners) == (3 if answers[1] == 200 else 2, 1)


def test_an_invitation_is_accepted_once(talk: AdministrationBehaviour) -> None:
    """Of eight requests with one token one is answered that its user has joined, and it is a member once."""
    owner = talk.person()
    for joined in range(1, ROUNDS + 1):
        guest = talk.person()
        token = invited(talk.house, guest.user.email, by=owner.user)
        answers = statuses([partial(talk.accept, guest, token)] * 8)
        assert answers.count(200) == 1
        assert set(answers) <= {200, 400, 503}
        assert counts(talk.house, owner.user.account.id) == (1 + joined, 1)


def test_two_invitations_are_accepted_one_after_the_other(talk: AdministrationBehaviour) -> None:
    """Who accepts two at once ends in one of both accounts, and neither counts it twice."""
    for _ in range(ROUNDS):
        owners, guest = (talk.person(), talk.person()), talk.person()
        tokens = [invited(talk.house, guest.user.email, by=owner.user) for owner in owners]
        answers = statuses([partial(talk.accept, guest, token) for token in tokens])
        assert 200 in answers
        assert set(answers) <= {200, 503}
        assert talk.now_is(guest.user).account in [owner.user.account for owner in owners]


def test_an_invitation_is_used_or_replaced_or_taken_back(talk: AdministrationBehaviour) -> None:
    """Accepting, inviting again and revoking at once: who was told that it has joined has, and nobody else."""
    owner = talk.person()
    for _ in range(ROUNDS):
        guest = talk.person()
        token = invited(talk.house, guest.user.email, by=owner.user, role="viewer")
        (invitation,) = talk.shown_invitations(owner)
        path = {"invitation_id": invitation.id}
        revoke: Call = partial(talk.client.call, "revoke_invitation", path=path, **owner.entry.credential)
        invite: Call = partial(talk.invite, owner, guest.user.email, "admin")
        accepted, revoked, renewed = settled([partial(talk.accept, guest, token), revoke, invite])
        assert (accepted, revoked, renewed) in {
            (accepted, revoked, renewed) for accepted in (200, 400) for revoked in (204, 404) for renewed in (201, 409)
        }
        user = talk.now_is(guest.user)
        assert (user.account == owner.user.account) == (accepted == 200)
        assert user.role == ("viewer" if accepted == 200 else "owner")
        assert revoke().status in {204, 404}
        assert talk.shown_invitations(owner) == []


def test_a_role_is_that_of_the_account_that_one_is_in(talk: AdministrationBehaviour) -> None:
    """Whoever gets another role while it is removed has it in the old account, or not at all: it owns its own."""
    owner = talk.person()
    for _ in range(ROUNDS):
        member = talk.joining(owner, "owner")
        change = partial(talk.change_role, owner, member.user, "viewer")
        changed, removed = settled([change, partial(talk.remove, owner, member.user)])
        assert (changed, removed) in {(200, 204), (404, 204)}
        user = talk.now_is(member.user)
        assert (user.role, user.account == owner.user.account) == ("owner", False)
        assert counts(talk.house, owner.user.account.id) == (1, 1)


def test_a_role_that_many_change_is_counted_once(talk: AdministrationBehaviour) -> None:
    """Eight requests that make and unmake an owner leave as many owners as there are."""
    owner = talk.person()
    member = talk.joining(owner, "viewer")
    make, unmake = (partial(talk.change_role, owner, member.user, role) for role in ("owner", "viewer"))
    for _ in range(ROUNDS):
        assert set(statuses([make, unmake] * 4)) <= {200, 503}
        owners = 2 if talk.now_is(member.user).role == "owner" else 1
        assert counts(talk.house, owner.user.account.id) == (2, owners)


def test_an_account_goes_or_gets_a_member(talk: AdministrationBehaviour) -> None:
    """Who accepts while the account goes with its one owner has joined, or is told that the token is worth nothing."""
    for _ in range(2 * ROUNDS):
        owner, guest = talk.person(), talk.person()
        token = invited(talk.house, guest.user.email, by=owner.user)
        delete: Call = partial(talk.client.call, "delete_me", **owner.entry.credential)
        accepted, deleted = settled([partial(talk.accept, guest, token), delete])
        assert (accepted, deleted) in {(200, 409), (400, 204)}
        there = counts(talk.house, owner.user.account.id)
        assert there == ((2, 1) if accepted == 200 else None)
        assert talk.is_live(guest.entry)


def test_flags_that_two_superusers_change_are_both_kept(talk: AdministrationBehaviour) -> None:
    """Neither brings back what the other takes away: the second is told to try again."""
    first, second, somebody = talk.superuser(), talk.superuser(), talk.person().user
    for value in (True, False) * ROUNDS:
        calls: list[Call] = [
            partial(talk.change_user, first, somebody, is_staff=value),
            partial(talk.change_user, second, somebody, has_membership=value),
        ]
        assert settled(calls) == [200, 200]
        user = talk.now_is(somebody)
        assert (user.is_staff, user.has_membership) == (value, value)
