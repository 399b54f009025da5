"""When SQS fails: mail that was asked for is told of, and what was done beside it stays done."""

from typing import Any

import pytest
from keyfob.store.user_items import INVITATION

from tests.aws_calls import Calls, refused
from tests.failing_dependencies.failures import PASSING, on_some, some
from tests.house import House
from tests.speakers import CONTRACTS
from tests.visitor import Visitor, stored

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
