"""What was built."""

from pathlib import Path

import pytest

from local.artifact import Artifact


@pytest.fixture(scope="session")
def layer(artifact: Artifact) -> Path:
    """What Lambda would unpack at /opt."""
    return artifact.build / "Layer"
