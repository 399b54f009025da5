"""That what makes moto quick changes none of its answers."""

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from boto3 import Session
from moto import mock_aws
from moto.core.serialize import ResponseSerializer

from tests.quick_moto import look_for

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ITEM: dict[str, Any] = {
    "pk": {"S": "everything"},
    "number": {"N": "1.5"},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "none": {"NULL": True},
    "empty": {"S": ""},
    "bytes": {"B": b"\x00\xff"},
    "strings": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "list": {"L": [{"S": "a"}, {"L": []}]},
    "map": {"M": {"S": {"S": "a member called as a type"}, "more": {"M": {}}}},
}


def test_attribute_values_of_every_type_are_those_of_moto_itself() -> None:
    """A stored item is read alike, by itself, in a batch and in a page, with moto made quick and without."""
    with mock_aws():
        client = Session().client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        client.put_item(TableName="t", Item=ITEM)
        assert ResponseSerializer.get_value is not look_for
        quick = _read(client)
        with patch.object(ResponseSerializer, "get_value", look_for):
            assert quick == _read(client) == [ITEM] * 3


def _read(client: "DynamoDBClient") -> list[Any]:
    key = {"pk": ITEM["pk"]}
    return [
        client.get_item(TableName="t", Key=key)["Item"],
        *client.batch_get_item(RequestItems={"t": {"Keys": [key]}})["Responses"]["t"],
        *client.scan(TableName="t")["Items"],
    ]
