"""What functions get of queues and streams, and what becomes of it by what they answer."""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from boto3 import Session
from moto import mock_aws

from local.aws import connected, create_queues, create_tables
from local.event_sources import EventSources, running
from local.runtime import Runtime
from local.template import Deployment
from tests.local.event_driven import QUEUE, TABLE, load

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

Answer = Callable[[list[dict[str, Any]]], Any]


@dataclass
class Functions:
    """Stand-ins for the functions: they remember their batches, and answer as they are told."""

    answer: Answer = lambda _records: None
    batches: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """Answer one event."""
        assert event.keys() == {"Records"}
        self.batches.append((name, event["Records"]))
        return self.answer(event["Records"])

    def bodies(self) -> list[list[str]]:
        """Return the messages of each batch."""
        return [[record["body"] for record in records] for _, records in self.batches]

    def notes(self) -> list[list[str]]:
        """Return the keys of each batch of changes."""
        return [[record["dynamodb"]["Keys"]["pk"]["S"] for record in records] for _, records in self.batches]


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """Return what the small template deploys."""
    return load(tmp_path_factory.mktemp("driven"))


@pytest.fixture(scope="module")
def dynamodb() -> "DynamoDBClient":
    """Return one client for all tests: to make one takes longer than most of them."""
    made: DynamoDBClient = Session().client("dynamodb")
    return made


@pytest.fixture(scope="module")
def sqs() -> "SQSClient":
    """Return one client for all tests."""
    made: SQSClient = Session().client("sqs")
    return made


@pytest.fixture(autouse=True)
def _aws(driven: Deployment, dynamodb: "DynamoDBClient", sqs: "SQSClient") -> Iterator[None]:
    with mock_aws():
        create_tables(driven, dynamodb)
        create_queues(driven, sqs)
        yield


@pytest.fixture
def functions() -> Functions:
    """Return functions that take everything."""
    return Functions()


@pytest.fixture
def sources(driven: Deployment, functions: Functions) -> EventSources:
    """Return the event sources of both functions."""
    return EventSources(driven, functions.invoke)


@pytest.fixture
def queue(sqs: "SQSClient") -> "Queue":
    """Return the queue as the world sees it."""
    return Queue(sqs)


@pytest.fixture
def table(dynamodb: "DynamoDBClient") -> "Table":
    """Return the table as the world sees it."""
    return Table(dynamodb)


@dataclass(frozen=True)
class Queue:
    """Sends to the queue and tells what is in it."""

    client: "SQSClient"
    name: str = QUEUE

    @property
    def url(self) -> str:
        """Where the queue is."""
        return self.client.get_queue_url(QueueName=self.name)["QueueUrl"]

    def send(self, *bodies: str) -> None:
        """Send one message for each of `bodies`."""
        for body in bodies:
            self.client.send_message(QueueUrl=self.url, MessageBody=body)

    def retry_at_once(self) -> None:
        """Let messages that are received be visible again at once."""
        self.client.set_queue_attributes(QueueUrl=self.url, Attributes={"VisibilityTimeout": "0"})

    def counts(self) -> tuple[int, int]:
        """Return how many messages can be received, and how many are in flight."""
        attributes = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        in_flight = attributes["ApproximateNumberOfMessagesNotVisible"]
        return int(attributes["ApproximateNumberOfMessages"]), int(in_flight)


@dataclass(frozen=True)
class Table:
    """Writes notes."""

    client: "DynamoDBClient"

    def put(self, *keys: str, **attributes: Any) -> None:
        """Write one note for each of `keys`."""
        for key in keys:
            self.client.put_item(TableName=TABLE, Item={"pk": {"S": key}, **attributes})

    def put_together(self, *keys: str) -> None:
        """Write new notes in one transaction, which fails if one is there already."""
        self.client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": TABLE,
                        "Item": {"pk": {"S": key}},
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                }
                for key in keys
            ]
        )


def report(*identifiers: Any) -> dict[str, Any]:
    """Return the answer that these records failed."""
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def fail_on(body: str) -> Answer:
    """Return an answer that reports the messages of that body."""
    return lambda records: report(*[record["messageId"] for record in records if record["body"] == body])


def fail_on_note(key: str) -> Answer:
    """Return an answer that reports the change of that note."""
    return lambda records: report(
        *[each["dynamodb"]["SequenceNumber"] for each in records if each["dynamodb"]["Keys"]["pk"]["S"] == key]
    )


def broken(_records: list[dict[str, Any]]) -> None:
    """Fail as a function with a bug does."""
    raise ZeroDivisionError


def test_a_message_has_the_shape_of_lambdas(queue: Queue, functions: Functions, sources: EventSources) -> None:
    """A function written against AWS's event reads it here, message attributes included."""
    queue.client.send_message(
        QueueUrl=queue.url,
        MessageBody="hello",
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "a"},
            "data": {"DataType": "Binary", "BinaryValue": b"\0"},
        },
    )
    assert sources.deliver() == 1
    [(name, [record])] = functions.batches
    assert name == "worker"
    assert record.pop("messageId")
    assert record.pop("receiptHandle")
    assert record.pop("md5OfMessageAttributes")
    attributes = record.pop("attributes")
    assert attributes["ApproximateReceiveCount"] == "1"
    assert attributes["SentTimestamp"].isdecimal()
    assert record == {
        "body": "hello",
        "messageAttributes": {
            "kind": {"stringValue": "a", "dataType": "String", "stringListValues": [], "binaryListValues": []},
            "data": {"binaryValue": "AA==", "dataType": "Binary", "stringListValues": [], "binaryListValues": []},
        },
        "md5OfBody": hashlib.md5(b"hello", usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:{QUEUE}",
        "awsRegion": "eu-west-1",
    }


def test_messages_come_in_batches_and_are_gone_when_taken(
    queue: Queue, functions: Functions, sources: EventSources
) -> None:
    """A pass hands over one batch; what was taken is deleted."""
    queue.send("1", "2", "3", "4")
    assert [sources.deliver(), sources.deliver(), sources.deliver()] == [3, 1, 0]
    assert [len(batch) for batch in functions.bodies()] == [3, 1]
    assert queue.counts() == (0, 0)


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_answer_without_failures_takes_the_batch(
    queue: Queue, functions: Functions, sources: EventSources, answer: Any
) -> None:
    """Each of Lambda's ways to say that nothing failed is understood."""
    functions.answer = lambda _records: answer
    queue.send("1", "2")
    assert sources.deliver() == 2
    assert queue.counts() == (0, 0)


def test_a_message_that_failed_is_left_and_comes_again(
    queue: Queue, functions: Functions, sources: EventSources
) -> None:
    """Only what the answer names is left, invisible until its time is up, and counts how often it was received."""
    functions.answer = fail_on("2")
    queue.send("1", "2", "3")
    assert sources.deliver() == 2
    assert queue.counts() == (0, 1)
    queue.client.purge_queue(QueueUrl=queue.url)
    queue.retry_at_once()
    queue.send("2")
    assert sources.deliver() == 0
    assert sources.deliver() == 0
    assert [batch[0]["attributes"]["ApproximateReceiveCount"] for _, batch in functions.batches] == ["1", "1", "2"]


def test_a_message_that_fails_too_often_becomes_a_dead_letter(
    queue: Queue, functions: Functions, sources: EventSources
) -> None:
    """The queue's redrive policy holds here too."""
    functions.answer = broken
    queue.retry_at_once()
    queue.send("1")
    for _ in range(4):
        assert sources.deliver() == 0
    assert functions.bodies() == [["1"], ["1"]]
    assert queue.counts() == (0, 0)
    assert Queue(queue.client, "keyfob-Dead").counts() == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        report("unknown"),
        report(""),
        report(None),
        report(["a list"]),
        {"batchItemFailures": [{"id": "1"}]},
        {"batchItemFailures": ["1"]},
        {"batchItemFailures": 1},
        "done",
    ],
)
def test_an_answer_that_lambda_does_not_understand_fails_the_batch(
    queue: Queue, functions: Functions, sources: EventSources, answer: Any
) -> None:
    """A misspelt report must not delete what failed."""
    functions.answer = lambda _records: answer
    queue.send("1", "2")
    assert sources.deliver() == 0
    assert queue.counts() == (0, 2)


def test_a_function_that_raises_keeps_the_batch(
    queue: Queue, functions: Functions, sources: EventSources, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost, and the traceback is in the log."""
    functions.answer = broken
    queue.send("1", "2")
    assert sources.deliver() == 0
    assert queue.counts() == (0, 2)
    assert "ZeroDivisionError" in caplog.text


def test_a_function_that_reports_no_failures_takes_all_or_nothing(
    driven: Deployment, queue: Queue, functions: Functions
) -> None:
    """Without ReportBatchItemFailures the answer says nothing."""
    plain = tuple(replace(source, reports_failures=False) for source in driven.event_sources)
    functions.answer = fail_on("1")
    queue.send("1", "2")
    assert EventSources(replace(driven, event_sources=plain), functions.invoke).deliver() == 2
    assert queue.counts() == (0, 0)


def test_a_change_has_the_shape_of_lambdas(table: Table, functions: Functions, sources: EventSources) -> None:
    """A function written against AWS's event reads it here: binary values in base64, the time in seconds."""
    table.put("a", data={"B": b"\0"}, all={"BS": [b"\0"]})
    assert sources.deliver() == 1
    [(name, [record])] = functions.batches
    assert name == "watcher"
    assert record.pop("eventID")
    change = record.pop("dynamodb")
    assert isinstance(change.pop("ApproximateCreationDateTime"), int)
    assert change.pop("SequenceNumber").isdecimal()
    assert change.pop("SizeBytes") > 0
    assert change == {
        "Keys": {"pk": {"S": "a"}},
        "NewImage": {"pk": {"S": "a"}, "data": {"B": "AA=="}, "all": {"BS": ["AA=="]}},
        "StreamViewType": "NEW_IMAGE",
    }
    assert record.pop("eventSourceARN").startswith(f"arn:aws:dynamodb:eu-west-1:123456789012:table/{TABLE}/stream/")
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
    }


def test_changes_come_once_in_order_and_in_batches(table: Table, functions: Functions, sources: EventSources) -> None:
    """What was there at the beginning comes too."""
    table.put("a", "b", "c", "d")
    assert [sources.deliver(), sources.deliver(), sources.deliver()] == [3, 1, 0]
    table.put("e")
    assert sources.deliver() == 1
    assert functions.notes() == [["a", "b", "c"], ["d"], ["e"]]


def test_only_what_the_filter_lets_pass_is_handed_over(
    table: Table, functions: Functions, sources: EventSources
) -> None:
    """A pass looks behind whole batches of what does not match."""
    for _ in range(5):
        table.put("a")
    table.client.delete_item(TableName=TABLE, Key={"pk": {"S": "a"}})
    table.put("b")
    assert [sources.deliver(), sources.deliver(), sources.deliver()] == [1, 1, 0]
    assert functions.notes() == [["a"], ["b"]]


def test_a_filter_looks_into_the_record(driven: Deployment, table: Table, functions: Functions) -> None:
    """Values at any depth count, and a record that has no such place does not match."""
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["good", "better"]}}}}
    filtered = tuple(replace(source, patterns=(pattern,)) for source in driven.event_sources)
    table.put("a", kind={"S": "bad"})
    table.put("b")
    table.put("c", kind={"S": "better"})
    assert EventSources(replace(driven, event_sources=filtered), functions.invoke).deliver() == 1
    assert functions.notes() == [["c"]]


def test_writes_of_a_transaction_come_and_those_of_a_failed_one_do_not(
    table: Table, functions: Functions, sources: EventSources
) -> None:
    """A transaction that fails between two passes spoils no place in the stream."""
    table.put("a")
    sources.deliver()
    with pytest.raises(table.client.exceptions.TransactionCanceledException):
        table.put_together("b", "a")
    assert sources.deliver() == 0
    table.put_together("b", "c")
    assert sources.deliver() == 2
    assert functions.notes() == [["a"], ["b", "c"]]


def test_a_stream_is_tried_again_from_the_first_that_failed(
    table: Table, functions: Functions, sources: EventSources
) -> None:
    """What came before is done, and order is kept."""
    table.put("a", "b", "c", "d")
    functions.answer = fail_on_note("b")
    assert sources.deliver() == 1
    functions.answer = lambda _records: None
    assert sources.deliver() == 3
    assert functions.notes() == [["a", "b", "c"], ["b", "c", "d"]]


def test_a_stream_stays_where_it_is_when_the_function_raises(
    table: Table, functions: Functions, sources: EventSources
) -> None:
    """Nothing is lost."""
    table.put("a", "b")
    functions.answer = broken
    assert sources.deliver() == 0
    functions.answer = lambda _records: None
    assert sources.deliver() == 2
    assert functions.notes() == [["a", "b"], ["a", "b"]]


@pytest.mark.parametrize("retries", [0, 2])
def test_a_stream_gives_a_batch_up_after_its_retries(
    driven: Deployment, table: Table, functions: Functions, caplog: pytest.LogCaptureFixture, retries: int
) -> None:
    """One record that always fails does not stop the others for ever, and the log says so."""
    limited = tuple(replace(source, maximum_retries=retries) for source in driven.event_sources)
    sources = EventSources(replace(driven, event_sources=limited), functions.invoke)
    table.put("a")
    functions.answer = broken
    assert [sources.deliver() for _ in range(4)] == [0, 0, 0, 0]
    assert functions.notes() == [["a"]] * (1 + retries)
    assert f"watcher gives up records of {TABLE}" in caplog.text
    functions.answer = lambda _records: None
    table.put("b")
    assert sources.deliver() == 1


def test_a_stream_that_bisects_gives_up_the_one_that_fails(
    driven: Deployment, table: Table, functions: Functions
) -> None:
    """A batch whose function raises is tried in halves, until only the record that it fails on is left to give up."""

    def poisoned(records: list[dict[str, Any]]) -> None:
        if "b" in [record["dynamodb"]["Keys"]["pk"]["S"] for record in records]:
            raise ZeroDivisionError

    bisecting = tuple(replace(source, bisects=True) for source in driven.event_sources)
    sources = EventSources(replace(driven, event_sources=bisecting), functions.invoke)
    functions.answer = poisoned
    table.put("a", "b", "c", "d")
    assert [sources.deliver() for _ in range(8)] == [0, 1, 0, 0, 0, 0, 2, 0]
    assert functions.notes() == [["a", "b", "c"], ["a"], ["b", "c", "d"], ["b"], ["b"], ["b"], ["c", "d"]]


def test_without_a_limit_a_stream_never_gives_up(driven: Deployment, table: Table, functions: Functions) -> None:
    """The default of an event source mapping is to retry for ever."""
    patient = tuple(replace(source, maximum_retries=None) for source in driven.event_sources)
    sources = EventSources(replace(driven, event_sources=patient), functions.invoke)
    table.put("a")
    functions.answer = broken
    for _ in range(5):
        sources.deliver()
    assert functions.notes() == [["a"]] * 5


def test_a_pass_takes_a_change_to_its_mail(queue: Queue, table: Table, driven: Deployment) -> None:
    """Streams come before queues, so that what a stream's function sends is handed over in the same pass."""
    seen: list[str] = []

    def invoke(name: str, _event: Mapping[str, Any]) -> None:
        seen.append(name)
        if name == "watcher":
            queue.send("from the watcher")

    table.put("a")
    assert EventSources(driven, invoke).deliver() == 2
    assert seen == ["watcher", "worker"]


def test_what_is_skipped_does_not_come(table: Table, queue: Queue, functions: Functions, sources: EventSources) -> None:
    """Changes of an earlier run are left out; messages, which nobody has taken, are not."""
    table.put("a", "b", "c", "d")
    queue.send("1")
    sources.skip()
    table.put("e")
    assert sources.deliver() == 2
    [(_, [change]), (_, [message])] = functions.batches
    assert change["dynamodb"]["Keys"] == {"pk": {"S": "e"}}
    assert message["body"] == "1"


def test_functions_of_the_runtime_are_handed_events(tmp_path: Path, queue: Queue, table: Table) -> None:
    """What is handed over passes through JSON, as on Lambda."""
    for name in ("worker", "watcher"):
        folder = tmp_path / "functions" / name
        folder.mkdir(parents=True)
        (folder / "app.py").write_text("EVENTS = []\ndef handler(event, context): EVENTS.append(event)\n")
    deployment = load(tmp_path)
    table.put("a", data={"B": b"\0"})
    queue.send("1")
    assert EventSources(deployment, Runtime(deployment).invoke).deliver() == 2


def test_it_goes_on_by_itself_until_the_block_ends(
    driven: Deployment, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    """An error is logged and nothing more; what comes afterwards is handed over."""
    tries, handed_over = iter(range(100)), threading.Event()
    sources = EventSources(driven, lambda _name, _event: handed_over.set())

    def work() -> int:
        if next(tries) == 0:
            raise ConnectionError("no network")
        return sources.deliver()

    caplog.set_level(logging.ERROR)
    with running(work):
        queue.send("1")
        assert handed_over.wait(30)
    assert "no network" in caplog.text
    assert "event sources" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.slow
def test_the_stream_of_dynamodb_local_is_read_too(
    driven: Deployment, functions: Functions, dynamodb_local_url: str
) -> None:
    """Amazon's own streams give what moto's give: order, places, transactions."""
    with connected("http://127.0.0.1:1", dynamodb_local_url):
        table = Table(Session().client("dynamodb"))
        only_stream = tuple(source for source in driven.event_sources if source.kind == "dynamodb")
        create_tables(driven, table.client)
        sources = EventSources(replace(driven, event_sources=only_stream), functions.invoke)
        table.put("a", "b", "c", data={"B": b"\0"})
        functions.answer = fail_on_note("b")
        assert sources.deliver() == 1
        functions.answer = lambda _records: None
        table.put_together("d", "e")
        while sources.deliver():
            pass
        assert functions.notes() == [["a", "b", "c"], ["b", "c", "d"], ["e"]]
        assert functions.batches[0][1][0]["dynamodb"]["NewImage"]["data"] == {"B": "AA=="}
