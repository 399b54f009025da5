"""``/orders``: the orders of the caller's account for those who may read them, a new one for those who may write."""

import json
import os
import uuid
from typing import Any

import boto3

Event = dict[str, Any]
Answer = dict[str, Any]

LONGEST_ITEM = 100

table = os.environ["ORDERS_TABLE"]
dynamodb = boto3.client("dynamodb")


def handler(event: Event, _context: object) -> Answer:
    """Answer a request that was let through: to read by API Gateway itself, to write by Keyfob."""
    authorizer = event["requestContext"]["authorizer"]
    if event["routeKey"] == "GET /orders":  # API Gateway has looked for orders:read in the token's scope
        return list_orders(authorizer["jwt"]["claims"]["account_id"])
    caller = authorizer["lambda"]
    if "orders:write" not in caller["permissions"].split():
        return answer(403, {"error": "orders:write is needed"})
    return place_order(caller["account_id"], event.get("body", ""))


def list_orders(account_id: str) -> Answer:
    """Return what the account has ordered, up to the megabyte that one query gives."""
    found = dynamodb.query(
        TableName=table,
        KeyConditionExpression="account_id = :account",
        ExpressionAttributeValues={":account": {"S": account_id}},
    )
    orders = [{"id": each["order_id"]["S"], "item": each["item"]["S"]} for each in found["Items"]]
    return answer(200, {"orders": orders})


def place_order(account_id: str, body: str) -> Answer:
    """Order an item for the account."""
    item = item_of(body)
    if item is None:
        return answer(400, {"error": f"item must be a text of 1 to {LONGEST_ITEM} characters"})
    order = {"id": str(uuid.uuid4()), "item": item}
    dynamodb.put_item(
        TableName=table,
        Item={"account_id": {"S": account_id}, "order_id": {"S": order["id"]}, "item": {"S": order["item"]}},
    )
    return answer(201, order)


def item_of(body: str) -> str | None:
    """Return the item that a body names, or `None` if it names none."""
    try:
        item = json.loads(body)["item"]
    except (ValueError, TypeError, KeyError):
        return None
    return item if isinstance(item, str) and 1 <= len(item) <= LONGEST_ITEM else None


def answer(status: int, body: object) -> Answer:
    """Return an answer in JSON."""
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
