"""`keyfob admin import`."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from stat import S_ISREG
from typing import BinaryIO, NamedTuple

import click
from keyfob.clock import now
from keyfob.model.transfer import ImportedUser
from keyfob.service.importing import BATCH, Importer, in_parallel

from cli.deployment import opened
from cli.lines import read_line
from cli.progress import Progress, progress


class Line(NamedTuple):
    """A line that tells of a user, its number in the file, and its bytes."""

    number: int
    size: int
    user: ImportedUser


Batch = list[Line]
WORKERS = 4
STATES = ("imported", "unchanged", "conflict", "wrong")


class Reader:
    """Reads lines, and reports those that are wrong."""

    def __init__(self, report: Callable[[int, int, str], None]) -> None:
        """Take what is told of wrong lines: their number, their bytes, and why."""
        self._report = report
        self._seen: dict[str, int] = {}

    def batches(self, lines: Iterable[bytes]) -> Iterator[Batch]:
        """Yield the users of right lines, several at once. No two of them have the same id or address."""
        batch: Batch = []
        for line in self._read(lines):
            batch.append(line)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _read(self, lines: Iterable[bytes]) -> Iterator[Line]:
        for number, content in enumerate(lines, 1):
            if content.isspace():
                continue
            try:
                user = read_line(content)
                self._check_repetition(user, number)
            except ValueError as error:
                self._report(number, len(content), str(error))
            else:
                yield Line(number, len(content), user)

    def _check_repetition(self, user: ImportedUser, number: int) -> None:
        for name in (user.id, user.email.lower()):
            if name in self._seen:
                raise ValueError(f"line {self._seen[name]} tells of the same user")
        self._seen |= dict.fromkeys((user.id, user.email.lower()), number)


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Read and check everything, and store nothing.")
@click.option(
    "--workers", type=click.IntRange(1, 32), default=WORKERS, show_default=True, help="Batches at the same time."
)
@click.pass_context
def import_users(context: click.Context, *, file: BinaryIO, dry_run: bool, workers: int) -> None:
    """Import users from FILE, or standard input for -: one JSON object a line (docs/import-export.md).

    Who is there already is left as it is, so an import that was interrupted can be run again.
    """
    importer = Importer(opened(context).bulk, now())
    counts: Counter[str] = Counter()
    with progress("Importing", _size(file), lambda: _summary(counts)) as bar:
        work = importer.judge if dry_run else importer.add
        reader = Reader(lambda number, size, reason: _wrong(number, size, reason, counts, bar))
        batches = reader.batches(file)
        for batch, outcomes in in_parallel(lambda lines: work([line.user for line in lines]), batches, workers):
            for line, outcome in zip(batch, outcomes, strict=True):
                counts[outcome.state] += 1
                if outcome.reason:
                    bar.say(f"line {line.number}: {outcome.reason}")
            bar.advance(sum(line.size for line in batch))
        bar.finish()
    click.echo(f"{'Would have ' if dry_run else ''}{_summary(counts)}", err=True)
    if counts["conflict"] or counts["wrong"]:
        context.exit(1)


def _wrong(number: int, size: int, reason: str, counts: Counter[str], bar: Progress) -> None:
    counts["wrong"] += 1
    bar.say(f"line {number}: {reason}")
    bar.advance(size)


def _summary(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[state]:,} {state}" for state in STATES)


def _size(file: BinaryIO) -> int | None:
    """Return a file's bytes, or `None` for a pipe, of which nobody knows."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    return status.st_size if S_ISREG(status.st_mode) else None
