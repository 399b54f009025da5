"""DynamoDB request units of each flow, beside their budgets: a million of each is what AWS bills."""

from collections.abc import Iterator, Mapping

from bench.counting import Units
from bench.table import Chart, Row, Section
from local.dynamodb_local import why_unavailable

BUDGETS = {
    "login": (3, 1),
    "session login": (3, 1),
    "login that fails": (3, 2),
    "refresh": (1, 1),
    "me": (2, 0),
    "me by API key": (2, 0),
    "authorizer, strict": (2, 0),
    "authorizer, stateless": (0, 0),
}
"""The most read and write units that a flow may consume."""


def units(counted: Mapping[str, Units]) -> Section:
    """Return what was counted."""
    title = "DynamoDB units"
    if not counted:
        return Section(title, [], f"not counted, since {why_unavailable()}")
    note = "one request of each flow, without what mail it causes; a transactional write counts double"
    return Section(title, [row for name, each in counted.items() for row in _rows(name, each)], note, _chart(counted))


def _chart(counted: Mapping[str, Units]) -> Chart:
    bars = {name: {"read units": each.reads, "write units": each.writes} for name, each in counted.items()}
    return Chart("units", "DynamoDB units of one request", "", ("read units", "write units"), {"": bars})


def _rows(name: str, units: Units) -> Iterator[Row]:
    reads, writes = BUDGETS.get(name, (None, None))
    yield Row(f"{name}: round trips", units.round_trips, "")
    yield Row(f"{name}: read units", units.reads, "", reads)
    yield Row(f"{name}: write units", units.writes, "", writes)
