"""botocore's events, to watch or to disturb what the functions say to AWS without changing a line of theirs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from keyfob.store import client


@contextmanager
def hooked(event: str, handler: Callable[..., Any]) -> Iterator[None]:
    """Let botocore call `handler` at `event`, for every client that the layer makes within the block.

    A client keeps the handlers that it was made with, so the block must be around the making of the functions.
    """
    session = client._session()
    session.register(event, handler)
    try:
        yield
    finally:
        session.unregister(event, handler)
