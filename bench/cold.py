"""Start-up: what a process imports and makes before it can take its first request, in fresh processes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import MappingProxyType

from keyfob.crypto.generate import new_refresh_jwk, new_signing_jwk
from keyfob.crypto.published import public_half

from bench.process import compile_bytecode, run
from bench.table import Reference, Row, Section
from local.intrinsics import REGION
from local.template import Deployment, load_deployment

ROUNDS = 15
OTHERS = ("session_login", "me", "refresh", "logout", "register", "forgot_password", "not_found", "rotate_keys")

_AWS = MappingProxyType(
    {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }
)

_FIRST_VERIFICATION_KEY = "from keyfob.crypto.keys import PublicKeys; PublicKeys.from_json(os.environ['KEYS'])"
_SECRETS_CLIENT = "from keyfob.store.client import secrets_client; secrets_client()"
_FIRST_SIGNING_KEY = (
    "from keyfob.crypto.keys import KeySet; KeySet.from_json(os.environ['KEYS']).access_signer_at(0).sign"
)

_TIMED = """
import time
times = [time.perf_counter()]
{stages}
begin, *ends = times
print([end - begin for end in ends])
"""


@dataclass(frozen=True, slots=True)
class Start:
    """A start-up in stages, each one line of Python, in a process with these folders and variables."""

    stages: tuple[str, ...]
    folders: Sequence[Path] = ()
    environment: Mapping[str, str] = _AWS

    def time(self) -> list[float]:
        """Return how long the process took until the end of each stage, in milliseconds."""
        stages = "\n".join(f"{stage}\ntimes.append(time.perf_counter())" for stage in self.stages)
        seconds = run(_TIMED.format(stages=stages), self.folders, self.environment)
        return [1000 * each for each in seconds]


def cold() -> Section:
    """Measure the start-ups, taking turns, in medians."""
    starts = _starts()
    compile_bytecode(sorted({folder for start in starts.values() for folder in start.folders}))
    for start in starts.values():
        start.time()
    rounds = [{name: start.time() for name, start in starts.items()} for _ in range(ROUNDS)]
    times = {name: [median(stage) for stage in zip(*(each[name] for each in rounds), strict=True)] for name in starts}
    return Section("Cold start", _rows(times), f"medians of {ROUNDS} fresh processes, taking turns")


def _starts() -> dict[str, Start]:
    strict, stateless = load_deployment(), load_deployment({"AuthorizerMode": "stateless"})
    signing_jwk = new_signing_jwk("RS256")
    public = {"keys": [public_half(signing_jwk)]}
    private = {
        "signing": [{"signs_from": 0, "jwk": signing_jwk}],
        "refresh": [{"signs_from": 0, "jwk": new_refresh_jwk()}],
    }
    return {
        "runtime": Start(("import awslambdaric.bootstrap",)),
        "stateless": _function(stateless, "authorizer", _FIRST_VERIFICATION_KEY, json.dumps(public)),
        "stateless, reading": _function(stateless, "authorizer", _SECRETS_CLIENT),
        "boto3": Start(("import boto3; boto3.client('dynamodb')",)),
        "login": _function(strict, "login", _FIRST_SIGNING_KEY, json.dumps(private)),
        **{name: _function(strict, name) for name in ("authorizer", *OTHERS)},
    }


def _function(deployment: Deployment, name: str, first_key: str = "", keys: str = "") -> Start:
    function = deployment.functions[name]
    return Start(
        ("import app", first_key) if first_key else ("import app",),
        (function.code_dir, *deployment.layers),
        {**_AWS, **function.environment, "KEYS": keys},
    )


def _rows(times: Mapping[str, Sequence[float]]) -> list[Row]:
    [runtime], [boto3] = times["runtime"], times["boto3"]
    runtime_alone = Reference("the runtime", runtime)
    client_alone = Reference("boto3's client", boto3)
    return [
        Row("the runtime: import awslambdaric.bootstrap", runtime, "ms"),
        Row("authorizer, stateless: import", times["stateless"][0], "ms", reference=runtime_alone),
        Row("authorizer, stateless: import and first RSA key", times["stateless"][1], "ms", 4, runtime_alone),
        Row("authorizer, stateless: import and the client that reads its keys", times["stateless, reading"][1], "ms"),
        Row('boto3\'s client: boto3.client("dynamodb")', boto3, "ms"),
        Row("login: import and clients", times["login"][0], "ms", reference=client_alone),
        Row("login: import, clients and first RSA key", times["login"][1], "ms", 1.3, client_alone),
        Row("authorizer, strict: import and clients", times["authorizer"][0], "ms", reference=client_alone),
        *(Row(f"{name}: import and clients", times[name][0], "ms", reference=client_alone) for name in OTHERS),
    ]
