"""Metrics that an alarm or a dashboard goes by: those that AWS's services have, and those that our lines make."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from local.intrinsics import Stack
from tests.operations.embedded import Datum, data_in
from tests.operations.filters import matches, value

AWS: Mapping[tuple[str, str], str | None] = {
    **{("AWS/ApiGateway", name): "ApiName" for name in ("4XXError", "5XXError", "Count", "Latency")},
    **{
        ("AWS/Lambda", name): "FunctionName"
        for name in ("AsyncEventsDropped", "ConcurrentExecutions", "Duration", "Errors", "IteratorAge", "Throttles")
    },
    **{
        ("AWS/DynamoDB", name): "TableName"
        for name in (
            "ConsumedReadCapacityUnits",
            "ConsumedWriteCapacityUnits",
            "ReadThrottleEvents",
            "WriteThrottleEvents",
        )
    },
    **{
        ("AWS/SQS", name): "QueueName"
        for name in ("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible")
    },
}
"""Metrics of the services' user guides, each with the one dimension that it is asked for by."""

_KINDS = {
    "FunctionName": "AWS::Lambda::Function",
    "TableName": "AWS::DynamoDB::Table",
    "QueueName": "AWS::SQS::Queue",
}


class Metric(NamedTuple):
    """One metric: its namespace, its name and its dimensions."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, datum: Datum) -> "Metric":
        """Return the metric that a datum is one of."""
        return cls(datum.namespace, datum.name, tuple(sorted(datum.dimensions.items())))


def is_of_a_service(metric: Metric, stack: Stack) -> bool:
    """Tell whether a service of AWS makes this metric for something that the stack has."""
    dimension = AWS.get((metric.namespace, metric.name))
    if dimension is None or [name for name, _ in metric.dimensions] != [dimension]:
        return False
    ((_, name),) = metric.dimensions
    if dimension == "ApiName":
        return [stack.properties(each)["Name"] for each in stack.of_type("AWS::ApiGateway::RestApi")] == [name]
    return name in {stack.reference(each).rpartition("/")[2] for each in stack.of_type(_KINDS[dimension])}  # type: ignore[union-attr] # none of these is no value


def made_by(line: Mapping[str, Any], stack: Stack) -> Iterator[Metric]:
    """Yield the metrics that CloudWatch counts by a line: those that it embeds, and those that filters find in it."""
    yield from map(Metric.of, data_in(dict(line)))
    for name in stack.of_type("AWS::Logs::MetricFilter"):
        properties = stack.properties(name)
        assert properties["LogGroupName"] == stack.reference("FunctionLogs")
        if matches(properties["FilterPattern"], line):
            (made,) = properties["MetricTransformations"]
            dimensions = {each["Key"]: str(value(each["Value"], line)) for each in made.get("Dimensions", ())}
            yield Metric(made["MetricNamespace"], made["MetricName"], tuple(sorted(dimensions.items())))


def metrics_of_alarm(properties: Mapping[str, Any]) -> list[Metric]:
    """Return what an alarm goes by."""
    stats = [each["MetricStat"]["Metric"] for each in properties.get("Metrics", ()) if "MetricStat" in each]
    return [_asked(each) for each in stats or [properties]]


def metrics_of_widget(rows: list[list[Any]]) -> list[Metric]:
    """Return what a widget shows, with its shorthand written out: ``.`` is as above, ``...`` all that is left out."""
    metrics: list[Metric] = []
    above: list[str] = []
    for row in rows:
        if isinstance(row[0], dict):
            continue  # an expression
        texts = [each for each in row if isinstance(each, str)]
        if texts[0] == "...":
            texts = above[: len(above) - len(texts[1:])] + texts[1:]
        above = [above[place] if text == "." else text for place, text in enumerate(texts)]
        namespace, name, *pairs = above
        metrics.append(Metric(namespace, name, tuple(sorted(zip(pairs[::2], pairs[1::2], strict=True)))))
    return metrics


def _asked(metric: Mapping[str, Any]) -> Metric:
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    return Metric(metric["Namespace"], metric["MetricName"], tuple(sorted(dimensions.items())))


def key(metric: Metric) -> str:
    """Return a metric in one text, to compare sets of them by."""
    return json.dumps(metric)
