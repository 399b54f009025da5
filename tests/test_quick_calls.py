"""DynamoDB's client calls as botocore's own does, by a shorter way."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError, ConnectionClosedError, NoCredentialsError
from botocore.session import get_session
from keyfob.store import client as store_client
from moto import mock_aws

from tests.aws_calls import response

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE = "things"
KEY: Any = {"pk": {"S": "a"}}
ITEM: Any = {**KEY, "count": {"N": "1"}, "is_good": {"BOOL": True}, "name": {"S": "Ädä \N{KEY}"}}
ABSENT = "attribute_not_exists(pk)"

Call = Callable[["DynamoDBClient"], Any]
Hear = Callable[[AWSPreparedRequest], AWSResponse | None]

CALLS: dict[str, Call] = {
    "an item": lambda client: client.get_item(TableName=TABLE, Key=KEY, ConsistentRead=True),
    "no item": lambda client: client.get_item(TableName=TABLE, Key={"pk": {"S": "none"}}),
    "what an update left": lambda client: client.update_item(
        TableName=TABLE,
        Key=KEY,
        UpdateExpression="SET #n = :n",
        ExpressionAttributeNames={"#n": "name"},
        ExpressionAttributeValues={":n": {"S": "new"}},
        ReturnValues="ALL_NEW",
    ),
    "a page": lambda client: client.scan(TableName=TABLE),
    "a batch": lambda client: client.batch_get_item(RequestItems={TABLE: {"Keys": [KEY]}}),
    "a transaction": lambda client: client.transact_write_items(
        TransactItems=[{"Put": {"TableName": TABLE, "Item": {"pk": {"S": "b"}}}}]
    ),
}
REFUSED: dict[str, Call] = {
    "a condition": lambda client: client.put_item(
        TableName=TABLE, Item=ITEM, ConditionExpression=ABSENT, ReturnValuesOnConditionCheckFailure="ALL_OLD"
    ),
    "a transaction": lambda client: client.transact_write_items(
        TransactItems=[{"Put": {"TableName": TABLE, "Item": ITEM, "ConditionExpression": ABSENT}}]
    ),
    "a table that is not there": lambda client: client.get_item(TableName="nowhere", Key=KEY),
    "a key that does not fit": lambda client: client.get_item(TableName=TABLE, Key={"other": {"S": "a"}}),
}


class Line:
    """What is between a client and DynamoDB: keeps what is sent, and does to it what it is told, once for each."""

    def __init__(self) -> None:
        """Begin with nothing sent, and let everything pass."""
        self.sent: list[AWSPreparedRequest] = []
        self.accidents: list[Hear] = []

    def hear(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        """See a request before it is sent (botocore's event ``before-send``)."""
        self.sent.append(request)
        return self.accidents.pop(0)(request) if self.accidents else None


@pytest.fixture
def line() -> Iterator[Line]:
    """A line to moto, on which there is one item."""
    line = Line()
    with mock_aws(), hooked_first("before-send.dynamodb", line.hear):
        botocores().create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        botocores().put_item(TableName=TABLE, Item=ITEM)
        yield line


@contextmanager
def hooked_first(event: str, handler: Callable[..., Any]) -> Iterator[None]:
    """Hook into what our clients do, before moto answers."""
    emitter = store_client._session().get_component("event_emitter")
    emitter.register_first(event, handler)
    try:
        yield
    finally:
        emitter.unregister(event, handler)


def botocores() -> "DynamoDBClient":
    """Return a client as botocore makes it."""
    client: DynamoDBClient = get_session().create_client("dynamodb")  # type: ignore[assignment]  # botocore types every client as its base
    return client


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what differs each time."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_an_answer_is_as_botocore_gives_it(call: Call, line: Line) -> None:
    """Items, pages and what else is answered look the same, and have been asked for once."""
    ours = call(store_client.dynamodb_client())
    assert without_metadata(ours) == without_metadata(call(botocores()))
    assert ours["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert len(line.sent) == 1


@pytest.mark.usefixtures("line")
@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_is_as_botocore_raises_it(call: Call) -> None:
    """Codes, reasons and the item that is in the way are the same, whoever asked."""
    with pytest.raises(ClientError) as theirs:
        call(botocores())
    with pytest.raises(ClientError) as ours:
        call(store_client.dynamodb_client())
    assert type(ours.value).__name__ == type(theirs.value).__name__
    assert without_metadata(dict(ours.value.response)) == without_metadata(dict(theirs.value.response))


@pytest.mark.parametrize("name", ["a condition", "a transaction"])
def test_a_condition_that_fails_is_not_asked_twice(name: str, line: Line) -> None:
    """It would consume its units again."""
    with pytest.raises(ClientError):
        REFUSED[name](store_client.dynamodb_client())
    assert len(line.sent) == 1


def broken(request: AWSPreparedRequest) -> AWSResponse | None:
    """Break the connection."""
    raise ConnectionClosedError(endpoint_url=request.url)


ACCIDENTS: dict[str, Hear] = {
    "a broken connection": broken,
    "a throttle": lambda _: response(400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}'),
    "a fault": lambda _: response(500, b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}'),
    "a page of something between": lambda _: response(503, b"<html>Service Unavailable</html>"),
}


@pytest.mark.parametrize("accident", ACCIDENTS.values(), ids=ACCIDENTS.keys())
def test_what_may_pass_is_tried_again(accident: Hear, line: Line) -> None:
    """The caller sees nothing of it."""
    line.accidents = [accident]
    answer = CALLS["an item"](store_client.dynamodb_client())
    assert answer["Item"] == ITEM
    assert len(line.sent) == 2


@pytest.mark.parametrize("accident", ACCIDENTS.values(), ids=ACCIDENTS.keys())
def test_a_call_is_tried_three_times(accident: Hear, line: Line) -> None:
    """As often as those of every other service."""
    line.accidents = [accident] * 4
    with pytest.raises((ClientError, ConnectionClosedError)):
        CALLS["an item"](store_client.dynamodb_client())
    assert len(line.sent) == store_client._CONFIG.retries["total_max_attempts"]  # type: ignore[attr-defined]  # botocore sets what it is given


def test_a_transaction_that_is_tried_again_is_the_same_one(line: Line) -> None:
    """Its answer may be lost after it took effect: the token tells DynamoDB."""
    line.accidents = [broken]
    CALLS["a transaction"](store_client.dynamodb_client())
    bodies: list[Any] = [request.body for request in line.sent]
    first, second = (json.loads(body)["ClientRequestToken"] for body in bodies)
    assert first == second


def test_without_credentials_nothing_is_sent(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is botocore's own."""
    client = store_client.dynamodb_client()
    monkeypatch.setattr(type(client), "botocore_session", _NobodysSession())
    monkeypatch.setattr(client._request_signer, "_credentials", None)  # type: ignore[attr-defined]  # botocore's own
    with pytest.raises(NoCredentialsError):
        CALLS["an item"](client)
    assert line.sent == []


class _NobodysSession:
    def get_credentials(self) -> None:
        """Return none."""
