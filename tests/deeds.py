"""What the functions store or send, but for what they count: seen before it is sent, so no table need be compared."""

import json
from typing import Any

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})
_COUNTS = "OneTimeTable"


class Deeds(list[str]):
    """The calls that change a user or a session, or send mail, such as ``dynamodb.PutItem``, in their order."""

    def note(self, event_name: str, params: dict[str, Any], **_: object) -> None:
        """See a call before it is sent (botocore's event ``before-call``)."""
        service, operation = event_name.removeprefix("before-call.").split(".")
        if service == "sqs" or (operation in _WRITES and not _is_count(params)):
            self.append(f"{service}.{operation}")


def _is_count(params: dict[str, Any]) -> bool:
    return str(json.loads(params["body"]).get("TableName", "")).endswith(_COUNTS)
