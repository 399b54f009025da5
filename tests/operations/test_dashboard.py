"""The dashboard: JSON that CloudWatch takes, of metrics that are there."""

import json
import re
from itertools import combinations
from typing import Any, get_args

import pytest
from keyfob.gateway.outcomes import METRIC, Outcome
from keyfob.model.security_event import SecurityEventKind

from local.template import load_stack
from tests.operations.metrics import is_of_a_service, metrics_of_widget

COLUMNS = 24
STACK = load_stack()
BODY = json.loads(STACK.properties("OperationsDashboard")["DashboardBody"])
WIDGETS: dict[str, Any] = {widget["properties"]["title"]: widget for widget in BODY["widgets"]}
SEARCH = re.compile(
    r"SEARCH\('\{\"(?P<namespace>[^\"]+)\",function,outcome\} "
    r"MetricName=\"(?P<name>\w+)\" outcome=\"(?P<outcome>\w+)\"', 'Sum', 300\)"
)


def rows(title: str) -> list[list[Any]]:
    """Return a widget's metrics, as written."""
    metrics: list[list[Any]] = WIDGETS[title]["properties"].get("metrics", [])
    return metrics


@pytest.mark.parametrize("title", WIDGETS)
def test_a_widget_shows_metrics_that_are_there(title: str) -> None:
    """A diagram of a metric that nobody makes stays empty for ever."""
    for metric in metrics_of_widget(rows(title)):
        if metric.namespace == "Keyfob/keyfob":
            assert metric.name == "SecurityEvents"
            ((dimension, kind),) = metric.dimensions
            assert dimension == "kind"
            assert kind in get_args(SecurityEventKind)
        elif metric.dimensions:
            assert is_of_a_service(metric, STACK)
        else:
            assert metric[:2] == ("AWS/Lambda", "ConcurrentExecutions")  # of the account


def test_requests_are_shown_by_function_in_every_outcome() -> None:
    """What functions count is searched for where they count it."""
    expressions = [row[0]["expression"] for title in WIDGETS for row in rows(title) if isinstance(row[0], dict)]
    searches = [SEARCH.fullmatch(each) for each in expressions]
    assert all(searches)
    found = [each.groupdict() for each in searches if each]
    assert {each["outcome"] for each in found} == set(get_args(Outcome))
    assert {(each["namespace"], each["name"]) for each in found} == {("Keyfob/keyfob", METRIC)}


def test_widgets_have_places_of_their_own() -> None:
    """None covers another, and none is wider than a dashboard."""
    boxes = [(each["x"], each["y"], each["width"], each["height"]) for each in WIDGETS.values()]
    assert len(boxes) == len(BODY["widgets"])
    assert all(x + width <= COLUMNS for x, _, width, _ in boxes)
    for (x, y, width, height), (left, top, broad, high) in combinations(boxes, 2):
        assert x + width <= left or left + broad <= x or y + height <= top or top + high <= y


def test_it_costs_no_more_than_a_dashboard() -> None:
    """What is free of charge shows up to fifty metrics; a search counts what it finds."""
    assert sum(len(metrics_of_widget(rows(title))) for title in WIDGETS) <= 50


def test_it_lists_the_alarms() -> None:
    """Every alarm that each deployment has is at the top."""
    arns = WIDGETS["Alarms"]["properties"]["alarms"]
    assert sorted(arn.rpartition("keyfob-")[2] for arn in arns) == sorted(STACK.of_type("AWS::CloudWatch::Alarm"))


def test_the_setting_leaves_it_out() -> None:
    """Beyond the third, dashboards have a price."""
    assert load_stack({"Dashboard": "false"}).of_type("AWS::CloudWatch::Dashboard") == ()
