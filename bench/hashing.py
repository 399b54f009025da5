"""How long a password's hash takes by the memory of its function, which decides how much of a processor it has."""

from collections.abc import Mapping

from bench import prices
from bench.costs import compute
from bench.process import run
from bench.quota import Unavailable, quota
from bench.table import Chart, Row, Section
from local.template import load_deployment

MEMORY_OF_ONE_PROCESSOR = 1769
"""MiB with which a function has one processor; it has a share in proportion (AWS Lambda, "Configure memory")."""

SIZES = (256, 512, 1024, MEMORY_OF_ONE_PROCESSOR, 3008)
HASHES = 9

_INSIDE = "from bench.inside import time_hashes; time_hashes()"


def hashing() -> Section:
    """Measure hashes under the share of a processor that each size of memory gives, or work the times out."""
    title = "Password hash by Lambda memory"
    try:
        times, how = _measured(), "measured under the share of a processor that Lambda gives"
    except Unavailable as reason:
        times, how = modelled(_milliseconds(None)), f"worked out from the CPU time of one, since {reason}"
    ours = load_deployment().functions["login"].memory
    rows = [Row(f"{_labelled(size, ours)}: one hash", each, "ms") for size, each in times.items()]
    rows += [Row(f"{size} MB: a million hashes", _dollars(each, size), "$") for size, each in times.items()]
    return Section(title, rows, f"argon2id, set owasp, medians of {HASHES}; {how}", _chart(times))


def modelled(milliseconds: float) -> dict[int, float]:
    """Return how long a hash takes by size, if it takes so long on a whole processor: one thread can use no more."""
    return {size: milliseconds / min(1, size / MEMORY_OF_ONE_PROCESSOR) for size in SIZES}


def _measured() -> dict[int, float]:
    times = {}
    with quota() as group:
        for size in SIZES:
            group.set(size / MEMORY_OF_ONE_PROCESSOR)
            times[size] = _milliseconds(str(group.processes))
    return times


def _milliseconds(group: str | None) -> float:
    folders = load_deployment().layers
    milliseconds: float = run(_INSIDE, folders, given={"group": group, "hashes": HASHES})
    return milliseconds


def _labelled(size: int, ours: int) -> str:
    return f"{size} MB (the template's)" if size == ours else f"{size} MB"


def _dollars(milliseconds: float, size: int) -> float:
    return prices.MILLION * compute(milliseconds / 1e3, size)


def _chart(times: Mapping[int, float]) -> Chart:
    bars = {f"{size} MB, ${_dollars(each, size):.2f} a million": {"hash": each} for size, each in times.items()}
    return Chart("hashing", "Time of one password hash by memory, and what a million cost", "ms", ("hash",), {"": bars})
