"""Alarms: each goes by a metric that exists, tells somebody, and says where to read what to do."""

import json
import os
import re
import subprocess
import sys

import pytest
from keyfob.errors import Unavailable
from keyfob.gateway.outcomes import Outcomes, outcome_of

from local.template import TEMPLATE, load_stack
from tests.house import House
from tests.logs import logged
from tests.operations.filters import matches
from tests.operations.lines import Line, events_in_order, lines_about
from tests.operations.metrics import is_of_a_service, made_by, metrics_of_alarm
from tests.speakers import ROTATING, speaker

TOPIC = "arn:aws:sns:eu-west-1:123456789012:pager"
STACK = load_stack({"EventBus": "default", "AlarmTopic": TOPIC})
ALARMS = {name: STACK.properties(name) for name in STACK.of_type("AWS::CloudWatch::Alarm")}
OURS = [name for name, alarm in ALARMS.items() if metrics_of_alarm(alarm)[0].namespace.startswith("Keyfob/")]
RUNBOOK = (TEMPLATE.parent / "docs" / "operations.md").read_text(encoding="utf-8")

FAULTS: dict[str, Line] = {
    "a function's": {"level": "ERROR", "message": "fault", **Outcomes("login", "").facts("fault")},
    "the authorizer's": {"message": "failed", **Outcomes("authorizer", "").facts(outcome_of(Unavailable("")))},
    # as Lambda's telemetry has them
    "a timeout": {"type": "platform.report", "record": {"requestId": "r", "status": "timeout", "metrics": {}}},
    "a crash": {
        "type": "platform.report",
        "record": {"requestId": "r", "status": "error", "errorType": "Runtime.ExitError"},
    },
}

RUNTIME = """
import sys
from awslambdaric.bootstrap import log_error, make_error
class Sink:
    def log_error(self, lines):
        print(*lines, sep="\\n")
log_error(make_error("it says why", sys.argv[1], [], "r"), Sink())
"""


def runtimes_line(error_type: str) -> Line:
    """Return the line that Lambda's runtime itself writes about an error."""
    result = subprocess.run(  # noqa: S603 - our own interpreter and probe
        [sys.executable, "-c", RUNTIME, error_type],
        env={**os.environ, "AWS_LAMBDA_LOG_FORMAT": "JSON"},
        capture_output=True,
        text=True,
        check=True,
    )
    line: Line = json.loads(result.stdout)
    return line


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_goes_by_a_metric_that_is_there(name: str) -> None:
    """A service makes it for a resource of this stack, or a filter of it does: else nobody would ever be told."""
    filters = [STACK.properties(each) for each in STACK.of_type("AWS::Logs::MetricFilter")]
    made = {(each["MetricNamespace"], each["MetricName"]) for one in filters for each in one["MetricTransformations"]}
    for metric in metrics_of_alarm(ALARMS[name]):
        assert is_of_a_service(metric, STACK) or metric[:2] in made


@pytest.mark.parametrize("contract", ROTATING)
def test_a_reused_refresh_token_raises_its_alarm(contract: str, house: House) -> None:
    """The line that a real reuse leaves is counted by the very metric that the alarm goes by."""
    talk = speaker(contract, house)
    oldest = talk.refresh_token(talk.logged_in())
    older = talk.refreshed_token(talk.client.call("refresh", talk.refresh_body(oldest)), oldest)
    talk.client.call("refresh", talk.refresh_body(older))
    with logged() as log:
        talk.client.call("refresh", talk.refresh_body(oldest))
    counted = [metric for line in log.security_events() for metric in made_by(line, STACK)]
    assert counted == metrics_of_alarm(ALARMS["RefreshTokenReusedAlarm"])


def test_it_does_so_where_nothing_else_is_counted() -> None:
    """Without `Metrics` reuse alone is counted, and no other event."""
    stack = load_stack({"Metrics": "false"})
    line = {"security_event": "refresh_token_reused"}
    assert list(made_by(line, stack)) == metrics_of_alarm(stack.properties("RefreshTokenReusedAlarm"))
    assert list(made_by({"security_event": "sign_in"}, stack)) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_raises_its_alarm(name: str) -> None:
    """Whoever writes of it, a function, the runtime or Lambda, it counts."""
    assert metrics_of_alarm(ALARMS["FaultsAlarm"])[0] in made_by(FAULTS[name], STACK)


@pytest.mark.parametrize(
    ("error_type", "counts"), [("Runtime.ImportModuleError", True), ("Unauthorized", False), ("Unavailable", False)]
)
def test_what_the_runtime_reports_counts_if_it_is_no_answer(error_type: str, counts: bool) -> None:  # noqa: FBT001 - one of the cases
    """A function that cannot begin is a fault. An authorizer that answers 401 raises, and is none."""
    line = runtimes_line(error_type)
    assert line["errorType"] == error_type
    assert (metrics_of_alarm(ALARMS["FaultsAlarm"])[0] in made_by(line, STACK)) is counts


@pytest.mark.parametrize(
    "name", ["login.json", "authorizer.rest-token.json", "me.json", "mailer.json", "not_found.json"]
)
def test_what_is_expected_raises_none(name: str, house: House) -> None:
    """Refused requests and those that succeed are no faults."""
    lines = lines_about(house, name.partition(".")[0], events_in_order()[name])
    assert lines
    counted = [metric for line in lines for metric in made_by(line, STACK)]
    assert not set(counted) & {metric for alarm in OURS for metric in metrics_of_alarm(ALARMS[alarm])}


def test_our_own_metrics_have_alarms() -> None:
    """There are the two that need lines of ours; the others are AWS's."""
    assert sorted(OURS) == ["FaultsAlarm", "RefreshTokenReusedAlarm"]


def test_what_the_issue_asks_for_is_watched() -> None:
    """Server errors, throttles, dead letters, reuse, and rotations that fail or never begin."""
    watched = {
        (metric.name, value)
        for alarm in ALARMS.values()
        for metric in metrics_of_alarm(alarm)
        for _, value in metric.dimensions
    }
    assert watched >= {
        ("5XXError", "keyfob"),
        ("Throttles", "keyfob-LoginFunction"),
        ("Throttles", "keyfob-AuthorizerFunction"),
        ("WriteThrottleEvents", "keyfob-SessionsTable"),
        ("ApproximateNumberOfMessagesVisible", "keyfob-MailDeadLetters"),
        ("SecurityEvents", "refresh_token_reused"),
        ("Errors", "keyfob-RotateKeysFunction"),
        ("Errors", "keyfob-CheckKeysFunction"),
        ("AsyncEventsDropped", "keyfob-ForwardEventsFunction"),
    }


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_tells_the_topic_and_says_what_to_do(name: str) -> None:
    """Whoever is paged finds the section of this name. An alarm that stays until all is well tells of its end, too."""
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == [TOPIC]
    assert alarm.get("OKActions", [TOPIC]) == [TOPIC]
    assert alarm["AlarmDescription"].endswith(f"See {name} in docs/operations.md.")
    assert f"\n### {name}\n" in RUNBOOK


def test_without_a_topic_alarms_only_show() -> None:
    """An empty `AlarmTopic` is no action at all, which CloudFormation would refuse if it were empty."""
    stack = load_stack({"EventBus": "default"})
    for name in stack.of_type("AWS::CloudWatch::Alarm"):
        assert not {"AlarmActions", "OKActions"} & stack.properties(name).keys()


def test_the_runbook_has_no_alarm_of_another_time() -> None:
    """A section of an alarm that is gone would send somebody astray."""
    assert set(re.findall(r"^### (\w+Alarm)$", RUNBOOK, re.MULTILINE)) == set(ALARMS)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ('{ $.a = "x" }', True),
        ('{ $.a = "x*" && $.b.c != "1" }', True),
        ('{ ($.a = "y" || $.b.c = "2") && $.z = * }', False),
        ("{ $.z = * || $.a = * }", True),
        ('{ $.z != "1" }', False),
    ],
)
def test_filters_are_read_as_cloudwatch_reads_them(pattern: str, found: bool) -> None:  # noqa: FBT001 - one of the cases
    """These tests find what the filters would; a member that is missing is neither equal nor unequal."""
    assert matches(pattern, {"a": "x", "b": {"c": 2}}) is found


@pytest.mark.parametrize("pattern", ["", "$.a = 1", "{ $.a > 1 }", '{ $.a = "1" } x', "{ a = * }"])
def test_other_filters_are_refused(pattern: str) -> None:
    """A pattern that these tests do not understand fails them, rather than match nothing."""
    with pytest.raises((ValueError, IndexError)):
        matches(pattern, {"a": 1})
