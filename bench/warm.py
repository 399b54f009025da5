"""The authorizer when it is warm, beside what none can do without: verifying a signature."""

import time
from statistics import median

from keyfob.crypto import jwt
from keyfob.crypto.keys import KeySet, SigningKey
from keyfob.crypto.random import new_id
from keyfob.model.token import AccessClaims
from keyfob.store.secrets import Secret

from bench.flows import QUIET
from bench.process import aws_variables, run
from bench.table import Reference, Row, Section
from local.laptop import laptop
from local.template import Deployment, load_deployment

ROUNDS = 15
TOKENS_A_ROUND = 200
LIFETIME_SECONDS = 900

_INSIDE = "from bench.inside import time_authorizer; time_authorizer()"


def warm() -> Section:
    """Measure the stateless authorizer, from event to answer."""
    deployment = load_deployment({**QUIET, "AuthorizerMode": "stateless"})
    with laptop(deployment):
        rounds = _rounds(deployment)
    times = {kind: median(each[kind] for each in rounds) for kind in rounds[0]}
    bare = Reference("a bare verification", times.pop("verify"))
    return Section(
        "Warm stateless authorizer",
        [
            Row(f"{bare.name}: RSA-2048 by cryptography", bare.value, "µs"),
            *(Row(f"token {kind}", each, "µs", 4.5 if "new" in kind else 0.3, bare) for kind, each in times.items()),
        ],
        f"event to answer, medians of {ROUNDS} rounds, taking turns",
    )


def _rounds(deployment: Deployment) -> list[dict[str, float]]:
    function = deployment.functions["authorizer"]
    private = Secret.connect(deployment.functions["login"].environment["KEY_SET_SECRET"]).read()
    [signer] = KeySet.from_json(private).access_signers
    issuer = function.environment["ISSUER"]
    given = {
        "keys": Secret.connect(function.environment["PUBLIC_KEYS_SECRET"]).read(),
        "seen": _new_token(signer, issuer),
        "rounds": [[_new_token(signer, issuer) for _ in range(TOKENS_A_ROUND)] for _ in range(ROUNDS)],
    }
    environment = {**aws_variables(), **function.environment}
    rounds: list[dict[str, float]] = run(_INSIDE, (function.code_dir, *deployment.layers), environment, given)
    return rounds


def _new_token(signer: SigningKey, issuer: str) -> str:
    now = int(time.time())
    user_id = new_id()
    claims = AccessClaims(
        iss=issuer,
        sub=user_id,
        aud="standard",
        exp=now + LIFETIME_SECONDS,
        iat=now,
        jti=new_id(),
        sid=new_id(),
        user_id=user_id,
        account_id=new_id(),
        role="owner",
        scope="*",
    )
    return jwt.sign(claims._asdict(), signer)
