"""Files that nobody but their owner may read."""

import os
from pathlib import Path


def write_privately(path: Path, text: str) -> None:
    """Write `text` to `path`, in place of what was there, so that no other user of the machine can read it."""
    scratch = path.with_suffix(".new")
    with open(scratch, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    scratch.replace(path)
