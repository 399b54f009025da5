"""What some tests need and not every machine has."""

import os

import pytest


def demand(reason: str | None, variable: str) -> None:
    """Skip the test for the reason given, if there is any; where the environment has `variable`, fail instead."""
    if reason is None:
        return
    if os.environ.get(variable):
        pytest.fail(reason)
    pytest.skip(reason)
