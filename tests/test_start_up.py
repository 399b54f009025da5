"""What a cold start pays for: the modules that each function imports, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from keyfob.contracts import NAMES, contract_named

from local.template import load_deployment
from tests.hashing import HASHING
from tests.house import PARAMETERS

ROOT = Path(__file__).parents[1]

PROBE = """
import json, os, sys, time
drawn = []
def watched(original):
    def watching(*arguments):
        frame = sys._getframe(1)
        while frame and os.path.basename(frame.f_code.co_filename) in ("secrets.py", "uuid.py", "random.py"):
            frame = frame.f_back
        if frame and any(part in frame.f_code.co_filename for part in ("keyfob", "/functions/")):
            drawn.append(frame.f_code.co_filename)
        return original(*arguments)
    return watching
os.urandom, time.time, time.monotonic = map(watched, (os.urandom, time.time, time.monotonic))
import {module}
print(json.dumps({{"modules": sorted(sys.modules), "drawn": drawn}}))
"""

OAUTH_LIBRARIES = {"authlib", "joserfc", "requests"}
HEAVY = {"boto3", "pydantic", "moto", "jwt", "email_validator", "jinja2", "ua_parser", *OAUTH_LIBRARIES}
"""What no endpoint may import when it starts."""

ENDPOINTS = tuple(contract_named("standard").operations)
OAUTH = {"oauth", "oauth_callback"}


def start(module: str, environment: Mapping[str, str], path: Path = ROOT) -> tuple[set[str], list[str]]:
    """Import a module in a fresh process; return what is loaded then, and which of our files drew bytes or time."""
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


@cache
def start_function(name: str, **settings: str) -> tuple[set[str], list[str]]:
    """Import a function as `start` does, under its own settings, changed by `settings`; the same one but once."""
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


@pytest.mark.parametrize("name", ENDPOINTS)
def test_endpoints_import_no_luxury(name: str) -> None:
    """No endpoint loads what costs a start-up dear, nor a contract before it is asked for."""
    modules, _ = start_function(name)
    assert not modules & HEAVY
    assert not modules & {f"keyfob.contracts.{contract}" for contract in NAMES}


@pytest.mark.parametrize("name", sorted(set(ENDPOINTS) - OAUTH))
def test_only_social_login_imports_what_talks_to_providers(name: str) -> None:
    """No other endpoint loads a client of OAuth, or ours that is built on one."""
    modules, _ = start_function(name)
    assert not modules & OAUTH_LIBRARIES
    assert not [module for module in modules if module.startswith("keyfob.oauth")]


@pytest.mark.parametrize("name", sorted(set(load_deployment(PARAMETERS).functions) - {"mailer"}))
def test_only_the_mailer_imports_what_writes_and_sends_mail(name: str) -> None:
    """Endpoints at most queue a request: templates and senders are the mailer's."""
    modules, _ = start_function(name)
    assert not modules & {"jinja2", "smtplib", "keyfob.mail.letters", "keyfob.mail.senders", "keyfob.service.mailing"}


def test_the_mailer_imports_nothing_that_registers_or_signs_in() -> None:
    """A mail brings a token at most: the mailer makes no user and no session."""
    assert not start_function("mailer")[0] & {"keyfob.service.registration", "keyfob.service.login"}


@pytest.mark.parametrize("name", ["login", "session_login", "refresh", "me", "logout", "authorizer", "not_found"])
def test_those_that_are_called_most_import_nothing_of_mail(name: str) -> None:
    """Signing in, refreshing and being let in wait for nothing that has to do with mail."""
    modules, _ = start_function(name)
    assert not [module for module in modules if module.startswith(("keyfob.mail", "keyfob.oauth"))]


@pytest.mark.parametrize("name", sorted(set(load_deployment(PARAMETERS).functions) - HASHING))
def test_only_those_that_hash_import_the_hash(name: str) -> None:
    """Argon2 is loaded by the functions that see a password, and by no other."""
    assert "argon2" not in start_function(name)[0]


@pytest.mark.parametrize("name", sorted(HASHING))
def test_those_that_hash_import_the_hash(name: str) -> None:
    """Argon2 is loaded at start-up where each request needs it, so that no request waits for that."""
    assert "argon2" in start_function(name)[0]


@pytest.mark.parametrize("name", sorted(load_deployment(PARAMETERS).functions))
def test_none_imports_what_verifies_hashes_of_other_systems(name: str) -> None:
    """Only a login of somebody who has such a hash loads that."""
    assert not [module for module in start_function(name)[0] if module.startswith("keyfob.crypto.foreign_hashes")]


@pytest.mark.parametrize("name", sorted(set(load_deployment(PARAMETERS).functions) - {"rotate_keys"}))
def test_none_imports_bcrypt(name: str) -> None:
    """Nor does any load bcrypt, but `rotate_keys`: there PyJWT loads what reads SSH keys, and that takes it."""
    assert "bcrypt" not in start_function(name)[0]


@pytest.mark.parametrize("name", sorted(load_deployment(PARAMETERS).functions))
def test_nothing_random_is_made_at_import(name: str) -> None:
    """A snapshot of an imported function holds no random value and no time of ours: no restore repeats or is late."""
    assert start_function(name)[1] == []


@pytest.mark.parametrize(
    "drawing", ["import secrets\nTOKEN = secrets.token_hex()\n", "import time\nNOW = time.time()\n"]
)
def test_a_value_drawn_at_import_is_noticed(tmp_path: Path, drawing: str) -> None:
    """The test above finds a module of ours that draws random bytes, or looks at the clock, when it is imported."""
    (tmp_path / "keyfob_planted.py").write_text(drawing, encoding="utf-8")
    assert start("keyfob_planted", {}, tmp_path)[1] == [str(tmp_path / "keyfob_planted.py")]


@pytest.mark.parametrize("name", sorted(set(load_deployment(PARAMETERS).functions) - {"docs"}))
def test_only_docs_imports_the_documentation(name: str) -> None:
    """What describes the endpoints is loaded by none of them."""
    modules, _ = start_function(name)
    assert not [module for module in modules if module.startswith("keyfob.documentation")]


def test_docs_imports_nothing_that_stores_or_signs() -> None:
    """It reads no table and no secret; and Django, which the package of its files would import, is not there."""
    modules, _ = start_function("docs")
    ours = {name.split(".")[1] for name in modules if name.startswith("keyfob.")}
    assert not ours & {"store", "service"}
    assert not modules & {"argon2", "botocore.client", "cryptography", "drf_spectacular_sidecar", "django"}
