"""What a million of each flow costs is worked out of prices, units and memory, and is what the documentation says."""

import re
from pathlib import Path

import pytest

from bench import prices
from bench.costs import FLOWS, HASHING_SECONDS, READING_SECONDS, STATELESS_SECONDS, compute, costs
from bench.counting import Units
from bench.units import BUDGETS, units

DOCUMENT = (Path(__file__).parents[2] / "docs" / "costs.md").read_text(encoding="utf-8")
COUNTED = {
    "register": Units(1, 17, 4),
    "login": Units(3, 1, 5),
    "refresh": Units(1, 1, 2),
    "me": Units(2, 0, 1),
    "me by API key": Units(2, 0, 1),
    "logout": Units(2, 1, 2),
    "authorizer, strict": Units(2, 0, 1),
    "authorizer, stateless": Units(0, 0, 0),
}
DOCUMENTED = {
    "registrations": "register",
    "logins": "login",
    "refreshes": "refresh",
    "`me`": "me",
    "logouts": "logout",
    "`strict` authorizations, by API key too": "authorizer, strict",
    "`stateless` authorizations": "authorizer, stateless",
}


def test_memory_is_paid_by_the_time_that_it_is_held() -> None:
    """A million seconds of one GiB cost what a million GB-seconds cost, and half of it for half as long."""
    assert compute(1, 1024) == pytest.approx(prices.GIGABYTE_SECOND)
    assert compute(0.5, 2048) == pytest.approx(prices.GIGABYTE_SECOND)


def test_a_refresh_is_priced_part_by_part() -> None:
    """The gateway, half a GB for 30 ms, a read and a write, and 1.2 KB of logs."""
    chart = costs(COUNTED).chart
    assert chart is not None
    parts = chart.groups[""]["refresh"]
    expected = {"API Gateway": 3.5, "Lambda": 0.2 + 0.5 * 0.03 * 13.3334, "DynamoDB": 0.75, "CloudWatch Logs": 0.6}
    assert parts == pytest.approx(expected)


def test_an_authorizer_is_charged_no_request_of_our_api() -> None:
    """The API that asks pays its own."""
    chart = costs(COUNTED).chart
    assert chart is not None
    assert {name for name, parts in chart.groups[""].items() if not parts["API Gateway"]} == {
        "authorizer, strict",
        "authorizer, stateless",
    }


def test_units_are_drawn_as_they_were_counted() -> None:
    """Reads and writes stand side by side."""
    chart = units(COUNTED).chart
    assert chart is not None
    assert chart.groups[""]["logout"] == {"read units": 2, "write units": 1}


def test_nothing_is_priced_without_counts() -> None:
    """Where DynamoDB Local cannot run there are no figures, rather than wrong ones."""
    for section in (costs({}), units({})):
        assert not section.rows
        assert section.chart is None


def test_every_flow_that_is_priced_is_counted() -> None:
    """Names are those that units are counted by, and budgets are of such flows."""
    assert {flow.name for flow in FLOWS} == set(COUNTED)
    assert set(BUDGETS) & set(COUNTED) == set(BUDGETS) - {"session login", "login that fails"}


@pytest.mark.parametrize(("title", "name"), DOCUMENTED.items())
def test_the_document_says_what_is_worked_out(title: str, name: str) -> None:
    """Units of docs/costs.md are those of the bench, and so are its sums, but for the cent that rounding makes."""
    [row] = [line for line in DOCUMENT.splitlines() if line.startswith(f"| {title} |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    told = [float(cell.partition(":")[0]) for cell in cells[4:6]]
    [dollars] = [each.value for each in costs(COUNTED).rows if each.measure == name]
    assert told == [COUNTED[name].reads, COUNTED[name].writes]
    assert float(cells[-1].strip("*$")) == pytest.approx(dollars, abs=0.011)


def test_the_document_names_the_prices() -> None:
    """One place has the prices, and the document quotes them with their region and date."""
    quoted = re.findall(r"\d+\.\d+", DOCUMENT.partition("DynamoDB units are")[0])
    per_million = (prices.API_REQUEST, prices.INVOCATION, prices.READ_UNIT, prices.WRITE_UNIT, prices.LOG_KILOBYTE)
    known = {round(prices.MILLION * each, 4) for each in per_million} | {prices.GIGABYTE_SECOND}
    assert known <= set(map(float, quoted))
    assert f"`{prices.REGION}`" in DOCUMENT
    assert prices.AS_OF in DOCUMENT


def test_the_document_names_the_durations() -> None:
    """What is assumed of durations is said."""
    for seconds in (HASHING_SECONDS, READING_SECONDS, STATELESS_SECONDS):
        assert f"{seconds:g} s:" in DOCUMENT
