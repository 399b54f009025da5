"""Lambda's event source mappings: hands a queue's messages and a stream's changes to functions, batch by batch."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from boto3 import Session
from botocore.config import Config

from local.gateway import Invoke
from local.intrinsics import Json
from local.records import matches, queue_record, stream_record
from local.template import Deployment, EventSource

if TYPE_CHECKING:
    from types_boto3_dynamodbstreams.type_defs import RecordTypeDef, ShardTypeDef

IDLE_SECONDS = 0.5

_MOST_MESSAGES = 10  # that SQS gives at once

_logger = logging.getLogger(__name__)


class _Source(Protocol):
    def deliver(self) -> int: ...

    def rewind(self) -> None: ...

    def skip(self) -> None: ...


class EventSources:
    """Every event source of a deployment, with its place in each stream; what is there at the beginning counts.

    Tables and queues must be there already. One thread at a time may use an object.
    """

    def __init__(self, deployment: Deployment, invoke: Invoke) -> None:
        """Find the queues and streams; `invoke` is `local.runtime.Runtime.invoke`, or does the same."""
        sources = sorted(deployment.event_sources, key=lambda source: source.kind)
        session = Session()
        self._sources = [_KINDS[source.kind](source, invoke, session) for source in sources]

    def deliver(self) -> int:
        """Hand each function its next batch of each source, streams first; return how many records are done with.

        A record is done with when its function has taken it without failing. What has failed is kept as Lambda keeps
        it, and does not count: a message is invisible for its queue's visibility timeout, and a stream's records come
        again the next time. So ``while sources.deliver(): pass`` hands over all that can be, and ends. What a function
        raises is logged with its traceback.
        """
        return sum(source.deliver() for source in self._sources)

    def rewind(self) -> None:
        """Read each stream from its beginning again, for when what was in it is forgotten."""
        for source in self._sources:
            source.rewind()

    def skip(self) -> None:
        """Leave out what is in the streams by now, such as what an earlier run has handed over."""
        for source in self._sources:
            source.skip()


@contextmanager
def running(work: Callable[[], int]) -> Iterator[None]:
    """Do `work`, such as `EventSources.deliver`, from another thread for a `with` block, again and again.

    It is done at once again if it returns other than 0, and else half a second later. What it raises is logged.
    """
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0 if _done(work) else IDLE_SECONDS):
            pass

    thread = threading.Thread(target=run, name="event sources")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _done(work: Callable[[], int]) -> int:
    try:
        return work()
    except Exception:
        _logger.exception("event sources failed, and go on")
        return 0


class _Queue:
    """A queue whose messages a function gets; those it does not fail on are deleted."""

    def __init__(self, source: EventSource, invoke: Invoke, session: Session) -> None:
        self._source = source
        self._invoke = invoke
        self._client = session.client("sqs")
        self._url = self._client.get_queue_url(QueueName=source.resource)["QueueUrl"]

    def deliver(self) -> int:
        messages = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(self._source.batch_size, _MOST_MESSAGES),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        records = {message["MessageId"]: queue_record(message, self._source.resource) for message in messages}
        failed = _hand_over(self._source, self._invoke, records)
        done = [(each, records[each]["receiptHandle"]) for each in records if each not in failed]
        if done:
            entries = [{"Id": each, "ReceiptHandle": receipt} for each, receipt in done]
            self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)
        return len(done)

    def rewind(self) -> None:
        """Go nowhere: a queue has no places."""

    def skip(self) -> None:
        """Leave out nothing: a message that is still there was not handed over."""


@dataclass(slots=True)
class _Place:
    """How far a shard is read: after the record numbered `after`, or at its beginning.

    `failing` is the number of the record that failed last, and `attempts` how often it has been tried in vain. At most
    `limit` records are read at once where a batch was bisected.
    """

    after: str | None = None
    failing: str | None = None
    attempts: int = 0
    limit: int | None = None
    ended: bool = False

    def move(self, after: str | None) -> None:
        """Go on after that record, with nothing tried yet."""
        self.after, self.failing, self.attempts, self.limit = after, None, 0, None


class _Stream:
    """A table's stream, whose changes a function gets in order.

    A place is kept as a sequence number and not as an iterator, which a transaction that fails spoils in moto.
    """

    def __init__(self, source: EventSource, invoke: Invoke, session: Session) -> None:
        self._source = source
        self._invoke = invoke
        # moto's mock knows the endpoint without an account only.
        self._client = session.client("dynamodbstreams", config=Config(account_id_endpoint_mode="disabled"))
        table = session.client("dynamodb").describe_table(TableName=source.resource)["Table"]
        self._arn = table["LatestStreamArn"]
        self._places: dict[str, _Place] = {}

    def deliver(self) -> int:
        return sum(self._deliver(shard, place) for shard, place in self._shards())

    def rewind(self) -> None:
        self._places = {}

    def skip(self) -> None:
        for shard, place in self._shards():
            while changes := self._read(shard, place):
                place.after = _number(changes[-1])

    def _shards(self) -> Iterator[tuple["ShardTypeDef", _Place]]:
        """Give each shard once the one that it follows has been read to its end."""
        shards = self._describe()
        self._places = {shard["ShardId"]: self._places.get(shard["ShardId"], _Place()) for shard in shards}
        for shard in shards:
            parent = self._places.get(shard.get("ParentShardId", ""))
            if parent is None or parent.ended:
                yield shard, self._places[shard["ShardId"]]

    def _describe(self) -> list["ShardTypeDef"]:
        page = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]
        shards: list[ShardTypeDef] = page["Shards"]
        while last := page.get("LastEvaluatedShardId"):
            page = self._client.describe_stream(StreamArn=self._arn, ExclusiveStartShardId=last)["StreamDescription"]
            shards += page["Shards"]
        return shards

    def _deliver(self, shard: "ShardTypeDef", place: _Place) -> int:
        while changes := self._read(shard, place):
            records = {_number(change): stream_record(change, self._arn) for change in changes}
            matching = {number: record for number, record in records.items() if self._matches(record)}
            failed = _hand_over(self._source, self._invoke, matching)
            self._move(place, list(records), failed)
            if matching:
                return next((done for done, number in enumerate(matching) if number in failed), len(matching))
        return 0

    def _read(self, shard: "ShardTypeDef", place: _Place) -> list["RecordTypeDef"]:
        if place.ended:
            return []
        if place.after is None:
            response = self._client.get_shard_iterator(
                StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )
        else:
            response = self._client.get_shard_iterator(
                StreamArn=self._arn,
                ShardId=shard["ShardId"],
                ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                SequenceNumber=place.after,
            )
        iterator = response["ShardIterator"]
        changes: list[RecordTypeDef] = self._client.get_records(
            ShardIterator=iterator, Limit=place.limit or self._source.batch_size
        )["Records"]
        place.ended = not changes and "EndingSequenceNumber" in shard["SequenceNumberRange"]
        return changes

    def _matches(self, record: dict[str, Json]) -> bool:
        return not self._source.patterns or any(matches(record, pattern) for pattern in self._source.patterns)

    def _move(self, place: _Place, numbers: Sequence[str], failed: set[str]) -> None:
        """Move to the first record that failed, or after the batch if none did or it was tried often enough."""
        first = next((number for number in numbers if number in failed), None)
        attempts = place.attempts + 1 if first == place.failing else 1
        most = self._source.maximum_retries
        if first is None:
            place.move(numbers[-1])
        elif self._source.bisects and len(numbers) > 1:
            place.move(_before(numbers, first) or place.after)
            place.limit = len(numbers) // 2
        elif most is not None and attempts > most:
            _logger.error("%s gives up records of %s from %s", self._source.function, self._source.resource, first)
            place.move(numbers[-1])
        else:
            place.failing, place.attempts = first, attempts
            place.after = _before(numbers, first) or place.after


_KINDS: dict[str, Callable[[EventSource, Invoke, Session], _Source]] = {"sqs": _Queue, "dynamodb": _Stream}


def _hand_over(source: EventSource, invoke: Invoke, records: dict[str, dict[str, Json]]) -> set[str]:
    """Return the ids of the `records`, by id, that the function fails on."""
    if not records:
        return set()
    try:
        answer = invoke(source.function, {"Records": list(records.values())})
    except Exception:
        _logger.exception("%s failed", source.function)
        return set(records)
    return _reported(answer, set(records)) if source.reports_failures else set()


def _reported(answer: Json, ids: set[str]) -> set[str]:
    """Return the failures that an answer reports: all of `ids` if it is not one that Lambda understands."""
    try:
        failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures") or ()}
    except (AttributeError, KeyError, TypeError):
        return ids
    return ids if failed - ids else failed


def _number(change: "RecordTypeDef") -> str:
    return change["dynamodb"]["SequenceNumber"]


def _before(numbers: Sequence[str], number: str) -> str | None:
    position = numbers.index(number)
    return numbers[position - 1] if position else None
