"""What was measured, as a table, as a document and as charts."""

import re
from xml.etree import ElementTree as ET

import pytest

from bench import own
from bench.charts import LEFT, LONGEST, svg
from bench.cpu import COMPARED, LIMITS, chart, rows
from bench.report import DOCUMENT, filled, markdown
from bench.rivals import better_auth, django_simplejwt, fastapi_users
from bench.table import Chart, Reference, Row, Section, quantity

SECTIONS = 11
"""The ten that `bench.__main__` measures, and the machine."""

SVG = "{http://www.w3.org/2000/svg}"
TIMES = {
    (own.SYSTEM, "login"): 4.0,
    (own.SYSTEM, "refresh"): 3.0,
    (own.SYSTEM, "me"): 2.0,
    (own.SYSTEM, "authorizer, strict"): 1.0,
    (django_simplejwt.SYSTEM, "login"): 3.0,
    (django_simplejwt.SYSTEM, "refresh"): 5.0,
    (fastapi_users.SYSTEM, "me"): 2.5,
    (better_auth.SYSTEM, "me"): 4.0,
}
STACKED = Chart("costs", "What it <costs>", "$", ("one", "other"), {"": {"a": {"one": 1.0, "other": 3.0}}})


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (Row("plain", 1, "ms"), None),
        (Row("limit", 1, "ms", 1), True),
        (Row("over", 2, "ms", 1), False),
        (Row("ratio", 2, "ms", 0.5, Reference("theirs", 4)), True),
        (Row("ratio over", 2.1, "ms", 0.5, Reference("theirs", 4)), False),
        (Row("floor", 300, "/s", floor=301), False),
    ],
)
def test_a_bound_is_met_or_not(row: Row, met: bool | None) -> None:  # noqa: FBT001 - what is expected
    """A limit holds for the value, or for its ratio to a reference, and a floor must be reached."""
    assert row.is_met is met


def test_quantities_have_three_digits_and_dollars_have_cents() -> None:
    """Nobody reads noise."""
    assert quantity(1234.5, "ms") == "1234 ms"
    assert quantity(0.12345, "ms") == "0.123 ms"
    assert quantity(7.7, "$") == "$7.70"


def test_refresh_and_me_are_bounded_by_what_people_would_pick_instead() -> None:
    """A refresh may cost half of SimpleJWT's, and `me` as much as fastapi-users'; these do not and do."""
    told = {row.measure: row for row in rows(TIMES)}
    assert told["refresh: Keyfob"].ratio == pytest.approx(0.6)
    assert told["refresh: Keyfob"].is_met is False
    assert told["me: Keyfob"].is_met is True
    assert told["login: Keyfob"].is_met is None
    assert told["me: better-auth"].ratio == pytest.approx(2)


def test_without_a_rival_nothing_is_bounded_by_it() -> None:
    """Where a system cannot be installed there is no ratio, and no verdict."""
    alone = {key: value for key, value in TIMES.items() if key[0] == own.SYSTEM}
    assert {row.is_met for row in rows(alone)} == {None}


def test_only_what_several_systems_do_is_drawn() -> None:
    """The authorizer has no rival; whoever has no refresh tokens has no bar there."""
    groups = chart(TIMES).groups
    assert tuple(groups) == COMPARED
    assert set(groups["refresh"]) == {own.SYSTEM, django_simplejwt.SYSTEM}
    assert set(LIMITS) < set(COMPARED)


def test_the_longest_bar_is_as_long_as_there_is_room() -> None:
    """Parts stand side by side in proportion, and what they are together stands behind them."""
    drawing = ET.fromstring(svg(STACKED))  # noqa: S314 - our own
    bars = [each for each in drawing.iter(f"{SVG}rect") if each.get("height") == "18"]
    assert [(float(str(each.get("x"))), float(str(each.get("width")))) for each in bars] == [
        (LEFT, LONGEST / 4),
        (LEFT + LONGEST / 4, 3 * LONGEST / 4),
    ]
    texts = [each.text for each in drawing.iter(f"{SVG}text")]
    assert texts == ["What it <costs>", "one", "other", "a", "$4.00"]


def test_a_chart_is_readable_on_light_and_dark_pages() -> None:
    """It has no background of its own, and colours for both."""
    assert "prefers-color-scheme: dark" in svg(STACKED)


def test_the_document_gets_figures_where_it_keeps_places_for_them() -> None:
    """The rest of it stays, and so do places that nothing was measured for."""
    document = "a\n<!-- bench: One -->\nold\n<!-- end -->\nb\n<!-- bench: Two -->\nold\n<!-- end -->\n"
    expected = "a\n<!-- bench: One -->\n\nnew\n\n<!-- end -->\nb\n<!-- bench: Two -->\nold\n<!-- end -->\n"
    assert filled(document, {"One": "new", "Three": "lost"}) == expected
    assert filled(expected, {"One": "new"}) == expected


def test_a_section_says_why_it_has_no_figures() -> None:
    """Its note stands in place of a table."""
    assert list(markdown(Section("Title", [], "not measured, since it rains"))) == ["Not measured, since it rains."]


def test_a_table_has_the_columns_in_which_something_stands() -> None:
    """Bounds are shown where there are any."""
    plain, bounded = Row("plain", 1, "ms"), Row("bounded", 2, "ms", 3)
    assert list(markdown(Section("Title", [plain], "note")))[:3] == [
        "| Measure | Value |",
        "| --- | --- |",
        "| plain | 1 ms |",
    ]
    assert "| bounded | 2 ms | ≤ 3 ms | yes |" in list(markdown(Section("Title", [plain, bounded], "note")))


def test_the_document_shows_each_section() -> None:
    """Nothing that is measured is left out of it, and no place in it is empty."""
    text = DOCUMENT.read_text(encoding="utf-8")
    places = dict(re.findall(r"<!-- bench: (.+?) -->\n(.*?)<!-- end -->", text, re.DOTALL))
    assert len(places) == text.count("<!-- bench:") == SECTIONS
    assert all(each.strip() for each in places.values()), [title for title, each in places.items() if not each.strip()]
