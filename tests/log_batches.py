"""Batches as CloudWatch Logs hands them over."""

import gzip
import io
import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

LOG_GROUP = "keyfob-FunctionLogs"
AT = 1_772_532_600_000
"""When the first line of a batch was logged, in milliseconds since the epoch; each next one a millisecond later."""


def log_batch(lines: Sequence[str]) -> dict[str, Any]:
    """Return the event with `lines`, whose ids tell their places in the batch."""
    batch = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": LOG_GROUP,
        "logStream": "2026/03/03/keyfob-LoginFunction[$LATEST]94fa867e5374431291a7fc14e2f56ae7",
        "subscriptionFilters": ["keyfob-SecurityEvents"],
        "logEvents": [
            {"id": f"{place:056}", "timestamp": AT + place, "message": line} for place, line in enumerate(lines)
        ],
    }
    return {"awslogs": {"data": b64encode(_compressed(json.dumps(batch))).decode()}}


def _compressed(text: str) -> bytes:
    """Return `text` as gzip, the same bytes whatever the machine: only stored, and without a time."""
    content = io.BytesIO()
    with gzip.GzipFile("", "wb", 0, content, mtime=0) as file:
        file.write(text.encode())
    return content.getvalue()
