"""The artifact that tests run and look into: built once for all workers of a test session."""

import fcntl
import pickle
from pathlib import Path

from local.artifact import Artifact, build, why_unavailable
from tests.demands import demand


def require_artifact() -> None:
    """Skip the test where no artifact can run, and say why; with `REQUIRE_ARTIFACT` set, fail instead."""
    demand(why_unavailable(), "REQUIRE_ARTIFACT")


def built_once(directory: Path) -> Artifact:
    """Return the artifact in `directory`, built by whichever worker comes first while the others wait."""
    directory.mkdir(exist_ok=True)
    record = directory / "artifact.pickle"
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            artifact = build(directory)
            record.write_bytes(pickle.dumps(artifact))
    read: Artifact = pickle.loads(record.read_bytes())  # noqa: S301 - our own
    return read
