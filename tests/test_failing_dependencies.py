"""When AWS fails: every endpoint says that the client may try again, and leaves nothing half-made behind."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.session import get_session
from keyfob.store import client as store_client
from keyfob.store import sign_ins

from local.runtime import Runtime
from tests.aws_calls import Answer, Calls, Disturbance, answered, raising, refused, response, tapped
from tests.house import House, Reply, running_house, unique
from tests.logs import logged
from tests.speakers import CONTRACTS, speaker

ENDPOINTS = ("register", "login", "refresh", "logout", "me")
AWS = "https://aws.example"

PASSING: Mapping[str, Disturbance] = {
    "throttled": refused(400, "ThrottlingException"),
    "over the table's capacity": refused(400, "ProvisionedThroughputExceededException"),
    "over the account's": refused(400, "RequestLimitExceeded"),
    "broken": refused(500, "InternalServerError"),
    "away": refused(503, "ServiceUnavailable"),
    "broken in a way not known yet": refused(502, "SomethingNew"),
    "silent": raising(ReadTimeoutError(endpoint_url=AWS)),
    "unreachable": raising(ConnectTimeoutError(endpoint_url=AWS)),
    "refusing connections": raising(EndpointConnectionError(endpoint_url=AWS)),
    "closing connections": raising(ConnectionClosedError(endpoint_url=AWS)),
}
OURS: Mapping[str, Disturbance] = {
    "AccessDeniedException": refused(400, "AccessDeniedException"),
    "ResourceNotFoundException": refused(400, "ResourceNotFoundException"),
    "NoCredentialsError": raising(NoCredentialsError()),
}


@pytest.fixture(scope="module")
def calls() -> Iterator[Calls]:
    """What the functions of this module's house call."""
    with tapped() as calls:
        yield calls


@pytest.fixture(scope="module")
def house(calls: Calls) -> Iterator[House]:
    """A deployment whose calls are tapped."""
    assert calls.names == []
    with running_house() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is in the way here, so there is nothing to wait for."""
    monkeypatch.setattr(store_client, "CONFLICT_BASE_SECONDS", 0)
    monkeypatch.setattr(sign_ins, "BASE_SECONDS", 0)


class Visitor:
    """Somebody signed in, and somebody about to register."""

    def __init__(self, contract: str, house: House) -> None:
        """Sign in."""
        self.house = house
        self.talk = speaker(contract, house)
        _, self.email = self.talk.registered()
        self.login = self.talk.logged_in(self.email)
        self.newcomer = unique()

    def access_token(self) -> str:
        """The access token."""
        return self.talk.access_token(self.login)

    def send(self, endpoint: str, house: House | None = None) -> Reply:
        """Send a request that succeeds when nothing fails, perhaps to another house over the same tables."""
        talk = speaker(self.talk.contract, house or self.house)
        requests: dict[str, Callable[[], Reply]] = {
            "register": lambda: talk.client.call(
                "register", talk.register_body(self.newcomer, f"{self.newcomer}@example.com")
            ),
            "login": lambda: talk.client.call("login", talk.login_body(self.email, "SecurePass123!")),
            "refresh": lambda: talk.client.call("refresh", talk.refresh_body(talk.refresh_token(self.login))),
            "logout": lambda: talk.log_out(self.login),
            "me": lambda: talk.me(self.access_token()),
        }
        return requests[endpoint]()

    def succeeds(self, endpoint: str, house: House | None = None) -> bool:
        """Tell whether that request succeeds."""
        return self.send(endpoint, house).status == self.talk.spec.operations[endpoint].status

    def check_all_succeeds(self, house: House | None = None) -> None:
        """Check that each request succeeds, logging out at the end."""
        for endpoint in ("register", "login", "me", "refresh", "logout"):
            assert self.succeeds(endpoint, house), endpoint

    def check_unavailable(self, reply: Reply) -> None:
        """Check that a reply says, in the contract's shape, to try again soon, and nothing about AWS."""
        assert (reply.status, reply.headers.get("retry-after")) == (503, "1")
        assert self.talk.error(reply) == "Service temporarily unavailable, please try again"
        assert "arn:" not in reply.text


# DynamoDB


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_may_pass_by_itself_is_a_503_and_changes_nothing(contract: str, house: House, calls: Calls) -> None:
    """While DynamoDB fails the answer is 503 with `Retry-After`; nothing is stored, and later the request succeeds."""
    visitor = Visitor(contract, house)
    before = house.everything()
    for failure in PASSING.values():
        with calls.disturbed("dynamodb", failure):
            for endpoint in ENDPOINTS:
                visitor.check_unavailable(visitor.send(endpoint))
    assert house.everything() == before
    visitor.check_all_succeeds()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_failure_on_the_way_leaves_nothing_half_made(contract: str, house: House, calls: Calls) -> None:
    """When DynamoDB fails after some calls, nothing is stored or ended, and the same requests succeed later."""
    visitor = Visitor(contract, house)
    before = house.everything()
    spared = [("register", 1), ("login", 1), ("login", 2), ("refresh", 1)]
    if not visitor.talk.spec.logout_takes_refresh_token:  # that makes one call alone
        spared.append(("logout", 1))
    for endpoint, sparing in spared:
        calls.names.clear()
        with calls.disturbed("dynamodb", refused(500, "InternalServerError"), sparing=sparing):
            visitor.check_unavailable(visitor.send(endpoint))
        assert len(calls.names) == sparing + 1
    assert house.everything() == before
    visitor.check_all_succeeds()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_refresh_whose_write_was_lost_on_the_way_back_logs_nobody_out(
    contract: str, house: House, calls: Calls
) -> None:
    """DynamoDB moved the session on and we never heard: the client's retry gets the successor."""
    visitor = Visitor(contract, house)
    with calls.answers_lost("dynamodb.UpdateItem"):
        visitor.check_unavailable(visitor.send("refresh"))
    retried = visitor.send("refresh")
    assert retried.status == 200
    assert visitor.talk.me(visitor.talk.access_token(retried)).status == 200
    successor = visitor.talk.refreshed_token(retried, visitor.talk.refresh_token(visitor.login))
    assert visitor.talk.client.call("refresh", visitor.talk.refresh_body(successor)).status == 200


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_registration_whose_answer_was_lost_is_whole(contract: str, house: House, calls: Calls) -> None:
    """The transaction happened and we never heard: the user is there with everything that belongs to it."""
    visitor = Visitor(contract, house)
    with calls.answers_lost("dynamodb.TransactWriteItems"):
        visitor.check_unavailable(visitor.send("register"))
    visitor.talk.logged_in(f"{visitor.newcomer}@example.com")


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_logout_whose_answer_was_lost_has_happened(contract: str, house: House, calls: Calls) -> None:
    """The session ended and we never heard: it is over all the same."""
    visitor = Visitor(contract, house)
    with calls.answers_lost("dynamodb.DeleteItem"):
        visitor.check_unavailable(visitor.send("logout"))
    assert visitor.send("me").status == 401


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_does_not_pass_by_itself_is_a_500_that_tells_nothing(contract: str, house: House, calls: Calls) -> None:
    """A fault of ours, such as a missing permission, is logged, and told in the contract's shape without a reason."""
    visitor = Visitor(contract, house)
    before = house.everything()
    for reason, failure in OURS.items():
        for endpoint in ENDPOINTS:
            with calls.disturbed("dynamodb", failure), logged() as log:
                reply = visitor.send(endpoint)
            assert (reply.status, visitor.talk.error(reply)) == (500, "Internal server error")
            assert reason not in reply.text
            (fault,) = log.entries()
            assert (fault["level"], fault["message"]) == ("ERROR", "fault")
            assert (fault["endpoint"], fault["contract"]) == (endpoint, contract)
            assert reason in fault["exception"]
    assert house.everything() == before


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_write_that_is_refused_is_no_reuse(contract: str, house: House, calls: Calls) -> None:
    """A session whose write is refused for a fault of ours goes on: only a failed condition tells of a stolen token."""
    visitor = Visitor(contract, house)
    before = house.everything()
    with calls.disturbed("dynamodb.UpdateItem", refused(400, "ValidationException")):
        reply = visitor.send("refresh")
    assert (reply.status, visitor.talk.error(reply)) == (500, "Internal server error")
    assert house.everything() == before
    assert visitor.succeeds("refresh")


def test_one_throttled_call_is_ridden_out(house: House) -> None:
    """A throttle that botocore's own retry gets over is not seen by the client."""
    visitor = Visitor("standard", house)
    throttle = _OneThrottle()
    emitter = store_client._session().get_component("event_emitter")
    emitter.register_first("before-send.dynamodb.GetItem", throttle)  # before moto answers
    try:
        another = dataclasses.replace(house, runtime=Runtime(house.deployment))
    finally:
        emitter.unregister("before-send.dynamodb.GetItem", throttle)
    throttle.armed = True
    assert visitor.succeeds("refresh", another)
    assert not throttle.armed


class _OneThrottle:
    """Answers one request with a throttle, over HTTP as far as botocore can tell."""

    armed = False

    def __call__(self, **_: object) -> AWSResponse | None:
        if not self.armed:
            return None
        self.armed = False
        return response(400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}')


# Conflicts


def _cancelled(*reasons: str) -> Disturbance:
    return refused(400, "TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons])


@pytest.mark.parametrize("contract", CONTRACTS)
def test_another_transaction_in_the_way_is_waited_for(contract: str, house: House, calls: Calls) -> None:
    """A conflict is neither a taken name nor a used token: the write is tried again, and succeeds."""
    visitor = Visitor(contract, house)
    with calls.disturbed("dynamodb.UpdateItem", refused(400, "TransactionConflictException"), times=3):
        assert visitor.succeeds("refresh")
    with calls.disturbed("dynamodb.TransactWriteItems", _cancelled("None", "TransactionConflict"), times=3):
        assert visitor.succeeds("register")
    with calls.disturbed("dynamodb.DeleteItem", refused(400, "TransactionConflictException"), times=3):
        assert visitor.succeeds("logout")
    assert visitor.send("me").status == 401


@pytest.mark.parametrize(
    ("endpoint", "conflict"),
    [
        ("refresh", refused(400, "TransactionConflictException")),
        ("register", _cancelled("None", "TransactionConflict")),
        ("logout", refused(400, "TransactionConflictException")),
    ],
    ids=["refresh", "register", "logout"],
)
def test_a_conflict_without_end_is_a_503(endpoint: str, conflict: Disturbance, house: House, calls: Calls) -> None:
    """After some attempts the client is told to try again; nobody is logged out by that."""
    visitor = Visitor("standard", house)
    before = house.everything()
    calls.names.clear()
    writes = ("dynamodb.UpdateItem", "dynamodb.TransactWriteItems", "dynamodb.DeleteItem")
    with calls.disturbed(
        {"refresh": writes[0], "register": writes[1], "logout": writes[2]}[endpoint], conflict, sparing=0
    ):
        visitor.check_unavailable(visitor.send(endpoint))
    assert len([name for name in calls.names if name in writes]) == store_client.CONFLICT_ATTEMPTS
    assert house.everything() == before
    assert visitor.succeeds(endpoint)


@pytest.mark.parametrize(
    ("reasons", "status"),
    [
        (("ConditionalCheckFailed", "TransactionConflict"), 409),
        (("ThrottlingError", "None"), 503),
        (("None", "ProvisionedThroughputExceeded"), 503),
        (("ValidationError", "None"), 500),
    ],
)
def test_why_a_transaction_was_cancelled_decides(
    reasons: tuple[str, str], status: int, house: House, calls: Calls
) -> None:
    """A taken email is told even if there was a conflict too; a throttle is a 503; anything else is a fault of ours."""
    visitor = Visitor("standard", house)
    before = house.everything()
    with calls.disturbed("dynamodb.TransactWriteItems", _cancelled(*reasons)):
        assert visitor.send("register").status == status
    assert house.everything() == before


# Reads that come back in parts


def _unprocessed(request: dict[str, Any]) -> Answer:
    asked = json.loads(request["body"])["RequestItems"]
    return answered(200, {"Responses": {}, "UnprocessedKeys": asked})(request)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_keys_that_dynamodb_left_unread_are_read_again(contract: str, house: House, calls: Calls) -> None:
    """An answer that leaves keys unread is not taken for a user or a session that does not exist."""
    visitor = Visitor(contract, house)
    with calls.disturbed("dynamodb.BatchGetItem", _unprocessed, times=sign_ins.ATTEMPTS - 1):
        assert visitor.succeeds("me")
    with calls.disturbed("dynamodb.BatchGetItem", _unprocessed):
        visitor.check_unavailable(visitor.send("me"))


def test_what_was_read_in_two_parts_is_put_together(house: House, calls: Calls) -> None:
    """The user may come at once and the session a moment later."""
    visitor = Visitor("standard", house)
    users = house.deployment.functions["me"].environment["USERS_TABLE"]

    def the_users_alone(request: dict[str, Any]) -> Answer:
        asked = json.loads(request["body"])["RequestItems"]
        (key,) = asked.pop(users)["Keys"]
        item = house.dynamodb.get_item(TableName=users, Key=key)["Item"]
        return answered(200, {"Responses": {users: [item]}, "UnprocessedKeys": asked})(request)

    with calls.disturbed("dynamodb.BatchGetItem", the_users_alone, times=1):
        assert visitor.succeeds("me")


# Secrets Manager


@pytest.mark.parametrize("contract", CONTRACTS)
def test_functions_that_have_no_keys_yet_are_unavailable(contract: str, house: House, calls: Calls) -> None:
    """Started while Secrets Manager fails, what needs keys answers 503 and changes nothing; later it works."""
    visitor = Visitor(contract, house)
    cold = dataclasses.replace(house, runtime=Runtime(house.deployment))
    needs_keys = [name for name in ENDPOINTS if name != "register" or visitor.talk.spec.registration_logs_in]
    before = house.everything()
    for failure in PASSING.values():
        with calls.disturbed("secrets-manager", failure):
            for endpoint in needs_keys:
                visitor.check_unavailable(visitor.send(endpoint, cold))
    assert house.everything() == before
    visitor.check_all_succeeds(cold)


def test_a_registration_without_tokens_needs_no_keys(house: House, calls: Calls) -> None:
    """Where registering does not log in, it does not depend on Secrets Manager."""
    cold = dataclasses.replace(house, runtime=Runtime(house.deployment))
    for contract in ("standard", "metatag", "reference"):
        visitor = Visitor(contract, house)
        with calls.disturbed("secrets-manager", PASSING["away"]):
            assert visitor.succeeds("register", cold)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_functions_that_have_keys_go_on_without_secrets_manager(contract: str, house: House, calls: Calls) -> None:
    """Once the keys are read, an outage of Secrets Manager is not noticed."""
    visitor = Visitor(contract, house)
    assert visitor.succeeds("me")
    assert visitor.succeeds("refresh")
    calls.names.clear()
    with calls.disturbed("secrets-manager", PASSING["away"]):
        assert visitor.succeeds("register")
        assert visitor.succeeds("login")
        assert visitor.succeeds("me")
    assert not [name for name in calls.names if name.startswith("secrets-manager")]


# Time


def test_a_dependency_that_does_not_answer_leaves_time_to_say_so(house: House) -> None:
    """All attempts of one call, and botocore's waits between them, are over before a function's time is."""
    config: Any = store_client._CONFIG
    attempts = config.retries["total_max_attempts"]
    waits = sum(2**attempt for attempt in range(attempts - 1))
    shortest = min(function.timeout for function in house.deployment.functions.values())
    assert attempts * max(config.connect_timeout, config.read_timeout) + waits < shortest


def test_every_client_has_these_limits() -> None:
    """Neither service is called with botocore's own limits, which are a minute."""
    default: Any = get_session().create_client("dynamodb").meta.config
    ours: Any = store_client._CONFIG
    for client in (store_client.dynamodb_client(), store_client.secrets_client()):
        config: Any = client.meta.config
        assert config.read_timeout == ours.read_timeout < default.read_timeout
        assert config.retries == ours.retries
