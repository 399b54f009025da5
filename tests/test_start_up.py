"""What a cold start pays for: the modules that each function imports, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.template import load_deployment
from tests.house import PARAMETERS

ROOT = Path(__file__).parents[1]

PROBE = """
import json, os, sys
drawn = []
draw = os.urandom
def urandom(size):
    frame = sys._getframe(1)
    while frame and os.path.basename(frame.f_code.co_filename) in ("secrets.py", "uuid.py", "random.py"):
        frame = frame.f_back
    if frame and any(part in frame.f_code.co_filename for part in ("keyfob", "/functions/")):
        drawn.append(frame.f_code.co_filename)
    return draw(size)
os.urandom = urandom
import {module}
print(json.dumps({{"modules": sorted(sys.modules), "drawn": drawn}}))
"""

HEAVY = {"boto3", "pydantic", "moto", "jwt", "email_validator"}
"""What no endpoint may import when it starts."""


def start(module: str, environment: Mapping[str, str], path: Path = ROOT) -> tuple[set[str], list[str]]:
    """Import a module in a fresh process; return what is loaded then, and which of our files drew random bytes."""
    result = subprocess.run(  # noqa: S603 - our own interpreter and probe
        [sys.executable, "-c", PROBE.format(module=module)],
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{path}:{ROOT / 'shared'}:{ROOT}",
            "AWS_DEFAULT_REGION": "eu-west-1",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(result.stdout.splitlines()[-1])
    return set(seen["modules"]), seen["drawn"]


def start_function(name: str, **settings: str) -> tuple[set[str], list[str]]:
    """Import a function as `start` does, under its own settings, changed by `settings`."""
    environment = load_deployment(PARAMETERS).functions[name].environment
    return start(f"functions.{name}.app", {**environment, **settings})


def test_the_stateless_authorizer_imports_nothing_that_a_token_does_not_need() -> None:
    """It loads neither an AWS client nor a validator, a hash, a logger or a JWT library."""
    modules, _ = start_function("authorizer", AUTHORIZER_MODE="stateless")
    assert not modules & {*HEAVY, "botocore", "argon2", "aws_lambda_powertools", "urllib3"}


def test_the_strict_authorizer_reads_sessions_and_no_more() -> None:
    """It loads an AWS client, since every request needs it, and no hash, validator or contract."""
    modules, _ = start_function("authorizer", AUTHORIZER_MODE="strict")
    assert "botocore" in modules
    assert not modules & {*HEAVY, "argon2", "aws_lambda_powertools", "keyfob.contracts"}


@pytest.mark.parametrize("name", ["login", "refresh", "logout", "me", "register", "not_found"])
def test_endpoints_import_no_luxury(name: str) -> None:
    """No endpoint loads what costs a start-up dear, nor a contract before it is asked for."""
    modules, _ = start_function(name)
    assert not modules & HEAVY
    assert not modules & {f"keyfob.contracts.{contract}" for contract in ("standard", "metatag", "igny8", "reference")}


@pytest.mark.parametrize("name", ["refresh", "logout", "me", "not_found"])
def test_only_those_that_hash_import_the_hash(name: str) -> None:
    """Argon2 is loaded by the functions that see a password, and by no other."""
    assert "argon2" not in start_function(name)[0]
    assert "argon2" in start_function("login")[0]


@pytest.mark.parametrize("name", sorted(load_deployment(PARAMETERS).functions))
def test_nothing_random_is_made_at_import(name: str) -> None:
    """A snapshot of an imported function holds no random value of ours, so two restores of it differ in all of them."""
    assert start_function(name)[1] == []


def test_a_value_drawn_at_import_is_noticed(tmp_path: Path) -> None:
    """The test above finds a module of ours that draws random bytes when it is imported."""
    (tmp_path / "keyfob_planted.py").write_text("import secrets\nTOKEN = secrets.token_hex()\n", encoding="utf-8")
    assert start("keyfob_planted", {}, tmp_path)[1] == [str(tmp_path / "keyfob_planted.py")]
