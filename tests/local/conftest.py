"""Fixtures of the laptop's own tests: small functions of their own in place of the product's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType

import pytest

from local.template import Deployment, Function, load_deployment

_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})

Write = Callable[..., Deployment]


@pytest.fixture(scope="session")
def deployment() -> Deployment:
    """Return what the template deploys by default."""
    return load_deployment()


@pytest.fixture
def write_function(deployment: Deployment, tmp_path: Path) -> Write:
    """Write the code of a function `echo`, and return a deployment of it alone."""

    def write(code: str, environment: Mapping[str, str] = _NO_VARIABLES) -> Deployment:
        folder = tmp_path / "echo"
        folder.mkdir(exist_ok=True)
        (folder / "app.py").write_text(dedent(code), encoding="utf-8")
        arn = "arn:aws:lambda:eu-west-1:123456789012:function:keyfob-EchoFunction"
        echo = Function("echo", arn, folder, "app.handler", environment, timeout=10, memory=512)
        return replace(deployment, functions={"echo": echo}, layers=())

    return write
