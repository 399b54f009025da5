"""What the service costs in time, DynamoDB units and memory, beside the bounds that it keeps."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

sys.path.append(str(ROOT / "shared"))
