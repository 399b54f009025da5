"""Charts as SVG, readable on a light page and on a dark one."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.table import Chart, quantity

WIDTH, LEFT, LONGEST = 760, 250, 400
TOP_WITH_LEGEND, TOP_WITHOUT = 54, 30
BAR, HEADING, GAP = 24, 22, 8
LEGEND_STEP = 140

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


class Part(NamedTuple):
    """A part of a bar: which kind, by number, and where."""

    kind: int
    x: float
    width: float


class Bar(NamedTuple):
    """A bar: its parts side by side, where they end, and what they are together."""

    label: str
    y: int
    parts: tuple[Part, ...]
    end: float
    total: str


class Heading(NamedTuple):
    """The name of a group above its bars."""

    text: str
    y: int


class Entry(NamedTuple):
    """What a kind's colour means."""

    kind: str
    x: int


def svg(chart: Chart) -> str:
    """Return a chart as an SVG document."""
    legend = [Entry(kind, LEGEND_STEP * number) for number, kind in enumerate(chart.kinds) if len(chart.kinds) > 1]
    top = TOP_WITH_LEGEND if legend else TOP_WITHOUT
    placed = list(_placed(chart, top))
    return _TEMPLATES.get_template("bars.svg.jinja").render(
        chart=chart,
        legend=legend,
        headings=[each for each in placed if isinstance(each, Heading)],
        bars=[each for each in placed if isinstance(each, Bar)],
        width=WIDTH,
        height=_height(chart, top),
        left=LEFT,
        top=top,
    )


def _height(chart: Chart, top: int) -> int:
    groups = sum(BAR * len(bars) + HEADING * bool(name) + GAP for name, bars in chart.groups.items())
    return top + groups


def _placed(chart: Chart, y: int) -> Iterator[Heading | Bar]:
    longest = max(sum(parts.values()) for bars in chart.groups.values() for parts in bars.values())
    for name, bars in chart.groups.items():
        if name:
            yield Heading(name, y + HEADING - 8)
            y += HEADING
        for label, parts in bars.items():
            yield _bar(label, parts, chart, y, LONGEST / longest)
            y += BAR
        y += GAP


def _bar(label: str, parts: Mapping[str, float], chart: Chart, y: int, scale: float) -> Bar:
    drawn = tuple(_parts(parts, chart.kinds, scale))
    return Bar(label, y, drawn, drawn[-1].x + drawn[-1].width, quantity(sum(parts.values()), chart.unit))


def _parts(parts: Mapping[str, float], kinds: Sequence[str], scale: float) -> Iterator[Part]:
    x = float(LEFT)
    for kind, value in parts.items():
        width = round(value * scale, 1)
        yield Part(kinds.index(kind), x, width)
        x = round(x + width, 1)
