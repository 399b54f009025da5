"""When others are in the way: a conflict is waited for, and is neither a failed condition nor reuse."""

import pytest
from keyfob.store import client as store_client

from tests.aws_calls import Calls, Disturbance, refused
from tests.failing_dependencies.failures import WRITES
from tests.house import House
from tests.speakers import CONTRACTS
from tests.visitor import SIGNS_OUT, Visitor, stored

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
