"""Progress on standard error: a bar on a terminal, and elsewhere only what must be said."""

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_CLEAR_LINE = "\r\x1b[K"


class Progress:
    """A bar that is on its way."""

    def __init__(self, bar: "ProgressBar[int]", total: int | None) -> None:
        """Take the bar and its length, if it has one."""
        self._bar = bar
        self._left = total

    def advance(self, steps: int) -> None:
        """Move the bar on, but never beyond its end before it is finished: a length may be an estimate."""
        if self._left is not None:
            steps = min(steps, self._left - 1)
            self._left -= steps
        self._bar.update(steps)

    def finish(self) -> None:
        """Move the bar to its end."""
        self._bar.update(self._left or 0)

    def say(self, text: str) -> None:
        """Tell something, above the bar where there is one."""
        click.echo(f"{'' if self._bar.hidden else _CLEAR_LINE}{text}", err=True)


@contextmanager
def progress(label: str, total: int | None, describe: Callable[[], str]) -> Iterator[Progress]:
    """Show a bar for a `with` block, with what `describe` returns beside it; without a `total` it only moves."""
    with click.progressbar(
        itertools.count(),
        length=total,
        label=label,
        hidden=not sys.stderr.isatty(),
        item_show_func=lambda _item: describe(),
        file=sys.stderr,
    ) as bar:
        yield Progress(bar, total)
