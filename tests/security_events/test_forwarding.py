"""Security events on their way from the log to EventBridge."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from boto3 import Session as Boto
from keyfob.errors import Unavailable
from keyfob.gateway.log_batches import security_events
from keyfob.model.logged_event import LoggedEvent
from keyfob.model.security_event import SecurityEvent
from keyfob.store import leftovers
from keyfob.store.event_bus import MAX_ENTRIES, EventBus

from local.runtime import Runtime
from tests.aws_calls import Calls, refused, tapped
from tests.house import ISSUER, PARAMETERS, PASSWORD, House, running_house
from tests.log_batches import AT, log_batch
from tests.logs import logged
from tests.speakers import CONTRACTS, speaker

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient

BUS = PARAMETERS["EventBus"]
LINE = json.dumps(
    {
        "level": "INFO",
        "location": "record:42",
        "message": "sign_in",
        "timestamp": "2026-03-03T10:10:00.000+00:00",
        "service": "keyfob",
        "security_event": "sign_in",
        "contract": "standard",
        "request_id": "9a1b6c1e-3c57-4d0f-8a55-0c1f0d7f4b6a",
        "ip": "203.0.113.7",
        "user_agent": "curl/8.5.0",
        "user_id": "8b875400-bf0e-4c5b-91b8-d3148dd059f2",
    }
)


@dataclass(frozen=True)
class Bus:
    """A deployment whose events go to a bus, and a queue that gets what a rule on that bus matches."""

    house: House
    runtime: Runtime
    calls: Calls
    queue_url: str

    def forward(self, lines: Sequence[str]) -> None:
        """Hand lines of the log to the function."""
        self.runtime.invoke("forward_events", log_batch(lines))

    def received(self) -> list[dict[str, Any]]:
        """Return what the rule has matched since, in no order."""
        sqs, found = Boto().client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return found


@pytest.fixture(scope="module")
def bus() -> Iterator[Bus]:
    """A bus with a rule for all that Keyfob puts on it."""
    with running_house() as house:
        bridge, sqs = Boto().client("events"), Boto().client("sqs")
        url = sqs.create_queue(QueueName="watcher")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bridge.put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"source": ["keyfob"]}))
        bridge.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "watcher", "Arn": arn}])
        with tapped() as calls:
            runtime = Runtime(house.deployment).start()
        yield Bus(house, runtime, calls, url)


# What arrives


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_happens_arrives_at_a_rule(contract: str, bus: Bus) -> None:
    """What a request records arrives as it was recorded, with its time, its id and the deployment that it is of."""
    talk = speaker(contract, bus.house)
    _, email = talk.registered()
    with logged() as log:
        talk.client.call("login", talk.login_body(email, "a-wrong-password"))
        talk.client.call("login", talk.login_body(email, PASSWORD))
    lines = log.stream.getvalue().splitlines()
    bus.forward(lines)
    expected = {line["security_event"]: line for line in log.security_events()}
    received = {event["detail-type"]: event for event in bus.received()}
    assert received.keys() == expected.keys() == {"sign_in_failed", "sign_in"}
    for kind, event in received.items():
        detail = event["detail"]
        place = int(detail.pop("id"))
        assert json.loads(lines[place])["security_event"] == kind
        assert event["source"] == "keyfob"
        assert datetime.fromisoformat(event["time"]) == datetime.fromtimestamp(AT // 1000, UTC)
        assert detail.pop("issuer") == ISSUER
        assert detail == {name: expected[kind][name] for name in SecurityEvent._fields if name in expected[kind]}


@pytest.mark.parametrize("count", [0, 1, MAX_ENTRIES, MAX_ENTRIES + 1, 5 * MAX_ENTRIES + 3])
def test_any_number_of_events_arrives(count: int, bus: Bus) -> None:
    """One call puts ten events at most, so a batch needs as many as it needs."""
    del bus.calls.names[:]
    bus.forward([LINE] * count)
    assert sorted(int(event["detail"]["id"]) for event in bus.received()) == list(range(count))
    assert bus.calls.names == ["eventbridge.PutEvents"] * -(-count // MAX_ENTRIES)


def test_the_same_batch_again_has_the_same_ids(bus: Bus) -> None:
    """Lambda may hand a batch over twice; whoever must not count an event twice goes by its id."""
    bus.forward([LINE])
    bus.forward([LINE])
    first, second = bus.received()
    assert first["detail"] == second["detail"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "START RequestId: 6234bffe-149a-b642-81ff-2e8e376d8aff Version: $LATEST",
        "CWL CONTROL MESSAGE: Checking health of destination",
        "{",
        "[" * 100_000,
        "null",
        '["security_event"]',
        '"security_event"',
        '{"message": "ok"}',
        '{"security_event": null}',
        '{"security_event": {"kind": "sign_in"}}',
        '{"security_event": "sign_in"}',
        '{"security_event": "sign_in", "contract": "standard"}',
    ],
)
def test_any_other_line_is_passed_over(line: str, bus: Bus) -> None:
    """Whatever else is in the log neither arrives nor keeps the events around it from arriving."""
    bus.forward([LINE, line, LINE])
    assert sorted(int(event["detail"]["id"]) for event in bus.received()) == [0, 2]


def test_only_facts_leave_the_log() -> None:
    """What else a line has, which may be added for our own eyes, stays in the log."""
    (read,) = security_events(log_batch([json.dumps({**json.loads(LINE), "reason": "internal", "endpoint": "x"})]))
    assert not {"reason", "endpoint", "location", "service", "level"} & read.event.facts.keys()
    assert (read.id, read.at, read.event.kind) == ("0" * 56, AT, "sign_in")


def test_forwarding_records_nothing_to_forward(bus: Bus) -> None:
    """The function's own lines are no events, or each would lead to the next."""
    with logged() as log:
        bus.forward([LINE])
    assert [line["message"] for line in log.entries()] == ["ok"]
    assert log.security_events() == []
    bus.forward(log.stream.getvalue().splitlines())
    assert len(bus.received()) == 1


# What fails


@pytest.mark.parametrize("status", [400, 500])
def test_a_bus_that_is_away_fails_the_invocation(status: int, bus: Bus) -> None:
    """What is raised makes Lambda hand the batch over again, which then arrives."""
    with (
        bus.calls.disturbed("eventbridge.PutEvents", refused(status, "ThrottlingException")),
        pytest.raises(Unavailable, match="ThrottlingException"),
    ):
        bus.forward([LINE])
    assert bus.received() == []
    bus.forward([LINE])
    assert len(bus.received()) == 1


@dataclass
class Bridge:
    """EventBridge, that refuses some entries for the first few calls and takes the others of the same call."""

    refused_kinds: set[str]
    calls_refused: int
    sizes: list[int] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - the name is AWS's
        """Answer for each entry, in its place."""
        self.sizes.append(len(Entries))
        answers = [self._answer(entry["DetailType"]) for entry in Entries]
        return {"Entries": answers, "FailedEntryCount": sum("ErrorCode" in each for each in answers)}

    def _answer(self, kind: str) -> dict[str, str]:
        if kind in self.refused_kinds and len(self.sizes) <= self.calls_refused:
            return {"ErrorCode": "InternalFailure", "ErrorMessage": "Unexpected error occurred."}
        self.taken.append(kind)
        return {"EventId": kind}


def put(bridge: Bridge) -> None:
    """Put three events on the bus."""
    logged_events = [
        LoggedEvent(kind, AT, SecurityEvent(kind, "standard", "request", "203.0.113.7", ""))
        for kind in ("sign_in", "sign_out", "throttled")
    ]
    EventBus(cast("EventBridgeClient", bridge), BUS, ISSUER).put(logged_events)


def test_entries_that_are_refused_are_put_again() -> None:
    """A call that takes some entries is followed by one with the others alone, so that none arrives twice."""
    bridge = Bridge({"sign_out", "throttled"}, calls_refused=2)
    put(bridge)
    assert bridge.sizes == [3, 2, 2]
    assert bridge.taken == ["sign_in", "sign_out", "throttled"]


def test_entries_that_are_refused_for_good_fail_the_invocation() -> None:
    """After a few calls it is Lambda's turn to wait and try again."""
    bridge = Bridge({"sign_out"}, calls_refused=100)
    with pytest.raises(Unavailable, match="1 of 3"):
        put(bridge)
    assert bridge.sizes == [3, *[1] * (leftovers.ATTEMPTS - 1)]
