"""The same deployment as elsewhere, with its functions as they are built, under the emulator of Lambda's runtime.

Each is a process of its own; tables are DynamoDB Local's, everything else moto's, reached over HTTP.
"""

from collections.abc import Iterator

import pytest

from local.artifact import Artifact
from local.aws import connected
from local.emulator import EmulatedRuntime
from local.moto_server import MotoServer
from tests.house import PARAMETERS, House, furnished


@pytest.fixture(scope="module")
def runtime(artifact: Artifact, dynamodb_local_url: str) -> Iterator[EmulatedRuntime]:
    """The functions, which say what they load; while this process's environment names the AWS that they use."""
    deployment = artifact.deployment(PARAMETERS)
    with (
        MotoServer() as moto,
        connected(moto.url, dynamodb_local_url),
        EmulatedRuntime(deployment, artifact, ("-v",)) as runtime,
    ):
        yield runtime


@pytest.fixture(scope="module")
def house(runtime: EmulatedRuntime) -> Iterator[House]:
    """A deployment on the real runtime, for one module's tests, that leaves no tables behind."""
    house = furnished(runtime.deployment, runtime)
    yield house
    house.drop_tables()
