"""Fixtures of the mail's tests."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.mail.post import Post, open_post


@pytest.fixture
def post() -> Iterator[Post]:
    """A mailer over tables in moto."""
    with mock_aws(), open_post() as opened:
        yield opened
