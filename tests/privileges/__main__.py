"""Judges the roles of the template's functions by the calls that the tests have recorded: `make test` does it last."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from tests.privileges.calls import Call
from tests.privileges.deployments import DEPLOYMENTS, stack_of
from tests.privileges.errands import errands
from tests.privileges.judge import Verdict, judge
from tests.privileges.recording import is_whole, kept
from tests.privileges.roles import roles_of
from tests.privileges.simulator import PACKAGES


def main(directory: Path) -> str | None:
    """Print what was judged, and return what is wrong, or `None` if nothing is."""
    calls = kept(directory)
    if not calls:
        return f"Nothing is recorded in {directory}: `make test` does it."
    if reason := PACKAGES.why_unavailable():
        print(f"What functions may do is not judged: {reason}.")
        return reason if os.environ.get(PACKAGES.demanded_by) else None
    print(f"Judged {len(calls)} calls to AWS of {len({call.function for call in calls})} functions.")
    verdicts = {deployment: _verdict(deployment, calls) for deployment in DEPLOYMENTS}
    if not is_whole(directory):
        print("Some tests did not run, so what looks unused may be used.")
        verdicts = {deployment: replace(each, unused=frozenset()) for deployment, each in verdicts.items()}
    faults = {fault: deployment for deployment, each in reversed(verdicts.items()) for fault in each.faults()}
    return "\n".join(f"{fault} ({deployment})" for fault, deployment in faults.items()) or None


def _verdict(deployment: str, calls: set[Call]) -> Verdict:
    stack = stack_of(deployment)
    return judge(roles_of(stack), calls | errands(stack, calls))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
