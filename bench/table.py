"""The one table that the benchmark prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEADINGS = ("Measure", "Value", "Bound", "Ratio", "Met?")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a bound is a multiple of."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Row:
    """One measure, of which a lower value is better, unless it has a `floor`.

    The bound is `limit`, or `limit` times the reference where there is one. The value must reach `floor`. Without
    either the row is for information.
    """

    measure: str
    value: float
    unit: str
    limit: float | None = None
    reference: Reference | None = None
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the reference the value is."""
        return self.value / self.reference.value if self.reference else None

    @property
    def is_met(self) -> bool | None:
        """Whether the value is within its bound; `None` without one."""
        if self.floor is not None:
            return self.value >= self.floor
        if self.limit is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.limit

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        met = {True: "yes", False: "NO", None: ""}[self.is_met]
        return (self.measure, quantity(self.value, self.unit), self._bound(), ratio, met)

    def _bound(self) -> str:
        if self.floor is not None:
            return f"≥ {quantity(self.floor, self.unit)}"
        if self.limit is None:
            return f"beside {self.reference.name}" if self.reference else ""
        if self.reference:
            return f"≤ {self.limit:g} × {self.reference.name}"  # noqa: RUF001 - a multiplication sign is meant
        return f"≤ {quantity(self.limit, self.unit)}"


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in groups, each of one or more parts; `groups` has parts by group and bar, `kinds` what a part may be.

    `name` is that of its file. Values are in `unit`.
    """

    name: str
    title: str
    unit: str
    kinds: Sequence[str]
    groups: Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that belong together, or why there are none, and perhaps a chart of them."""

    title: str
    rows: Sequence[Row]
    note: str = ""
    chart: Chart | None = None


def quantity(value: float, unit: str) -> str:
    """Return `value` to three significant digits and its unit; dollars to the cent."""
    if unit == "$":
        return f"${value:.2f}"
    number = f"{value:.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits
    return f"{number} {unit}".rstrip()


def render(sections: Sequence[Section]) -> str:
    """Return all sections as one text table."""
    cells = [HEADINGS, *(row.cells() for section in sections for row in section.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [_line(HEADINGS, widths)]
    for section in sections:
        lines += ["", section.title + (f": {section.note}" if section.note else "")]
        lines += [_line(row.cells(), widths) for row in section.rows]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(["  " + first, *rest]).rstrip()
