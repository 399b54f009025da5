"""The authorizer when it is warm, beside what none can do without: verifying a signature."""

from collections.abc import Mapping
from statistics import median

from keyfob.store.secrets import Secret

from bench.flows import QUIET
from bench.process import aws_variables, run
from bench.table import Reference, Row, Section
from bench.tokens import new_tokens
from local.laptop import laptop
from local.template import Deployment, load_deployment

ROUNDS = 15
TOKENS_A_ROUND = 200

_INSIDE = "from bench.inside import time_authorizer; time_authorizer()"


def warm() -> Section:
    """Measure the stateless authorizer, from event to answer."""
    quiet, counting = _medians(QUIET), _medians({})
    bare = Reference("a bare verification", quiet.pop("verify"))
    del counting["verify"]
    return Section(
        "Warm stateless authorizer",
        [
            Row(f"{bare.name}: RSA-2048 by cryptography", bare.value, "µs"),
            *(Row(f"token {kind}", each, "µs", 4.5 if "new" in kind else 0.3, bare) for kind, each in quiet.items()),
            *(Row(f"token {kind}, logged and counted", each, "µs", None, bare) for kind, each in counting.items()),
        ],
        f"event to answer, medians of {ROUNDS} rounds, taking turns; without a log, and with it as by default",
    )


def _medians(parameters: Mapping[str, str]) -> dict[str, float]:
    """Return the µs of each kind of answer in a deployment."""
    deployment = load_deployment({**parameters, "AuthorizerMode": "stateless"})
    with laptop(deployment):
        rounds = _rounds(deployment)
    return {kind: median(each[kind] for each in rounds) for kind in rounds[0]}


def _rounds(deployment: Deployment) -> list[dict[str, float]]:
    function = deployment.functions["authorizer"]
    seen, *unseen = new_tokens(deployment, 1 + ROUNDS * TOKENS_A_ROUND)
    given = {
        "keys": Secret.connect(function.environment["PUBLIC_KEYS_SECRET"]).read(),
        "seen": seen,
        "rounds": [unseen[start::ROUNDS] for start in range(ROUNDS)],
    }
    environment = {**aws_variables(), **function.environment}
    rounds: list[dict[str, float]] = run(_INSIDE, (function.code_dir, *deployment.layers), environment, given)
    return rounds
