"""Fixtures of all suites."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from keyfob.store import batches
from keyfob.store import client as store_client

from local.artifact import Artifact
from local.dynamodb_local import running
from tests.artifact import built_once, require_artifact
from tests.aws_calls import Calls, tapped
from tests.dynamodb_local import require_dynamodb_local
from tests.house import House, running_house
from tests.privileges.recording import is_of_every_test, keep, mark_whole, recorded
from tests.provider import Provider, require_provider
from tests.provider import running as running_provider
from tests.quick_moto import quick_moto

AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with which `make test` records what `python -m tests.privileges` judges."""
    parser.addoption("--record-calls", type=Path, metavar="DIR", help="record in DIR what functions ask of AWS")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Mark a recording as whole if every test has run, and none has failed."""
    config = session.config
    is_worker = hasattr(config, "workerinput")
    if config.option.record_calls and not is_worker and exitstatus == 0 and is_of_every_test(config):
        mark_whole(config.option.record_calls)


@pytest.fixture(autouse=True, scope="session")
def _recorded(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the functions of all tests ask of AWS is kept where `--record-calls` says."""
    directory = request.config.option.record_calls
    if directory is None:
        yield
        return
    with recorded() as recorder:
        yield
    keep(directory, recorder.calls)


@pytest.fixture(autouse=True, scope="session")
def _no_aws_account() -> Iterator[None]:
    """No test reaches an AWS account."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with patch.dict(os.environ, {**others, **AWS}, clear=True):
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_moto() -> Iterator[None]:
    """Moto is quick in every test."""
    with quick_moto():
        yield


@pytest.fixture(scope="module")
def calls() -> Iterator[Calls]:
    """What the functions of one module call of AWS, for modules that ask; it begins before their house does."""
    with tapped() as calls:
        yield calls


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A deployment that runs, for one module's tests; they keep apart by using names of their own."""
    with running_house() as running:
        yield running


@pytest.fixture(scope="module")
def tapped_house(calls: Calls) -> Iterator[House]:
    """The same, whose calls are tapped from the first one on."""
    assert calls.names == []
    with running_house() as running:
        yield running


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is in the way, so there is nothing to wait for."""
    monkeypatch.setattr(store_client, "CONFLICT_BASE_SECONDS", 0)
    monkeypatch.setattr(batches, "BASE_SECONDS", 0)


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    """URL of Amazon's DynamoDB Local, which has what moto has not: transactions under threads and true capacity."""
    require_dynamodb_local()
    with running() as url:
        yield url


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Artifact:
    """Functions and layer as they are deployed, but for this machine's processor; all workers share them."""
    require_artifact()
    directory = tmp_path_factory.getbasetemp()
    return built_once((directory if worker_id == "master" else directory.parent) / "artifact")


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    """A provider in a process of its own."""
    require_provider()
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    """The same, as if it had just begun."""
    provider_process.reset()
    return provider_process
