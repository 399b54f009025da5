"""`make bench`: measures, prints one table and writes it into docs/performance.md. It judges no time."""

from collections.abc import Iterator

from bench import report
from bench.cold import cold
from bench.costs import costs
from bench.counting import count
from bench.cpu import cpu
from bench.emulated import emulated
from bench.hashing import hashing
from bench.imports import imports
from bench.memory import memory
from bench.primitives import primitives
from bench.table import Section, render
from bench.units import units
from bench.warm import warm
from local.dynamodb_local import why_unavailable


def main() -> None:
    """Measure, print and write."""
    sections = list(_sections())
    print(render(sections))
    report.write(sections)


def _sections() -> Iterator[Section]:
    yield cold()
    yield emulated()
    yield warm()
    yield cpu()
    counted = {} if why_unavailable() else count()
    yield units(counted)
    yield costs(counted)
    yield hashing()
    yield imports()
    yield memory()
    yield primitives()


if __name__ == "__main__":
    main()
