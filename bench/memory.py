"""The memory of a process that has logged users in."""

from typing import Any

from bench.flows import FIRST_IP, PASSWORD, QUIET, Caller
from bench.inside import STATUS
from bench.process import aws_variables, run
from bench.table import Row, Section
from local.laptop import laptop
from local.template import load_deployment

LOGINS = 20
LIMIT_MB = 90
MB = 1e6

_INSIDE = "from bench.inside import log_in; log_in()"


def memory() -> Section:
    """Measure the resident set of a login function that is warm."""
    title = "Memory of a warm login function"
    if not STATUS.exists():
        return Section(title, [], f"not measured, since this system has no {STATUS}")
    told = _logged_in()
    return Section(
        title,
        [
            Row("resident set", told["VmRSS"] / MB, "MB", LIMIT_MB),
            Row("resident set at its highest, while it hashes", told["VmHWM"] / MB, "MB"),
        ],
        f"after {LOGINS} logins under the set owasp, the runtime included",
    )


def _logged_in() -> dict[str, Any]:
    deployment = load_deployment()
    function = deployment.functions["login"]
    with laptop(load_deployment(QUIET)) as running:
        caller = Caller(deployment, running.runtime)
        credentials = {"email": "bench@example.com", "password": PASSWORD}
        caller.elsewhere(FIRST_IP).call("register", credentials)
        events = [caller.event("login", credentials) for _ in range(LOGINS)]
        folders = (function.code_dir, *deployment.layers)
        told: dict[str, Any] = run(_INSIDE, folders, {**aws_variables(), **function.environment}, events)
    if told["statuses"] != [200]:
        raise RuntimeError(f"logins answered {told['statuses']}")
    return told
