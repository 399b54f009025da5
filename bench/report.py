"""`docs/performance.md`: what was measured, in the places that the document keeps for it, and the charts beside it."""

import os
import platform
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench import ROOT
from bench.charts import svg
from bench.table import HEADINGS, Section

DOCUMENT = ROOT / "docs" / "performance.md"
CHARTS = ROOT / "docs" / "performance"
MACHINE = "Machine"

_PLACE = re.compile(r"(<!-- bench: (?P<title>.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
_PROCESSOR = re.compile(r"^model name\s*: (.+)$", re.MULTILINE)


def write(sections: Sequence[Section]) -> None:
    """Write the sections into the document, and their charts."""
    contents = {MACHINE: machine(), **{section.title: "\n".join(markdown(section)) for section in sections}}
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8"), contents), encoding="utf-8")
    CHARTS.mkdir(exist_ok=True)
    for section in sections:
        if section.chart:
            (CHARTS / f"{section.chart.name}.svg").write_text(svg(section.chart), encoding="utf-8")


def filled(document: str, contents: Mapping[str, str]) -> str:
    """Return a document with contents put where it keeps places for them, by title; the others stay as they are."""

    def content(place: re.Match[str]) -> str:
        title = place["title"]
        return f"{place[1]}\n{contents[title]}\n\n{place[3]}" if title in contents else place[0]

    return _PLACE.sub(content, document)


def markdown(section: Section) -> Iterator[str]:
    """Return a section's lines: its chart, its table and its note."""
    if section.chart:
        yield f"![{section.chart.title}](performance/{section.chart.name}.svg)"
        yield ""
    if section.rows:
        yield from _table([row.cells() for row in section.rows])
        yield ""
    yield f"{section.note[:1].upper()}{section.note[1:]}."


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Return a table's lines, without columns in which nothing stands."""
    columns = [column for column in zip(HEADINGS, *rows, strict=True) if any(column[1:])]
    headings, *lines = zip(*columns, strict=True)
    yield _line(headings)
    yield _line(["---"] * len(headings))
    yield from map(_line, lines)


def machine() -> str:
    """Return when and where this runs."""
    today = time.strftime("%Y-%m-%d", time.gmtime())
    python = f"Python {platform.python_version()}"
    return f"Measured on {today}: {os.cpu_count()} processors ({_processor()}), {platform.system()}, {python}."


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    found = _PROCESSOR.search(facts.read_text(encoding="utf-8")) if facts.exists() else None
    return found[1] if found else platform.machine()


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
