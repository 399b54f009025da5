"""Requests are counted by function and outcome, by the line that tells of each."""

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, get_args

import pytest
from keyfob.errors import InternalError, InvalidCredentials, KeyfobError, RefreshTokenReused, Throttled, Unavailable
from keyfob.gateway.outcomes import DIMENSIONS, METRIC, Outcome, Outcomes, outcome_of

from local.template import load_deployment, load_stack
from tests.house import House
from tests.logs import logged
from tests.on_lambda import logged_by_login
from tests.operations.embedded import data_in
from tests.operations.lines import Line, events_in_order, lines_about
from tests.redeployed import redeployed
from tests.speakers import CONTRACTS, speaker

NAMESPACE = "Keyfob/keyfob"
FUNCTIONS = sorted(load_deployment({"EventBus": "default"}).functions)


@pytest.fixture(scope="module")
def told(house: House) -> dict[str, list[Line]]:
    """What each function logs when it is invoked with its events, security events aside."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for name, event in events_in_order().items():
        function = name.partition(".")[0]
        written = [line for line in lines_about(house, function, event) if "security_event" not in line]
        lines[function] += [line for line in written if "outcome" in line]
        assert [line for line in written if "outcome" in line], f"{name} left no trace"
    return lines


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_tells_how_each_request_ended(function: str, told: dict[str, list[Line]]) -> None:
    """One line names the function, the outcome and the request, and CloudWatch counts one by the first two."""
    assert told[function]
    for line in told[function]:
        assert line["request_id"]
        assert line["outcome"] in get_args(Outcome)
        (datum,) = data_in(line)
        assert (datum.namespace, datum.name, datum.value) == (NAMESPACE, METRIC, 1)
        assert datum.dimensions == {"function": function, "outcome": line["outcome"]}
        assert abs(line["_aws"]["Timestamp"] - time.time() * 1000) < 3_600_000


def test_nothing_is_counted_where_a_deployment_does_not_want_it(house: House) -> None:
    """With `Metrics` false the lines tell the outcome, and CloudWatch finds nothing in them."""
    function = load_deployment({"Metrics": "false"}).functions["login"]
    uncounted = redeployed(house, ["login"], METRICS_NAMESPACE=function.environment["METRICS_NAMESPACE"])
    (line,) = [each for each in lines_about(uncounted, "login", events_in_order()["login.json"]) if "outcome" in each]
    assert line["function"] == "login"
    assert line["outcome"] in get_args(Outcome)
    assert list(data_in(line)) == []
    assert METRIC not in line


def lines_after(act: Callable[[], object]) -> list[Line]:
    """Return the lines with an outcome that are logged while something is done."""
    with logged() as log:
        act()
    return [line for line in log.entries() if "outcome" in line]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_outcomes_are_those_that_clients_see(contract: str, house: House) -> None:
    """Who signs in succeeds, and who does not is refused."""
    talk = speaker(contract, house)
    _, email = talk.registered()
    with_right = lines_after(lambda: talk.logged_in(email))
    with_wrong = lines_after(lambda: talk.client.call("login", talk.login_body(email, "a-wrong-password")))
    assert [line["outcome"] for line in with_right] == ["success"]
    assert [line["outcome"] for line in with_wrong] == ["refused"]


def test_a_page_that_complains_is_refused(house: House) -> None:
    """A form that comes back with what is wrong about it is no success, although the page itself went well."""
    event = events_in_order()["invitation_page.form.json"]
    assert lines_about(house, "invitation_page", event)[-1]["outcome"] == "refused"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (InvalidCredentials(""), "refused"),
        (RefreshTokenReused("u", "s"), "refused"),
        (Throttled("", 1), "throttled"),
        (Unavailable(""), "unavailable"),
        (InternalError(), "fault"),
        (KeyError("x"), "fault"),
    ],
)
def test_a_failure_has_an_outcome(error: Exception, outcome: Outcome) -> None:
    """What clients did, what may pass by itself, and what is our fault are told apart."""
    assert outcome_of(error) == outcome


def test_every_expected_failure_is_no_fault() -> None:
    """Faults are what nobody foresaw, so that one alone is worth an alarm."""
    expected = [each for each in _descendants(KeyfobError) if each is not InternalError]
    assert len(expected) > 30
    assert {outcome_of(each.__new__(each)) for each in expected} == {"refused", "throttled", "unavailable"}


def _descendants(kind: type[KeyfobError]) -> list[type[KeyfobError]]:
    return [each for child in kind.__subclasses__() for each in (child, *_descendants(child))]


PROBE = """
import logging, sys
from keyfob.gateway.outcomes import Outcomes
from keyfob.settings import Settings
outcomes = Outcomes("login", Settings.from_environment().metrics_namespace)
from keyfob.gateway.log import request_logger
request_logger(outcomes).info("ok", extra=outcomes.facts("success"))
"""


@pytest.mark.parametrize(("metrics", "said"), [("true", ["success"]), ("false", [])])
def test_what_is_counted_is_logged_at_every_level(metrics: str, said: list[str]) -> None:
    """With `LogLevel` ERROR a success is logged if it is counted by that, and else not."""
    lines = logged_by_login(PROBE, {"LogLevel": "ERROR", "Metrics": metrics})
    assert [line["outcome"] for line in lines] == said


def test_two_deployments_of_an_account_are_counted_apart() -> None:
    """The namespace is the stack's own, and so is that of the metrics that CloudWatch finds by filters."""
    template = load_stack().template
    environment = template["Resources"]["LoginFunction"]["Properties"]["Environment"]["Variables"]
    namespace: Any = {"Fn::Sub": "Keyfob/${AWS::StackName}"}
    assert environment["METRICS_NAMESPACE"]["Fn::If"][1] == namespace
    filters = [each for each in template["Resources"].values() if each["Type"] == "AWS::Logs::MetricFilter"]
    assert [each["Properties"]["MetricTransformations"][0]["MetricNamespace"] for each in filters] == [namespace] * 2


def test_dimensions_are_few() -> None:
    """No function makes more metrics than there are outcomes, whatever clients send: each metric has its price."""
    outcomes = Outcomes("login", NAMESPACE)
    counted = [datum for outcome in get_args(Outcome) for datum in data_in(outcomes.facts(outcome))]
    assert len(counted) == len(get_args(Outcome)) == 5
    assert DIMENSIONS == ("function", "outcome")
