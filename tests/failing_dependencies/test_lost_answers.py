"""When an answer of DynamoDB is lost, or has only a part of what was asked: all is done, and all is read."""

import json
from typing import Any

import pytest
from keyfob.store import leftovers

from tests.aws_calls import Answer, Calls, answered
from tests.failing_dependencies.failures import WRITES
from tests.house import House
from tests.invariants import check_users
from tests.speakers import CONTRACTS
from tests.visitor import Visitor, stored

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
