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
from tests.speakers import CONTRACTS, speaker


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


@pytest.fixture(params=CONTRACTS)
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
