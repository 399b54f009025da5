"""What the primitives cost that security asks for: hashing, signing, verifying."""

import time
from collections.abc import Callable
from statistics import median

from keyfob.crypto.algorithms import algorithm
from keyfob.crypto.generate import new_signing_jwk
from keyfob.crypto.passwords import PARAMETER_SETS, PasswordHasher

from bench.table import Row, Section

ROUNDS = 15
REPEATS = 50
ALGORITHMS = ("RS256", "ES256", "EdDSA")

_PASSWORD = "correct horse battery staple"  # noqa: S105 - nobody's
_INPUT = b"." * 600


def primitives() -> Section:
    """Measure one hash under each parameter set, and signatures by each algorithm."""
    return Section(
        "Primitives",
        [
            *(_hash(name) for name in PARAMETER_SETS),
            *(row for name in ALGORITHMS for row in _signature(name)),
        ],
        f"medians of {ROUNDS} rounds",
    )


def _hash(parameter_set: str) -> Row:
    hasher = PasswordHasher(parameter_set)
    seconds = _median_seconds(lambda: hasher.hash(_PASSWORD))
    return Row(f"argon2id, {parameter_set}: one hash", 1e3 * seconds, "ms")


def _signature(name: str) -> list[Row]:
    jwk = new_signing_jwk(name)
    sign, verify = algorithm(name).signer(jwk), algorithm(name).verifier(jwk)
    signature = sign(_INPUT)
    return [
        Row(f"{name}: sign", 1e6 * _median_seconds(lambda: sign(_INPUT), REPEATS), "µs"),
        Row(f"{name}: verify", 1e6 * _median_seconds(lambda: verify(_INPUT, signature), REPEATS), "µs"),
    ]


def _median_seconds(call: Callable[[], object], repeats: int = 1) -> float:
    return median(_seconds(call, repeats) for _ in range(ROUNDS))


def _seconds(call: Callable[[], object], repeats: int) -> float:
    begin = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - begin) / repeats
