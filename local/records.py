"""The records that Lambda makes of a queue's messages and of a stream's changes."""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from local.intrinsics import ACCOUNT_ID, REGION, Json

if TYPE_CHECKING:
    from types_boto3_dynamodbstreams.type_defs import RecordTypeDef
    from types_boto3_sqs.type_defs import MessageTypeDef


def queue_record(message: "MessageTypeDef", queue: str) -> dict[str, Json]:
    """Return the record of a message that was received from `queue`, a name."""
    record: dict[str, Json] = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message["Attributes"]),
        "messageAttributes": {
            name: _message_attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{queue}",
        "awsRegion": REGION,
    }
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


def stream_record(record: "RecordTypeDef", stream_arn: str) -> dict[str, Json]:
    """Return the record of a change in the stream `stream_arn`; binary values are in base64, the time in seconds."""
    change: dict[str, Json] = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = int(change["ApproximateCreationDateTime"].timestamp())
    made = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": _in_base64(change),
        "eventSourceARN": stream_arn,
    }
    if identity := record.get("userIdentity"):
        made["userIdentity"] = {"principalId": identity["PrincipalId"], "type": identity["Type"]}
    return made


def matches(record: Mapping[str, Json], pattern: Mapping[str, Json]) -> bool:
    """Tell whether `record` has, for each key of a filter pattern, one of the values there."""
    for key, expected in pattern.items():
        actual = record.get(key)
        if isinstance(expected, dict):
            if not isinstance(actual, dict) or not matches(actual, expected):
                return False
        elif actual not in expected:
            return False
    return True


def _message_attribute(attribute: Mapping[str, Json]) -> dict[str, Json]:
    made: dict[str, Json] = {"stringListValues": [], "binaryListValues": [], "dataType": attribute["DataType"]}
    if "StringValue" in attribute:
        made["stringValue"] = attribute["StringValue"]
    if "BinaryValue" in attribute:
        made["binaryValue"] = _in_base64(attribute["BinaryValue"])
    return made


def _in_base64(value: Json) -> Json:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: _in_base64(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_in_base64(each) for each in value]
    return value
