"""CloudWatch's embedded metric format: what CloudWatch Logs finds in a line (its specification, in the user guide)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

UNITS = {"Count", "Milliseconds", "None"}


class Datum(NamedTuple):
    """One value of one metric, which its namespace, name and dimensions are."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    value: float


def data_in(line: dict[str, Any]) -> Iterator[Datum]:
    """Yield what a line counts; raises `AssertionError` where CloudWatch would pass over what the line means to say."""
    if "_aws" not in line:
        return
    assert isinstance(line["_aws"]["Timestamp"], int)
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
        assert 0 < len(directive["Namespace"]) <= 255
        for metric in directive["Metrics"]:
            assert metric["Unit"] in UNITS
            assert isinstance(line[metric["Name"]], int | float)
            for names in directive["Dimensions"]:
                assert len(names) <= 30
                assert all(isinstance(line[name], str) for name in names)
                dimensions = {name: line[name] for name in names}
                yield Datum(directive["Namespace"], metric["Name"], dimensions, line[metric["Name"]])
