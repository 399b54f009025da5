"""The whole laptop: services, keys, functions and the commands that it prints."""

import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.banner import banner
from local.laptop import laptop
from local.options import Options
from local.runtime import Runtime
from local.server import Application, serving
from local.template import Deployment, load_deployment
from tests.dynamodb_local import require_dynamodb_local

CONTRACTS = ("standard", "metatag", "pythonorg", "igny8", "reference")


@pytest.fixture(scope="module")
def quick() -> Deployment:
    """Return the deployment with the password hashing of tests."""
    return load_deployment({"PasswordHashing": "test"})


@pytest.fixture(scope="module")
def runtime(quick: Deployment) -> Iterator[Runtime]:
    """Begin a laptop without data."""
    with laptop(quick) as functions:
        yield functions


def register(url: str, email: str) -> httpx.Response:
    """Register a user on the contract `metatag`."""
    body = {"email": email, "password": "SecurePass123!"}
    return httpx.post(f"{url}/metatag/api/auth/register", json=body)


def log_in(url: str, email: str) -> httpx.Response:
    """Log a user in on the contract `metatag`."""
    return httpx.post(f"{url}/metatag/api/auth/login", json={"email": email, "password": "SecurePass123!"})


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_commands_it_prints_work_when_pasted(quick: Deployment, contract: str) -> None:
    """The first registers a user, the second logs it in, on every contract."""
    with laptop(quick) as functions, serving(Application(quick, functions.invoke, contract)) as url:
        port = int(url.rpartition(":")[2])
        text = banner(quick, Options(contract, port, keeps_data=False), port)
        commands = [shlex.split(line) for line in text.splitlines() if line.startswith("curl ")]
        assert [_paste(command).status_code for command in commands] == [201, 200]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_base_urls_it_prints_are_served(quick: Deployment, runtime: Runtime, contract: str) -> None:
    """Each printed base URL leads to its contract's endpoints."""
    with serving(Application(quick, runtime.invoke, contract)) as url:
        port = int(url.rpartition(":")[2])
        text = banner(quick, Options(contract, port, keeps_data=False), port)
        bases = [word for line in text.splitlines() if not line.startswith("curl ") for word in line.split()]
        bases = [word for word in bases if word.startswith(url)]
        assert len(bases) == len(CONTRACTS) + 1
        assert {httpx.get(f"{base}/me").status_code for base in bases} == {401}


def test_it_says_where_data_live(quick: Deployment) -> None:
    """What is lost when it stops, and how to keep it."""
    assert "DYNAMODB=local keeps them" in banner(quick, Options("standard", 1, keeps_data=False), 1)
    assert ".local/secrets.json" in banner(quick, Options("standard", 1, keeps_data=True), 1)


@pytest.mark.slow
def test_sessions_outlive_a_restart_when_data_are_kept(quick: Deployment, tmp_path: Path) -> None:
    """Users, and the keys their tokens are signed with, are there in the next run; the keys are private."""
    require_dynamodb_local()
    with laptop(quick, tmp_path) as functions, serving(Application(quick, functions.invoke, "metatag")) as url:
        assert register(url, "kept@example.com").status_code == 201
        tokens = log_in(url, "kept@example.com").json()["tokens"]
    with laptop(quick, tmp_path) as functions, serving(Application(quick, functions.invoke, "metatag")) as url:
        assert register(url, "kept@example.com").status_code == 400
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert httpx.get(f"{url}/metatag/api/auth/me", headers=bearer).json()["email"] == "kept@example.com"
        refreshed = httpx.post(f"{url}/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        assert refreshed.status_code == 200
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def _paste(command: list[str]) -> httpx.Response:
    url = next(word for word in command if word.startswith("http"))
    name, _, value = command[command.index("-H") + 1].partition(": ")
    return httpx.post(url, headers={name: value}, content=command[command.index("-d") + 1])
