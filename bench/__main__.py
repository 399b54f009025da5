"""`make bench`: measures, and prints one table. It judges no time, and so never fails."""

from bench.cold import cold
from bench.emulated import emulated
from bench.imports import imports
from bench.memory import memory
from bench.primitives import primitives
from bench.table import render
from bench.units import units
from bench.warm import warm


def main() -> None:
    """Measure and print."""
    print(render([measure() for measure in (cold, emulated, warm, units, imports, memory, primitives)]))


if __name__ == "__main__":
    main()
