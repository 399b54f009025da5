"""When DynamoDB fails: every endpoint says that the client may try again, and leaves nothing half-made behind."""

import dataclasses
import itertools
from collections.abc import Callable

import pytest
from botocore.awsrequest import AWSResponse
from keyfob.store import client as store_client

from local.runtime import Runtime
from tests.aws_calls import Calls, refused, response
from tests.failing_dependencies.failures import OURS, PASSING, on_some, some
from tests.guests import CHOSEN, Guest, invited_user, newcomer
from tests.house import PASSWORD, House
from tests.invariants import check_users
from tests.logs import logged
from tests.speakers import CONTRACTS, UNLIKE
from tests.visitor import ENDPOINTS, Visitor, stored


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
