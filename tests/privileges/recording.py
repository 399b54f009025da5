"""Keeps what the functions ask of AWS while tests run, in a file for each process of theirs."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.runtime import running
from local.template import TEMPLATE
from tests.hooks import hooked
from tests.privileges.calls import Call, calls_of

if TYPE_CHECKING:
    import pytest
    from botocore.model import OperationModel

_FUNCTIONS = TEMPLATE.parent / "functions"
_WHOLE = "whole"


class Recorder:
    """What the template's functions have asked so far, each thing once."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.calls: set[Call] = set()

    def before(self, params: dict[str, Any], model: "OperationModel", **_: object) -> None:
        """See a call before it is made (botocore's event ``before-parameter-build``)."""
        function = running.get(None)
        if function and function.code_dir.parent == _FUNCTIONS:
            service = model.service_model.service_name
            self.calls.update(calls_of(function.name, service, model.name, params))


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Record what the functions that begin within the block ask of AWS."""
    recorder = Recorder()
    with hooked("before-parameter-build", recorder.before):
        yield recorder


def keep(directory: Path, calls: set[Call]) -> None:
    """Add a file with `calls` to the directory's."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{uuid.uuid4()}.json").write_text(json.dumps(sorted(calls)), encoding="utf-8")


def is_of_every_test(config: "pytest.Config") -> bool:
    """Tell whether a run of pytest was asked for all tests, rather than some files, marks or words."""
    everywhere = config.args_source is config.ArgsSource.TESTPATHS
    return everywhere and not any(config.getoption(name) for name in ("keyword", "markexpr", "lf", "deselect"))


def mark_whole(directory: Path) -> None:
    """Say that the calls in the directory are those of every test."""
    (directory / _WHOLE).touch()


def is_whole(directory: Path) -> bool:
    """Tell whether the calls in the directory are those of every test."""
    return (directory / _WHOLE).exists()


def kept(directory: Path) -> set[Call]:
    """Return the calls of all files of the directory."""
    every = (json.loads(file.read_text(encoding="utf-8")) for file in directory.glob("*.json"))
    return {
        Call(function, action, resource, tuple((key, value) for key, value in context))
        for calls in every
        for function, action, resource, context in calls
    }
