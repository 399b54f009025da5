"""A process as Lambda takes a snapshot of it: functions are imported once, and each event meets two restored copies.

Run as ``python -m tests.restored``. It reads from its input, as JSON, the parameters of a deployment, folders of more
functions, and cases of a function's name and two events. It writes the answers, and how many sockets the snapshot had.

A copy is a fork, which Python's own generator notices and seeds itself anew, as it would not where Lambda restores
memory. So its state is put back: whatever is drawn from it is the same in both copies.
"""

import json
import os
import random
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import snapshot_restore_py

from local.intrinsics import Json
from local.runtime import Runtime
from local.template import Function, load_deployment


def main() -> None:
    """Import every function, then let copies answer."""
    task = json.load(sys.stdin)
    deployment = load_deployment(task["parameters"])
    functions = {folder.name: _function(folder) for folder in map(Path, task["folders"])}
    runtime = Runtime(replace(deployment, functions={**deployment.functions, **functions})).start()
    for hook, args, options in reversed(snapshot_restore_py.get_before_snapshot()):
        hook(*args, **options)
    sockets = _sockets()
    answers = [[_restored(runtime, name, event) for event in events] for name, *events in task["cases"]]
    json.dump({"sockets": sockets, "answers": answers}, sys.stdout)


def _function(folder: Path) -> Function:
    return Function(folder.name, f"arn:aws:lambda:::function:{folder.name}", folder, "app.handler", {}, 10, 128)


def _sockets() -> int:
    files = [each.readlink() for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return sum(str(each).startswith("socket:") for each in files)


def _restored(runtime: Runtime, name: str, event: Mapping[str, Json]) -> Json:
    """Return what a copy of this process answers."""
    reader, writer = os.pipe()
    state = random.getstate()
    if (child := os.fork()) == 0:
        random.setstate(state)
        for hook, args, options in snapshot_restore_py.get_after_restore():
            hook(*args, **options)
        with os.fdopen(writer, "w") as output:
            json.dump(runtime.invoke(name, event), output)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text)


if __name__ == "__main__":
    main()
