"""Answers that are lost on their way back, after DynamoDB has done what it was asked."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from tests.contracts.behaviour import Behaviour
from tests.hooks import hooked
from tests.house import PASSWORD, House, Reply, running_house, unique
from tests.mail_tokens import emailed
from tests.speakers import UNLIKE, speaker
from tests.throttles import new_ip
from tests.visitor import Visitor

ANOTHER = "another-password"


class Network:
    """What is between the functions and DynamoDB. It carries everything, but may lose answers."""

    def __init__(self) -> None:
        """Begin as a good network."""
        self._http = URLLib3Session()
        self._operation = ""
        self._to_lose = 0
        self._lost = 0

    @contextmanager
    def losing(self, operation: str, most: int = sys.maxsize) -> Iterator[None]:
        """Lose the answers to `operation` within the block, at least one and at most `most`."""
        self._operation, self._to_lose, self._lost = operation, most, 0
        yield
        self._to_lose = 0
        assert self._lost

    def carry(self, request: AWSPreparedRequest, event_name: str, **_: object) -> None:
        """Deliver a request whose answer is to be lost, and break the connection; leave all others to botocore."""
        if self._lost < self._to_lose and event_name.endswith(f".{self._operation}"):
            self._http.send(request)
            self._lost += 1
            raise ConnectionClosedError(endpoint_url=request.url)


@pytest.fixture(scope="module")
def network() -> Network:
    """The network of this module's functions."""
    return Network()


@pytest.fixture(scope="module")
def house(dynamodb_local_url: str, network: Network) -> Iterator[House]:
    """A deployment whose functions reach DynamoDB Local over `network`."""
    with hooked("before-send.dynamodb", network.carry), running_house(dynamodb_url=dynamodb_local_url) as running:
        yield running
        running.drop_tables()


@pytest.fixture(params=UNLIKE)
def client(house: House, request: pytest.FixtureRequest) -> Behaviour:
    """A client of each contract in turn."""
    return speaker(request.param, house)


def newcomer(client: Behaviour) -> tuple[str, Callable[[], Reply]]:
    """Return the email address of a new user, and the call that registers it."""
    username = unique()
    email = f"{username}@example.com"
    return email, partial(client.client.call, "register", client.register_body(username, email))


def assert_unavailable(reply: Reply, client: Behaviour) -> None:
    """Check that a reply says to try again, in the contract's own shape."""
    assert (reply.status, client.error(reply)) == (503, "Service temporarily unavailable, please try again")
    assert reply.headers["retry-after"] == "1"


def test_a_registration_whose_answer_is_lost_is_made_once(client: Behaviour, network: Network) -> None:
    """The transaction is sent again under the same token, so the user does not collide with itself."""
    email, register = newcomer(client)
    with network.losing("TransactWriteItems", 1):
        assert register().status == 201
    assert client.logged_in(email).status == 200


def test_a_login_whose_answer_is_lost_begins_one_session(client: Behaviour, network: Network) -> None:
    """Storing the same session again changes nothing."""
    _, email = client.registered()
    before = len(client.house.items("SessionsTable"))
    with network.losing("PutItem", 1):
        login = client.logged_in(email)
    assert len(client.house.items("SessionsTable")) == before + 1
    assert client.me(client.access_token(login)).status == 200


def test_a_refresh_whose_answer_is_lost_is_no_reuse(client: Behaviour, network: Network) -> None:
    """The second attempt finds that the first one worked, and gives the token that the first one would have."""
    token = client.refresh_token(client.logged_in())
    with network.losing("UpdateItem", 1):
        reply = client.client.call("refresh", client.refresh_body(token))
    assert reply.status == 200
    successor = client.refreshed_token(reply, token)
    assert client.client.call("refresh", client.refresh_body(successor)).status == 200


def test_a_logout_whose_answer_is_lost_is_a_logout(client: Behaviour, network: Network) -> None:
    """Ending what has ended is fine."""
    login = client.logged_in()
    with network.losing("DeleteItem", 1):
        assert client.log_out(login).status == 200
    assert client.me(client.access_token(login)).status == 401


def test_a_lost_read_is_read_again(client: Behaviour, network: Network) -> None:
    """`me` needs no second request of the client."""
    token = client.access_token(client.logged_in())
    with network.losing("BatchGetItem", 1):
        assert client.me(token).status == 200


def test_a_refresh_that_gets_no_answer_at_all_can_be_tried_again(client: Behaviour, network: Network) -> None:
    """After a 503 the client's own retry with the same token goes on with the session."""
    login = client.logged_in()
    refresh = partial(client.client.call, "refresh", client.refresh_body(client.refresh_token(login)))
    with network.losing("UpdateItem"):
        assert_unavailable(refresh(), client)
    reply = refresh()
    assert reply.status == 200
    assert client.me(client.access_token(reply)).status == 200
    assert client.me(client.access_token(login)).status == 200


def test_a_login_that_gets_no_answer_at_all_can_be_tried_again(client: Behaviour, network: Network) -> None:
    """After a 503 the client logs in again."""
    _, email = client.registered()
    with network.losing("PutItem"):
        assert_unavailable(client.client.call("login", client.login_body(email, PASSWORD)), client)
    assert client.logged_in(email).status == 200


def test_a_logout_that_gets_no_answer_at_all_has_ended_the_session(client: Behaviour, network: Network) -> None:
    """After a 503 the session is over, and whoever tries again learns no more than that."""
    login = client.logged_in()
    with network.losing("DeleteItem"):
        assert_unavailable(client.log_out(login), client)
    assert client.log_out(login).status == (200 if client.spec.logout_takes_refresh_token else 401)
    assert client.me(client.access_token(login)).status == 401


def test_a_registration_that_gets_no_answer_at_all_is_whole(client: Behaviour, network: Network) -> None:
    """After a 503 the user is there: trying again says that the address is taken, and logging in works."""
    email, register = newcomer(client)
    with network.losing("TransactWriteItems"):
        assert_unavailable(register(), client)
    assert client.error(register()) == "Email already registered"
    assert client.logged_in(email).status == 200


def test_a_read_that_is_never_answered_denies_nobody(client: Behaviour, network: Network) -> None:
    """`me` answers 503 and not 401, so that no client throws its tokens away."""
    token = client.access_token(client.logged_in())
    with network.losing("BatchGetItem"):
        assert_unavailable(client.me(token), client)
    assert client.me(token).status == 200


# What is new to a user: its address, its password, its sessions


def by_name(client: Behaviour, **fields: str) -> dict[str, str]:
    """Return a body whose fields are named as the contract does."""
    if client.contract != "reference":
        return fields
    return {name.replace("_password", "Password"): value for name, value in fields.items()}


def test_a_reset_whose_answer_is_lost_has_happened_once(client: Behaviour, network: Network) -> None:
    """The transaction is sent again under the same token, so the one-time token is not taken for a used one."""
    _, email = client.registered()
    token = emailed(client.house, email, "RESET")
    reset = partial(client.client.call, "reset_password", by_name(client, token=token, new_password=ANOTHER))
    with network.losing("TransactWriteItems", 1):
        assert reset().status == 200
    assert client.client.call("login", client.login_body(email, ANOTHER)).status == 200
    assert client.error(reset()) == "Invalid or expired token"


def test_a_reset_that_gets_no_answer_at_all_is_whole(client: Behaviour, network: Network) -> None:
    """After a 503 the new password is set and the token spent: trying again says so, and logging in works."""
    _, email = client.registered()
    token = emailed(client.house, email, "RESET")
    reset = partial(client.client.call, "reset_password", by_name(client, token=token, new_password=ANOTHER))
    with network.losing("TransactWriteItems"):
        assert_unavailable(reset(), client)
    assert client.error(reset()) == "Invalid or expired token"
    assert client.client.call("login", client.login_body(email, ANOTHER)).status == 200


def test_a_verification_whose_answer_is_lost_has_happened_once(client: Behaviour, network: Network) -> None:
    """The address is verified, and its owner is told so."""
    _, email = client.registered()
    path = {"token": emailed(client.house, email, "VERIFY")}
    with network.losing("TransactWriteItems", 1):
        assert client.client.call("verify_email", path=path).status == 200
    user = client.house.users.find(email)
    assert user is not None
    assert user.email_verified


def test_a_change_of_password_whose_answer_is_lost_keeps_its_session(client: Behaviour, network: Network) -> None:
    """The session that asked is carried over once, and goes on."""
    _, email = client.registered()
    token = client.access_token(client.logged_in(email))
    body = by_name(client, current_password=PASSWORD, new_password=ANOTHER)
    with network.losing("TransactWriteItems", 1):
        assert client.client.call("change_password", body, token=token).status == 200
    assert client.me(token).status == 200
    assert client.client.call("login", client.login_body(email, ANOTHER)).status == 200


def test_a_deletion_whose_answer_is_lost_is_a_deletion(client: Behaviour, network: Network) -> None:
    """The user does not miss itself."""
    username, email = client.registered()
    token = client.access_token(client.logged_in(email))
    with network.losing("TransactWriteItems", 1):
        assert client.client.call("delete_me", token=token).status == 204
    assert client.client.call("register", client.register_body(username, email)).status == 201


# Who belongs to an account, and what staff does


@pytest.fixture
def visitor(house: House) -> Visitor:
    """Somebody to whom every endpoint answers."""
    return Visitor("standard", house)


@pytest.mark.parametrize(
    "endpoint",
    [
        "update_member",
        "remove_member",
        "accept_invitation",
        "leave_account",
        "update_user",
        "end_user_sessions",
    ],
)
def test_a_transaction_whose_answer_is_lost_happens_once(endpoint: str, visitor: Visitor, network: Network) -> None:
    """It is sent again under the same token, so nobody is taken for one that has changed, joined or left already."""
    with network.losing("TransactWriteItems", 1):
        assert visitor.succeeds(endpoint)


def test_an_invitation_whose_answer_is_lost_is_mailed_once(visitor: Visitor, network: Network) -> None:
    """Storing the same invitation again changes nothing."""
    with network.losing("PutItem", 1):
        assert visitor.succeeds("invite")
    assert len(visitor.house.mail_to(visitor.guest)) == 1


def test_a_revocation_whose_answer_is_lost_is_one(visitor: Visitor, network: Network) -> None:
    """The second attempt finds no invitation, which might as well have been used: nobody is told that it was not."""
    with network.losing("DeleteItem", 1):
        assert visitor.send("revoke_invitation").status == 404
    assert visitor.send("invitations").json["invitations"] == []


# What is counted


def test_an_attempt_whose_answer_is_lost_counts_twice_at_most(house: House, network: Network) -> None:
    """A count that is sent again may be one too many: nobody has more attempts by a bad network, and few have less."""
    client, ip = speaker("standard", house), new_ip()
    for _ in range(2):
        with network.losing("UpdateItem", 1):
            assert client.client.call("forgot_password", {}, source_ip=ip).status == 400
    reply = client.client.call("forgot_password", {}, source_ip=ip)
    assert 3 <= 1_000_000 - int(reply.headers["ratelimit-remaining"]) <= 5


def test_a_wrong_password_whose_answer_is_lost_is_counted(house: House, network: Network) -> None:
    """It is told as a wrong one, and counts once or twice."""
    client = speaker("standard", house)
    _, email = client.registered()
    guess = partial(client.client.call, "login", client.login_body(email, "not-the-password"), source_ip=new_ip())
    with network.losing("UpdateItem", 2):
        assert guess().status == 401
    assert wrong_passwords(house) in {1, 2}
    assert client.logged_in(email).status == 200
    assert wrong_passwords(house) == 0


def wrong_passwords(house: House) -> int:
    """Return how many wrong passwords are counted in all."""
    items = house.items("OneTimeTable")
    return sum(int(item["failures"]["N"]) for item in items if item["pk"]["S"].startswith("FAILURES#"))


def test_an_attempt_that_cannot_be_counted_is_not_let_through(house: House, network: Network) -> None:
    """Without an answer nobody knows whether it may pass: a 503, and no guess is looked at for free."""
    client = speaker("standard", house)
    _, email = client.registered()
    guess = partial(client.client.call, "login", client.login_body(email, "not-the-password"), source_ip=new_ip())
    with network.losing("UpdateItem"):
        assert_unavailable(guess(), client)
    with network.losing("GetItem"):
        assert_unavailable(guess(), client)
