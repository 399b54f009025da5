"""What each flow asks of DynamoDB when it succeeds: which calls, and how many units, as Amazon's own engine counts."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest

from bench.consumption import Consumption, counted
from tests.contracts.behaviour import Behaviour
from tests.hooks import hooked
from tests.house import PASSWORD, House, Reply, running_house, unique
from tests.speakers import CONTRACTS, speaker

LONGEST_USER_AGENT = {"User-Agent": "a" * 255}
LONGEST_NAME = "\N{GRINNING FACE}" * 150
METHOD_ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders"

Flow = Callable[[], object]


class Budget(NamedTuple):
    """How many units a flow may consume."""

    reads: float
    writes: float


BUDGETS = {
    "login": Budget(reads=3, writes=1),
    "refresh": Budget(reads=1, writes=1),
    "me": Budget(reads=2, writes=0),
    "authorizer": Budget(reads=2, writes=0),
}
CALLS = {
    "register": ["GetItem", "TransactWriteItems"],
    "login": ["GetItem", "GetItem", "PutItem"],
    "refresh": ["GetItem", "UpdateItem"],
    "me": ["BatchGetItem"],
    "authorizer": ["BatchGetItem"],
}


class Calls(list[str]):
    """The operations that were called, in their order."""

    def note(self, model: Any, **_: object) -> None:
        """Note one that was answered."""
        self.append(model.name)


def flows(house: House, contract: str) -> dict[str, Flow]:
    """Return each flow of somebody with the longest user agent, ready to begin."""
    client = speaker(contract, house)
    username, newcomer = unique(), unique()
    email = f"{username}@example.com"
    send = partial(successful, client)
    login = partial(send, "login", client.login_body(email, PASSWORD))
    send("register", client.register_body(username, email))
    tokens = login()
    token = client.access_token(tokens)
    return {
        "register": partial(send, "register", client.register_body(newcomer, f"{newcomer}@example.com")),
        "login": login,
        "refresh": partial(send, "refresh", client.refresh_body(client.refresh_token(tokens))),
        "me": partial(send, "me", token=token),
        "authorizer": partial(authorized, house, token),
    }


def successful(client: Behaviour, endpoint: str, body: Any = None, token: str = "") -> Reply:
    """Return the reply of a call that succeeds."""
    reply = client.client.call(endpoint, body, token=token, headers=LONGEST_USER_AGENT)
    assert reply.status in {200, 201}, reply.text
    return reply


def authorized(house: House, token: str) -> None:
    """Let the authorizer allow a call of another API."""
    event = {"type": "TOKEN", "authorizationToken": f"Bearer {token}", "methodArn": METHOD_ARN}
    policy = house.runtime.invoke("authorizer", event)["policyDocument"]
    assert policy["Statement"][0]["Effect"] == "Allow"


@pytest.fixture(scope="module")
def calls() -> Calls:
    """What the functions of this module have called."""
    return Calls()


@pytest.fixture(scope="module")
def consumption() -> Iterator[Consumption]:
    """What the functions of this module have consumed."""
    with counted() as consumption:
        yield consumption


@pytest.fixture(scope="module")
def house(dynamodb_local_url: str, calls: Calls, consumption: Consumption) -> Iterator[House]:
    """A deployment whose calls are noted and whose consumption is counted."""
    with hooked("after-call.dynamodb", calls.note), running_house(dynamodb_url=dynamodb_local_url) as house:
        consumption.clear()
        yield house
        house.drop_tables()


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("flow", CALLS)
def test_a_flow_makes_just_these_calls(house: House, calls: Calls, contract: str, flow: str) -> None:
    """Registering is one transaction, `me` and the strict authorizer are one round trip, and nothing is extra."""
    run = flows(house, contract)[flow]
    calls.clear()
    run()
    assert calls == CALLS[flow]


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("flow", BUDGETS)
def test_a_flow_stays_within_its_budget(house: House, consumption: Consumption, contract: str, flow: str) -> None:
    """A flow that succeeds consumes no more units than this, with a user agent as long as one can be."""
    run = flows(house, contract)[flow]
    consumption.clear()
    run()
    assert 0 < consumption.reads <= BUDGETS[flow].reads
    assert consumption.writes == BUDGETS[flow].writes


def test_the_longest_profile_costs_no_more(house: House, consumption: Consumption) -> None:
    """A user whose every field is as long as it may be is still read in one unit."""
    client = speaker("pythonorg", house)
    email = f"{'m' * 64}@{'.'.join(['d' * 59] * 3)}.example"
    names = {"first_name": LONGEST_NAME, "last_name": LONGEST_NAME}
    successful(client, "register", {**client.register_body(unique("u" * 140), email), **names})
    consumption.clear()
    login = successful(client, "login", client.login_body(email, PASSWORD))
    assert (consumption.reads, consumption.writes) == (2, 1)
    consumption.clear()
    successful(client, "me", token=client.access_token(login))
    assert (consumption.reads, consumption.writes) == (2, 0)
