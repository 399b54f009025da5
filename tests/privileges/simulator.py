"""AWS's rules, as two npm packages know them: how policies are evaluated, and what actions are about."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from local.intrinsics import ACCOUNT_ID
from tests.npm import LOCAL, NpmPackages, Unavailable
from tests.privileges.calls import Call
from tests.privileges.roles import Role

_SOURCE = Path(__file__).parent

PACKAGES = NpmPackages("the IAM simulator", _SOURCE, LOCAL / "iam-simulator", (20, 0), "REQUIRE_NODE_PACKAGES")


class Findings(NamedTuple):
    """The calls that roles deny, and the actions that no resource can be named for."""

    denied: frozenset[Call]
    resourceless: frozenset[str]


def simulate(roles: Mapping[str, Role], calls: Iterable[Call], actions: Iterable[str]) -> Findings:
    """Evaluate each call by its function's role, and look each action up. Raises `Unavailable` without Node.js."""
    asked = sorted(calls)
    question = {
        "account": ACCOUNT_ID,
        "roles": {name: {"policies": role.policies, "boundary": role.boundary} for name, role in roles.items()},
        "calls": asked,
        "actions": sorted(actions),
    }
    answer = json.loads(_run(json.dumps(question)))
    return Findings(_denied(asked, answer["allowed"]), frozenset(answer["resourceless"]))


def _denied(calls: Sequence[Call], allowed: Sequence[bool]) -> frozenset[Call]:
    return frozenset(call for call, is_allowed in zip(calls, allowed, strict=True) if not is_allowed)


def _run(question: str) -> str:
    packages = PACKAGES.fetch()
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        file.write(question)
        file.flush()
        result = subprocess.run(  # noqa: S603 - our own script
            ["node", "--input-type=module", "-", file.name],  # noqa: S607 - found on the path
            cwd=packages,
            env={"PATH": os.environ["PATH"]},
            input=(_SOURCE / "simulate.mjs").read_text(encoding="utf-8"),
            capture_output=True,
            text=True,
            check=False,
        )
    if result.returncode:
        raise Unavailable(f"the simulator failed: {result.stderr.strip()}")
    return result.stdout
