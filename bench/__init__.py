"""What the service costs in time, DynamoDB units and memory, beside the bounds that it keeps."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
