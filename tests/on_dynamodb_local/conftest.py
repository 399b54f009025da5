"""The same deployment as elsewhere, with its tables in Amazon's own engine.

Contracts differ in what they store by two things only: whether refresh tokens are replaced, and whether registering
logs in. The whole suite of `standard` runs here; what `igny8` does otherwise is in the races and lost answers.
"""

from collections.abc import Iterator

import pytest

from tests.house import House, running_house


@pytest.fixture(scope="module")
def house(dynamodb_local_url: str) -> Iterator[House]:
    """A deployment on DynamoDB Local, for one module's tests, that leaves no tables behind."""
    with running_house(dynamodb_url=dynamodb_local_url) as running:
        yield running
        running.drop_tables()
