"""When AWS fails: every endpoint says that the client may try again, and leaves nothing half-made behind."""

import dataclasses
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from keyfob.store import batches, leftovers
from keyfob.store import client as store_client
from keyfob.store.user_items import INVITATION

from local.runtime import Runtime
from tests.aws_calls import Answer, Calls, Disturbance, answered, raising, refused, response
from tests.guests import CHOSEN, Guest, invited_user, newcomer
from tests.house import PASSWORD, House, running_house
from tests.invariants import check_users
from tests.logs import logged
from tests.speakers import CONTRACTS, UNLIKE
from tests.visitor import ENDPOINTS, SIGNS_OUT, Visitor, stored

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


def some(failures: Mapping[str, Disturbance], contract: str) -> Mapping[str, Disturbance]:
    """Return all failures for `standard`, and one for each other contract: they meet them by the same code."""
    if contract == "standard":
        return failures
    name = list(failures)[CONTRACTS.index(contract) % len(failures)]
    return {name: failures[name]}


def on_some(endpoints: Sequence[str], everywhere: Sequence[str]) -> list[tuple[str, str]]:
    """Return all endpoints on `standard`, and those that are to be tried `everywhere` on each other contract."""
    return [
        (contract, endpoint)
        for contract in CONTRACTS
        for endpoint in (endpoints if contract == "standard" else everywhere)
    ]


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
    monkeypatch.setattr(batches, "BASE_SECONDS", 0)


@pytest.fixture(autouse=True)
def _clean(house: House) -> Iterator[None]:
    """Leave nothing behind, since tests compare all that is stored."""
    yield
    house.forget()


# DynamoDB


@pytest.mark.parametrize("contract", UNLIKE)
def test_what_may_pass_by_itself_is_a_503_and_changes_nothing(contract: str, house: House, calls: Calls) -> None:
    """While DynamoDB fails the answer is 503 with `Retry-After`; nothing is stored, and later the request succeeds."""
    visitor = Visitor(contract, house)
    before = stored(house)
    for failure in some(PASSING, contract).values():
        with calls.disturbed("dynamodb", failure):
            for endpoint in ENDPOINTS:
                visitor.check_unavailable(visitor.send(endpoint))
    assert stored(house) == before
    visitor.check_all_succeeds()
    check_users(house)


@pytest.mark.parametrize(("contract", "endpoint"), on_some(ENDPOINTS, ["register", "login", "refresh", "logout"]))
def test_a_failure_on_the_way_leaves_nothing_half_made(
    contract: str, endpoint: str, house: House, calls: Calls
) -> None:
    """Whichever of its calls DynamoDB fails at, nothing is stored or ended, and the same request succeeds later.

    Once its deed is done, what is left may fail without making it undone.
    """
    visitor = Visitor(contract, house)
    before = stored(house)
    for sparing in itertools.count():
        calls.names.clear()
        with calls.disturbed("dynamodb", refused(500, "InternalServerError"), sparing=sparing):
            reply = visitor.send(endpoint)
        if reply.status == visitor.talk.spec.operations[endpoint].status:
            break
        visitor.check_unavailable(reply)
        assert len([name for name in calls.names if name.startswith("dynamodb")]) == sparing + 1
        assert stored(house) == before
    assert sparing > 0


@pytest.mark.parametrize(("invite", "password"), [(newcomer, CHOSEN), (invited_user, PASSWORD)], ids=["new", "known"])
def test_who_joins_by_the_page_has_joined_or_not(
    invite: Callable[[House], Guest], password: str, house: House, calls: Calls
) -> None:
    """Whichever of its calls DynamoDB fails at, nobody is half a member, and the same form is taken later."""
    guest = invite(house)
    before = stored(house)
    for sparing in itertools.count():
        with calls.disturbed("dynamodb", refused(500, "InternalServerError"), sparing=sparing):
            reply = guest.sends(password)
        if reply.status == 200:
            break
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
        assert stored(house) == before
    assert sparing > 0
    assert guest.signs_in(password) == 200
    check_users(house)


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
    for reason, failure in some(OURS, contract).items():
        for endpoint in ENDPOINTS:
            with calls.disturbed("dynamodb", failure), logged() as log:
                reply = visitor.send(endpoint)
            assert (reply.status, visitor.talk.error(reply)) == (500, "Internal server error")
            assert reason not in reply.text
            (fault,) = log.entries()
            assert (fault["level"], fault["message"]) == ("ERROR", "fault")
            assert (fault["function"], fault["contract"]) == (endpoint, contract)
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
        another = dataclasses.replace(house, runtime=Runtime(house.deployment).start())
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

WRITES = {
    "register": "TransactWriteItems",
    "session_login": "PutItem",
    "refresh": "UpdateItem",
    "verify_email": "TransactWriteItems",
    "forgot_password": "UpdateItem",
    "end_session": "DeleteItem",
    "session_logout": "DeleteItem",
    "create_key": "PutItem",
    "rotate_key": "UpdateItem",
    "delete_key": "DeleteItem",
    "update_user": "TransactWriteItems",
    "end_user_sessions": "TransactWriteItems",
    "update_member": "TransactWriteItems",
    "remove_member": "TransactWriteItems",
    "invite": "PutItem",
    "revoke_invitation": "DeleteItem",
    "accept_invitation": "TransactWriteItems",
    "leave_account": "TransactWriteItems",
    "reset_password": "TransactWriteItems",
    "end_other_sessions": "TransactWriteItems",
    "change_password": "TransactWriteItems",
    "logout": "DeleteItem",
    "update_me": "TransactWriteItems",
    "delete_me": "TransactWriteItems",
}
"""The write by which each endpoint does its deed."""

COUNTED_BEFORE = {"rotate_key": 1}
"""How many writes of that kind come before it: those that count the attempt."""


def _cancelled(*reasons: str) -> Disturbance:
    return refused(400, "TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons])


@pytest.mark.parametrize("contract", CONTRACTS)
def test_another_transaction_in_the_way_is_waited_for(contract: str, house: House, calls: Calls) -> None:
    """A conflict is neither a taken name nor a used token: the write is tried again, and succeeds."""
    visitor = Visitor(contract, house)
    single, many = refused(400, "TransactionConflictException"), _cancelled("None", "TransactionConflict")
    for endpoint, operation in WRITES.items():
        conflict = many if operation == "TransactWriteItems" else single
        with calls.disturbed(f"dynamodb.{operation}", conflict, sparing=COUNTED_BEFORE.get(endpoint, 0), times=3):
            assert visitor.succeeds(endpoint), endpoint
        if endpoint in SIGNS_OUT:
            visitor.sign_in()
    assert visitor.send("me").status == 401


@pytest.mark.parametrize("endpoint", WRITES)
def test_a_conflict_without_end_is_a_503(endpoint: str, house: House, calls: Calls) -> None:
    """After some attempts the client is told to try again; nobody is logged out by that."""
    visitor, operation = Visitor("standard", house), WRITES[endpoint]
    before = stored(house)
    conflict = refused(400, "TransactionConflictException")
    if operation == "TransactWriteItems":
        conflict = _cancelled("None", "TransactionConflict")
    calls.names.clear()
    spared = COUNTED_BEFORE.get(endpoint, 0)
    with calls.disturbed(f"dynamodb.{operation}", conflict, sparing=spared):
        visitor.check_unavailable(visitor.send(endpoint))
    assert calls.names.count(f"dynamodb.{operation}") == spared + store_client.CONFLICT_ATTEMPTS
    assert stored(house) == before
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


# Answers that are lost

ASKED_AGAIN = {
    "create_key": 201,
    "delete_key": 404,
    "update_user": 200,
    "end_user_sessions": 204,
    "update_member": 200,
    "remove_member": 404,
    "invite": 201,
    "revoke_invitation": 404,
    "accept_invitation": 400,
    "leave_account": 409,
}
"""How somebody is answered who asks again for what has happened: that it is so, or that what it is about is gone."""


@pytest.mark.parametrize("endpoint", ASKED_AGAIN)
def test_what_has_happened_though_its_answer_was_lost_is_whole(endpoint: str, house: House, calls: Calls) -> None:
    """DynamoDB wrote everything and we never heard: the client is told to try again, and then sees what there is."""
    visitor = Visitor("standard", house)
    before = stored(house)
    with calls.answers_lost(f"dynamodb.{WRITES[endpoint]}"):
        visitor.check_unavailable(visitor.send(endpoint))
    assert stored(house) != before
    check_users(house)
    assert visitor.send(endpoint).status == ASKED_AGAIN[endpoint]
    check_users(house)


# Reads that come back in parts


def _unprocessed(request: dict[str, Any]) -> Answer:
    asked = json.loads(request["body"])["RequestItems"]
    return answered(200, {"Responses": {}, "UnprocessedKeys": asked})(request)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_keys_that_dynamodb_left_unread_are_read_again(contract: str, house: House, calls: Calls) -> None:
    """An answer that leaves keys unread is not taken for a user or a session that does not exist."""
    visitor = Visitor(contract, house)
    with calls.disturbed("dynamodb.BatchGetItem", _unprocessed, times=leftovers.ATTEMPTS - 1):
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


# SQS

ASKING = ("register", "forgot_password", "send_verification", "send_user_reset")
TELLING = ("change_password", "reset_password", "delete_me", "create_key")


@pytest.mark.parametrize(("contract", "endpoint"), on_some(ASKING, ["register"]))
def test_mail_that_was_asked_for_and_cannot_be_queued_is_a_503(
    contract: str, endpoint: str, house: House, calls: Calls
) -> None:
    """Nobody waits for a mail that will never come, and nobody is registered without one."""
    visitor = Visitor(contract, house)
    before = stored(house)
    for failure in some(PASSING, contract).values():
        with calls.disturbed("sqs", failure):
            visitor.check_unavailable(visitor.send(endpoint))
    assert stored(house) == before
    assert visitor.succeeds(endpoint)


@pytest.mark.parametrize(("contract", "endpoint"), on_some(TELLING, ["change_password"]))
def test_a_notice_that_cannot_be_queued_undoes_nothing(
    contract: str, endpoint: str, house: House, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    """What has happened is answered as such, and whoever runs the service reads that nobody was told."""
    visitor = Visitor(contract, house)
    with calls.disturbed("sqs", PASSING["away"]):
        assert visitor.succeeds(endpoint)
    (lost,) = [record for record in caplog.records if record.message == "notice_lost"]
    assert lost.levelname == "WARNING"
    assert visitor.email not in str(lost.__dict__)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_new_address_that_cannot_be_verified_can_be_asked_for_again(
    contract: str, house: House, calls: Calls
) -> None:
    """The link to a new address is what the change waits for: without it a 503, and later the same request succeeds."""
    visitor = Visitor(contract, house)
    with calls.disturbed("sqs", PASSING["away"]):
        visitor.check_unavailable(visitor.send("update_me"))
    user = house.users.find(visitor.email)
    assert user is not None
    assert user.email == visitor.email
    assert visitor.succeeds("update_me")


@pytest.mark.parametrize("contract", CONTRACTS)
def test_an_invitation_that_cannot_be_mailed_can_be_made_again(contract: str, house: House, calls: Calls) -> None:
    """Without its mail an invitation lets nobody in: a 503, and later the same request invites, once, by one mail."""
    visitor = Visitor(contract, house)
    with calls.disturbed("sqs", PASSING["away"]):
        visitor.check_unavailable(visitor.send("invite"))
    (item,) = invitations_to(visitor)
    assert "digest" not in item
    assert visitor.succeeds("invite")
    assert len(house.mail_to(visitor.guest)) == 1
    (item,) = invitations_to(visitor)
    assert "digest" in item


def invitations_to(visitor: Visitor) -> list[dict[str, Any]]:
    """Return the invitations, as they are stored, of the address that a visitor invites."""
    items = visitor.house.items("UsersTable")
    return [item for item in items if item["sk"]["S"].startswith(INVITATION) and item["email"]["S"] == visitor.guest]


@pytest.mark.parametrize("endpoint", [*ASKING, "update_me", "invite", *TELLING])
def test_a_fault_of_ours_with_the_queue_is_told_by_nobody(endpoint: str, house: House, calls: Calls) -> None:
    """A missing permission is a 500 without a reason, never a success that promises mail."""
    visitor = Visitor("standard", house)
    with calls.disturbed("sqs", refused(403, "AccessDeniedException")):
        reply = visitor.send(endpoint)
    assert (reply.status, visitor.talk.error(reply)) == (500, "Internal server error")


# Secrets Manager


KEYLESS = {
    "session_login",
    "session_logout",  # of a cookie
    "send_verification",
    "verify_email",
    "forgot_password",
    "reset_password",
    "reset_password_page",
    "invitation_page",
}
"""What needs neither to sign nor to verify a token."""


@pytest.mark.parametrize("contract", ["standard", "metatag", "igny8"])
def test_functions_that_have_no_keys_yet_are_unavailable(contract: str, house: House, calls: Calls) -> None:
    """Started while Secrets Manager fails, what needs keys answers 503 and changes nothing; later it works."""
    visitor = Visitor(contract, house)
    cold = dataclasses.replace(house, runtime=Runtime(house.deployment))
    needs_keys = [name for name in ENDPOINTS if name not in KEYLESS]
    if not visitor.talk.spec.registration_logs_in:
        needs_keys.remove("register")
    before = house.everything()
    for failure in some(PASSING, contract).values():
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
    """No service that a request waits for is called with botocore's own limits, which are a minute.

    A call of DynamoDB is tried once before botocore tries.
    """
    default: Any = get_session().create_client("dynamodb").meta.config
    ours: Any = store_client._CONFIG
    attempts = ours.retries["total_max_attempts"]
    for client, tries in (
        (store_client.dynamodb_client(), attempts - 1),
        (store_client.secrets_client(), attempts),
        (store_client.sqs_client(), attempts),
    ):
        config: Any = client.meta.config
        assert config.read_timeout == ours.read_timeout < default.read_timeout
        assert config.retries == {**ours.retries, "total_max_attempts": tries}
