"""What others send than our own API: other APIs to the authorizer, and AWS's services to the functions behind it."""

import dataclasses
import json
from datetime import UTC, datetime
from hashlib import md5
from typing import TYPE_CHECKING, Any

from keyfob.model.mail import MailRequest

from local.aws import ROTATION_STEPS, rotation_event
from local.intrinsics import ACCOUNT_ID, REGION, STACK_NAME
from local.records import queue_record, stream_record
from local.template import Deployment
from tests.api_events import request
from tests.event_facts import (
    ACCESS_TOKEN,
    API,
    BEARER,
    DOMAIN,
    IDS,
    ROUTE_ARN,
    SECONDS,
    TIME,
    TRACE,
    USERS,
    VERSION,
    Event,
)
from tests.log_batches import log_batch

if TYPE_CHECKING:
    from types_boto3_dynamodbstreams.type_defs import RecordTypeDef
    from types_boto3_sqs.type_defs import MessageTypeDef


def source_events(deployment: Deployment) -> dict[str, Event]:
    """Return the events of all other functions, by the name of their file."""
    makers = (_authorizer, _rotation, _schedule, _of_logs, _of_sources)
    return {name: event for make in makers for name, event in make(deployment).items()}


def _authorizer(deployment: Deployment) -> dict[str, Event]:
    return {
        "authorizer.rest-token.json": {
            "type": "TOKEN",
            "authorizationToken": f"Bearer {ACCESS_TOKEN}",
            "methodArn": ROUTE_ARN,
        },
        "authorizer.rest-request.json": _rest_request(deployment),
        "authorizer.http-v2.json": _HTTP_API_EVENT,
    }


def _rest_request(deployment: Deployment) -> Event:
    """Return what a REST API other than ours asks: a proxy event without a body, and with the method's ARN."""
    event = request(deployment, "standard", "GET", "/orders/42", BEARER)
    resource = {"resource": "/orders/{id}", "pathParameters": {"id": "42"}, "stageVariables": None}
    context = {"apiId": API, "path": "/prod/orders/42", "resourcePath": "/orders/{id}", "stage": "prod"}
    unsent = {"body", "isBase64Encoded"}
    return {
        "type": "REQUEST",
        "methodArn": ROUTE_ARN,
        **{name: value for name, value in event.items() if name not in unsent},
        **resource,
        "requestContext": {**event["requestContext"], **context},
    }


_HTTP_API_EVENT: Event = {
    "version": "2.0",
    "type": "REQUEST",
    "routeArn": ROUTE_ARN,
    "identitySource": [f"Bearer {ACCESS_TOKEN}"],
    "routeKey": "GET /orders/{id}",
    "rawPath": "/prod/orders/42",
    "rawQueryString": "",
    "headers": {
        "accept": "*/*",
        "authorization": f"Bearer {ACCESS_TOKEN}",
        "content-length": "0",
        "host": DOMAIN,
        "user-agent": "curl/8.5.0",
        "x-amzn-trace-id": TRACE,
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    },
    "requestContext": {
        "accountId": "123456789012",
        "apiId": API,
        "domainName": DOMAIN,
        "domainPrefix": API,
        "http": {
            "method": "GET",
            "path": "/prod/orders/42",
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": "curl/8.5.0",
        },
        "requestId": "ZbRrQjGdDoEEPbA=",
        "routeKey": "GET /orders/{id}",
        "stage": "prod",
        "time": TIME,
        "timeEpoch": SECONDS * 1000,
    },
    "pathParameters": {"id": "42"},
}


def _rotation(deployment: Deployment) -> dict[str, Event]:
    (key_set,) = (secret for secret in deployment.secrets if secret.rotated_by)
    return {f"rotate_keys.{step}.json": rotation_event(key_set, step, VERSION) for step in ROTATION_STEPS}


def _schedule(_deployment: Deployment) -> dict[str, Event]:
    """Return what EventBridge sends once a day."""
    rule = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/{STACK_NAME}-CheckKeysFunctionDaily"
    event = {
        "version": "0",
        "id": VERSION,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": "2026-11-24T10:10:00Z",
        "region": REGION,
        "resources": [rule],
        "detail": {},
    }
    return {"check_keys.json": event}


def _of_logs(_deployment: Deployment) -> dict[str, Event]:
    """Return what CloudWatch Logs hands over: a line that tells of a security event, and one that tells of none."""
    line = {"level": "INFO", "message": "ok", "service": "keyfob", "function": "login"}
    facts = {"contract": "standard", "request_id": IDS["requestId"], "ip": "203.0.113.7", "user_agent": "curl/8.5.0"}
    event = {**line, "message": "sign_in", "security_event": "sign_in", **facts}
    return {"forward_events.json": log_batch([json.dumps(event), json.dumps({**line, **facts})])}


def _of_sources(deployment: Deployment) -> dict[str, Event]:
    """Return what Lambda hands over of the queue and of the stream."""
    sources = {source.kind: source.resource for source in deployment.event_sources}
    request = MailRequest(
        id="3d0c0a5e-7f6f-4b34-9d43-6a2b8c1f0e55",
        kind="reset_password",
        email=USERS["standard"]["email"],
        link="https://auth.example.com/api/v1/auth/reset-password/page?token={token}",
        requested_at=SECONDS,
    )
    body = json.dumps(dataclasses.asdict(request))
    message: MessageTypeDef = {
        "MessageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "ReceiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "Body": body,
        "Attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(SECONDS * 1000),
            "SenderId": "AROA123456789:keyfob-ForgotPasswordFunction",
            "ApproximateFirstReceiveTimestamp": str(SECONDS * 1000 + 5),
        },
        "MD5OfBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
    }
    return {
        "mailer.json": {"Records": [queue_record(message, sources["sqs"])]},
        "notify_sign_ins.json": {"Records": [stream_record(_NEW_SESSION, _stream_arn(deployment))]},
    }


def _stream_arn(deployment: Deployment) -> str:
    (table,) = (source.resource for source in deployment.event_sources if source.kind == "dynamodb")
    return f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}/stream/2026-03-03T00:00:00.000"


_SESSION_KEY: Any = {
    "user_id": {"S": "550e8400-e29b-41d4-a716-446655440000"},
    "session_id": {"S": "b64e4e52-0e69-40be-8aea-768b3da262fa"},
}
_NEW_SESSION: "RecordTypeDef" = {
    "eventID": "c4ca4238a0b923820dcc509a6f75849b",
    "eventName": "INSERT",
    "dynamodb": {
        "ApproximateCreationDateTime": datetime.fromtimestamp(SECONDS, UTC),
        "Keys": _SESSION_KEY,
        "NewImage": {
            **_SESSION_KEY,
            "contract": {"S": "standard"},
            "epoch": {"N": "0"},
            "generation": {"N": "0"},
            "created_at": {"N": str(SECONDS)},
            "refreshed_at": {"N": str(SECONDS)},
            "expires_at": {"N": str(SECONDS + 2_592_900)},
            "ip": {"S": "203.0.113.7"},
            "user_agent": {"S": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
        },
        "SequenceNumber": "4421584500000000017450439091",
        "SizeBytes": 380,
        "StreamViewType": "NEW_IMAGE",
    },
}
