"""Whether the tests that need Amazon's DynamoDB Local run, are skipped, or fail."""

from local.dynamodb_local import why_unavailable
from tests.demands import demand


def require_dynamodb_local() -> None:
    """Skip the test where DynamoDB Local cannot run, and say why; with `REQUIRE_DYNAMODB_LOCAL` set, fail instead."""
    demand(why_unavailable(), "REQUIRE_DYNAMODB_LOCAL")
