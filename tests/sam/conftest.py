"""The whole service in containers, for `make test-sam`; without what that sets, nothing here is collected."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from boto3 import Session

from local.containers import find_engine
from local.laptop import prepare, running_services
from local.sam_cli import SamCli, start_api
from local.sam_local import Builder
from local.sam_project import image_name, variables_for_containers, write_project
from local.server import HOST, listen
from local.template import Deployment, load_deployment
from tests.contracts.behaviour import Behaviour
from tests.house import PARAMETERS, House, Invoker, house_of
from tests.sam.http_client import HttpClient
from tests.sam.runtime import SamRuntime
from tests.speakers import speaker

collect_ignore_glob = [] if "SAM_COMMAND" in os.environ else ["test_*.py"]


@dataclass(frozen=True)
class Containers:
    """A deployment whose services run and whose functions SAM CLI can run, with files below `directory`."""

    deployment: Deployment
    in_process: Invoker
    builder: Builder
    engine_url: str
    variables: dict[str, str]
    directory: Path

    def sam(self, stage: str) -> SamCli:
        """Return SAM CLI, to run the functions as one stage does."""
        project = write_project(
            self.directory / stage, self.deployment, stage, self.builder.architecture, self.variables
        )
        return SamCli(self.builder.command, project.settings, self.engine_url)

    @contextmanager
    def serving(self, house: House, contract: str) -> Iterator[Behaviour]:
        """Serve a contract by ``sam local start-api`` for a `with` block, which gets a client that speaks it."""
        with listen(0) as listener:
            port = listener.getsockname()[1]
        with start_api(self.sam(contract), port):
            talk = speaker(contract, house)
            talk.client = HttpClient(house, contract, f"http://{HOST}:{port}")
            yield talk


@pytest.fixture(scope="session")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """AWS's services, which containers reach, with a deployment's tables, queues and secrets."""
    builder, engine = Builder.of(os.environ), find_engine(os.environ)
    image = image_name(builder.architecture)
    engine.ensure_image(image)
    deployment, data = load_deployment(PARAMETERS), tmp_path_factory.mktemp("data")
    with closing(engine.client), running_services(data, engine.networks) as services:
        runtime = prepare(deployment, data)
        variables = variables_for_containers(engine.way_here(image, services.url), services)
        yield Containers(deployment, runtime, builder, engine.url, variables, tmp_path_factory.mktemp("sam"))


@pytest.fixture(scope="session")
def house(containers: Containers) -> House:
    """The same, to be called as everywhere else: each event is a `sam local invoke`."""
    deployment, directory = containers.deployment, containers.directory
    runtime = SamRuntime(containers.sam("standard"), deployment, containers.in_process, directory)
    return house_of(deployment, runtime, Session().client("dynamodb"))
