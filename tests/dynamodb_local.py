"""Whether the tests that need Amazon's DynamoDB Local run, are skipped, or fail."""

import os

import pytest

from local.dynamodb_local import why_unavailable


def require_dynamodb_local() -> None:
    """Skip the test where DynamoDB Local cannot run, and say why; with `REQUIRE_DYNAMODB_LOCAL` set, fail instead."""
    reason = why_unavailable()
    if reason is None:
        return
    if os.environ.get("REQUIRE_DYNAMODB_LOCAL"):
        pytest.fail(reason)
    pytest.skip(reason)
