"""The form of one invitation sent many times at once, and beside everything else that an address or a link decides."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from tests.guests import CHOSEN, Guest, invited_user, members_of, newcomer, registered, user_of
from tests.house import PASSWORD, House, Reply, unique
from tests.mail_tokens import invited
from tests.on_dynamodb_local.together import simultaneously
from tests.speakers import speaker

ROUNDS = 4
REQUESTS = 8

Call = Callable[[], Reply]


def stored(house: House, text: str) -> set[tuple[str, str]]:
    """Return the keys of all items of the users' table in which a text occurs."""
    return {(item["pk"]["S"], item["sk"]["S"]) for item in house.items("UsersTable") if text in str(item)}


def counted(house: House, account_id: str) -> int:
    """Return how many members an account has by its own count."""
    (item,) = [
        each for each in house.items("UsersTable") if each["pk"]["S"] == f"ACCOUNT#{account_id}" and "name" in each
    ]
    return int(item["member_count"]["N"])


def test_one_link_makes_one_newcomer(house: House) -> None:
    """Of eight who send the form at once with passwords of their own one is told that it joined, and it has."""
    for _ in range(ROUNDS):
        owner = registered(house)
        guest = newcomer(house, by=owner)
        passwords = [f"{CHOSEN} {number}" for number in range(REQUESTS)]
        replies = simultaneously([partial(guest.sends, password) for password in passwords])
        assert [reply.status for reply in replies].count(200) == 1
        assert {reply.status for reply in replies} <= {200, 400, 503}
        user = guest.user
        assert members_of(house, owner) == {owner.id, user.id}
        assert counted(house, owner.account.id) == 2
        assert len(stored(house, user.id)) == 5
        (winner,) = [password for password, reply in zip(passwords, replies, strict=True) if reply.status == 200]
        assert [password for password in passwords if guest.signs_in(password) == 200] == [winner]


def test_one_link_lets_a_user_in_once(house: House) -> None:
    """Of eight forms at once one is told that it joined; the account that the user had is gone, and no other."""
    for _ in range(ROUNDS):
        guest = invited_user(house)
        before = guest.user
        replies = simultaneously([partial(guest.sends, PASSWORD)] * REQUESTS)
        assert [reply.status for reply in replies].count(200) == 1
        assert {reply.status for reply in replies} <= {200, 400, 503}
        after = guest.user
        assert (after.id, after.role, len(members_of(house, after))) == (before.id, "editor", 2)
        assert counted(house, after.account.id) == 2
        assert stored(house, before.account.id) == set()


def test_newcomers_of_one_account_all_join(house: House) -> None:
    """Those whose addresses begin alike join at once, each under a name of its own; who is told to repeats it."""
    owner = registered(house)
    stem = unique("guest")
    emails = [f"{stem}@{number}.example.com" for number in range(REQUESTS)]
    guests = [Guest(house, email, invited(house, email, by=owner)) for email in emails]
    replies = simultaneously([partial(guest.sends, CHOSEN) for guest in guests])
    for guest, reply in zip(guests, replies, strict=True):
        assert (guest.sends(CHOSEN) if reply.status == 503 else reply).status == 200
    users = [guest.user for guest in guests]
    assert len({user.username for user in users}) == len({user.number for user in users}) == REQUESTS
    assert members_of(house, owner) == {owner.id, *(user.id for user in users)}
    assert counted(house, owner.account.id) == 1 + REQUESTS


def test_an_address_that_two_accounts_invite_joins_one(house: House) -> None:
    """Of two links to one newcomer that are used at once one makes it, and the other moves it on: it is in one account.

    Who is told to repeats it.
    """
    for _ in range(ROUNDS):
        owners = [registered(house) for _ in range(2)]
        first = newcomer(house, by=owners[0])
        guests = [first, Guest(house, first.email, invited(house, first.email, by=owners[1]))]
        replies = simultaneously([partial(guest.sends, CHOSEN) for guest in guests])
        statuses = [
            guest.sends(CHOSEN).status if reply.status == 503 else reply.status
            for guest, reply in zip(guests, replies, strict=True)
        ]
        assert statuses == [200, 200]
        assert [len(members_of(house, owner)) for owner in owners].count(2) == 1
        assert len(stored(house, first.user.id)) == 5


def test_an_address_is_registered_or_invited_in(house: House) -> None:
    """Whoever is first has it; either it is a member, or it has an account of its own and the link still."""
    for _ in range(ROUNDS):
        owner = registered(house)
        guest = newcomer(house, by=owner)
        client = speaker("standard", house)
        register: Call = partial(client.client.call, "register", client.register_body(unique(), guest.email))
        send: Call = partial(guest.sends, CHOSEN)
        joined, made = simultaneously([send, register])
        assert (joined.status, made.status) in {(200, 409), (503, 201), (400, 201)}
        assert (guest.user.account == owner.account) == (joined.status == 200)
        if joined.status != 200:
            assert guest.sends(PASSWORD).status == 200
        assert user_of(house, guest.email).account == owner.account


def test_a_link_that_is_revoked_while_it_is_used(house: House) -> None:
    """Either somebody joined or the invitation was taken back, and the owner is told which."""
    outcomes: Counter[tuple[int, int]] = Counter()
    for _ in range(ROUNDS):
        owner = registered(house)
        guest = newcomer(house, by=owner)
        client = speaker("standard", house)
        token = client.access_token(client.logged_in(owner.email))
        (listed,) = client.client.call("invitations", token=token).json["invitations"]
        revoke: Call = partial(
            client.client.call, "revoke_invitation", token=token, path={"invitation_id": listed["id"]}
        )
        send: Call = partial(guest.sends, CHOSEN)
        joined, revoked = simultaneously([send, revoke])
        outcomes[joined.status, revoked.status] += 1
        assert (house.users.find(guest.email) is not None) == (joined.status == 200)
    assert outcomes.keys() <= {(200, 404), (400, 204), (503, 204), (200, 503)}
