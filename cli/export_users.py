"""`keyfob admin export`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import click
from keyfob.service import exporting

from cli.deployment import opened
from cli.lines import write_line
from cli.progress import progress


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.pass_context
def export_users(context: click.Context, *, file: str) -> None:
    """Export all users to FILE, or standard output for -: one JSON object a line (docs/import-export.md).

    It holds password hashes, so only you may read the file. It appears when it is complete.
    """
    store = opened(context).bulk
    count = 0
    with (
        progress("Exporting", store.approximate_items() or None, lambda: f"{count:,} users") as bar,
        _written(file) as output,
    ):
        for page in exporting.export_users(store):
            output.writelines(map(write_line, page.records))
            count += len(page.records)
            bar.advance(page.items_read)
        bar.finish()
    click.echo(f"{count:,} users exported", err=True)


@contextmanager
def _written(file: str) -> Iterator[IO[bytes]]:
    """Open a file that nobody else may read, and that replaces `file` when the block has ended well."""
    if file == "-":
        yield sys.stdout.buffer
        return
    path = Path(file)
    try:
        scratch = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115 - kept
    except OSError as error:
        raise click.FileError(file, error.strerror) from error
    try:
        with scratch:
            yield scratch
        Path(scratch.name).replace(path)
    finally:
        Path(scratch.name).unlink(missing_ok=True)
