"""What runs inside the fresh processes: a function is imported as Lambda would, and handed events.

Each takes JSON on its standard input and prints JSON.
"""

import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

from awslambdaric.lambda_runtime_log_utils import JsonFormatter

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

_CONTEXT = SimpleNamespace(aws_request_id="5f0c1f5e-0000-4000-8000-000000000000")

STATUS = Path("/proc/self/status")

_API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5"


def time_authorizer() -> None:
    """Tell how many µs an answer takes, by kind, for each round; beside it, how many a bare verification takes.

    Takes ``{"keys": JWK set, "seen": token, "rounds": [[token never seen, …], …]}``.
    """
    given = json.load(sys.stdin)
    _log_as_the_runtime_does()
    handler: Handler = importlib.import_module("app").handler
    verify = _bare_verification(given["keys"])
    handler(_rest_event(given["seen"]), _CONTEXT)
    _tell([_round(tokens, given["seen"], handler, verify) for tokens in given["rounds"]])


def log_in() -> None:
    """Tell what the answers to login events were, and the process's memory: ``VmRSS`` and ``VmHWM`` in bytes."""
    events = json.load(sys.stdin)
    importlib.import_module("awslambdaric.bootstrap")
    handler: Handler = importlib.import_module("app").handler
    statuses = {handler(event, None)["statusCode"] for event in events}
    _tell({"statuses": sorted(statuses), **_memory()})


def time_hashes() -> None:
    """Tell how many ms a hash takes: real ones within a control group, those of the CPU without one.

    Takes ``{"group": file that lets enter it, or null, "hashes": how many}``.
    """
    given = json.load(sys.stdin)
    hasher = importlib.import_module("keyfob.crypto.passwords").PasswordHasher("owasp")
    hasher.hash("warm")
    if given["group"]:
        Path(given["group"]).write_text(str(os.getpid()), encoding="ascii")
    clock = time.perf_counter if given["group"] else time.process_time
    _tell(1e3 * median(_seconds(clock, hasher.hash) for _ in range(given["hashes"])))


def time_share() -> None:
    """Tell how much of a processor this process gets in a control group, whose file that lets enter it is given."""
    Path(json.load(sys.stdin)).write_text(str(os.getpid()), encoding="ascii")
    begin, used = time.perf_counter(), time.process_time()
    while time.perf_counter() < begin + 1:
        pass
    _tell((time.process_time() - used) / (time.perf_counter() - begin))


def _seconds(clock: Callable[[], float], hash_of: Callable[[str], str]) -> float:
    begin = clock()
    hash_of("correct horse battery staple")
    return clock() - begin


def _log_as_the_runtime_does() -> None:
    """Let lines of the log be written in JSON, to where nobody reads them."""
    handler = logging.FileHandler(os.devnull)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)


def _round(
    tokens: Sequence[str], seen: str, handler: Handler, verify: Callable[[Sequence[str]], float]
) -> dict[str, float]:
    half = len(tokens) // 2
    rest, http = tokens[:half], tokens[half:]
    return {
        "verify": verify(tokens),
        "new, REST": _answering(handler, [_rest_event(token) for token in rest]),
        "new, HTTP": _answering(handler, [_http_event(token) for token in http]),
        "seen, REST": _answering(handler, [_rest_event(seen) for _ in rest]),
        "seen, HTTP": _answering(handler, [_http_event(seen) for _ in http]),
    }


def _answering(handler: Handler, events: Sequence[dict[str, Any]]) -> float:
    begin = time.perf_counter()
    answers = [handler(event, _CONTEXT) for event in events]
    seconds = time.perf_counter() - begin
    if not all(map(_allows, answers)):
        raise RuntimeError(f"not every answer allows: {answers[0]}")
    return 1e6 * seconds / len(events)


def _allows(answer: dict[str, Any]) -> bool:
    return bool(answer.get("isAuthorized") or answer["policyDocument"]["Statement"][0]["Effect"] == "Allow")


def _bare_verification(jwk_set: str) -> Callable[[Sequence[str]], float]:
    """Return what tells how many µs `cryptography` itself takes to verify a token's signature."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    from cryptography.hazmat.primitives.hashes import SHA256
    from keyfob.crypto.base64url import decode, decode_integer

    [jwk] = json.loads(jwk_set)["keys"]
    key = RSAPublicNumbers(decode_integer(jwk["e"]), decode_integer(jwk["n"])).public_key()
    padding, digest = PKCS1v15(), SHA256()

    def verify(tokens: Sequence[str]) -> float:
        parts = [token.rpartition(".") for token in tokens]
        pairs = [(decode(signature), signing_input.encode()) for signing_input, _, signature in parts]
        begin = time.perf_counter()
        for signature, signing_input in pairs:
            key.verify(signature, signing_input, padding, digest)
        return 1e6 * (time.perf_counter() - begin) / len(pairs)

    return verify


def _rest_event(token: str) -> dict[str, Any]:
    return {"type": "TOKEN", "methodArn": f"{_API}/prod/GET/orders", "authorizationToken": f"Bearer {token}"}


def _http_event(token: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": f"{_API}/$default/GET/orders",
        "identitySource": [f"Bearer {token}"],
        "routeKey": "GET /orders",
        "rawPath": "/orders",
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "authorization": f"Bearer {token}",
            "host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "user-agent": "bench/1.0",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
    }


def _memory() -> dict[str, int]:
    lines = (line.partition(":") for line in STATUS.read_text(encoding="utf-8").splitlines())
    return {name: 1024 * int(text.split()[0]) for name, _, text in lines if name in {"VmRSS", "VmHWM"}}


def _tell(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
