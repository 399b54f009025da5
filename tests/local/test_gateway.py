"""From HTTP request to HTTP response."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from local.gateway import MAX_BODY_BYTES, Invoke, handle
from local.http import HttpRequest, HttpResponse, header
from local.template import Deployment


def answering(answer: Any) -> Invoke:
    """Return a way to invoke functions which all answer `answer`."""
    return lambda _name, _event: answer


def ask(deployment: Deployment, invoke: Invoke, **request: Any) -> HttpResponse:
    """Send a request to the stage `standard`."""
    return handle(deployment, invoke, "standard", HttpRequest("GET", request.pop("path", "/"), **request))


def test_a_route_names_the_function(deployment: Deployment) -> None:
    """The function of the most specific route gets the event."""
    called = []

    def invoke(name: str, event: Mapping[str, Any]) -> dict[str, Any]:
        called.append((name, event["resource"]))
        return {"statusCode": 204}

    response = ask(deployment, invoke, path="/api/v1/auth/me/")
    assert called == [("me", "/api/v1/auth/me")]
    assert (response.status, response.body) == (204, b"")


def test_an_answer_becomes_a_response(deployment: Deployment) -> None:
    """Status, headers and body pass; several cookies are several headers."""
    answer = {
        "statusCode": "201",
        "headers": {"Content-Type": "text/plain", "X-Count": 3, "X-On": True},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
        "body": "é",
        "isBase64Encoded": False,
    }
    response = ask(deployment, answering(answer))
    assert response.status == 201
    assert response.body == "é".encode()
    assert [value for name, value in response.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert header(response.headers, "content-type") == "text/plain"
    assert header(response.headers, "x-count") == "3"
    assert header(response.headers, "x-on") == "true"
    assert header(response.headers, "x-amzn-requestid")


def test_a_header_in_both_maps_is_sent_once(deployment: Deployment) -> None:
    """The same name and value under both keys are one header."""
    answer = {"headers": {"X-Tag": "one"}, "multiValueHeaders": {"X-Tag": ["one", "two"]}}
    response = ask(deployment, answering(answer))
    assert [value for name, value in response.headers if name == "X-Tag"] == ["one", "two"]


def test_the_default_answer_is_empty_json(deployment: Deployment) -> None:
    """Every part of an answer may be missing."""
    response = ask(deployment, answering({}))
    assert (response.status, response.body) == (200, b"")
    assert header(response.headers, "content-type") == "application/json"


def test_base64_is_decoded_only_for_binary_media_types(deployment: Deployment) -> None:
    """An API without binary media types sends the base64 text itself, as on AWS."""
    answer = {"body": base64.b64encode(b"\x00\xff").decode(), "isBase64Encoded": True}
    binary = replace(deployment, binary_media_types=("image/png",))
    asked = (("Accept", "image/png, */*"),)
    assert ask(binary, answering(answer), headers=asked).body == b"\x00\xff"
    assert ask(deployment, answering(answer), headers=asked).body == b"AP8="


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        {"statusCode": "ok"},
        {"statusCode": None},
        {"statusCode": 42},
        {"status": 200},
        {"headers": ["X-Tag"]},
        {"headers": {"X-Tag": None}},
        {"headers": {"X-Tag": "a\r\nb"}},
        {"headers": {"X-Tag": "é"}},
        {"multiValueHeaders": {"X-Tag": [None]}},
        {"multiValueHeaders": {"X-Tag": "text"}, "headers": 1},
        {"body": {"a": 1}},
        {"body": "\ud800"},
    ],
)
def test_a_malformed_answer_is_the_gateways_error(
    deployment: Deployment, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """What API Gateway would refuse is refused here, and the log says what it was."""
    response = ask(deployment, answering(answer))
    assert response.status == 500
    assert json.loads(response.body)["error"] == "Internal server error"
    assert "MalformedAnswer" in caplog.text


def test_an_exception_is_the_gateways_error_and_shows_its_traceback(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    """The client learns nothing of the failure; the developer sees all of it."""

    def invoke(_name: str, _event: Mapping[str, Any]) -> None:
        raise ZeroDivisionError("of a function")

    response = ask(deployment, invoke)
    assert response.status == 500
    assert b"of a function" not in response.body
    assert "ZeroDivisionError: of a function" in caplog.text


def test_a_body_over_the_gateways_limit_reaches_no_function(deployment: Deployment) -> None:
    """Ten megabytes pass, one byte more does not."""
    invoke = answering({"statusCode": 200})
    assert ask(deployment, invoke, body=b"x" * MAX_BODY_BYTES).status == 200
    response = ask(deployment, invoke, body=b"x" * (MAX_BODY_BYTES + 1))
    assert response.status == 413
    assert json.loads(response.body)["detail"] == "Request body is too large"


def test_a_request_without_a_route_is_the_gateways_error(deployment: Deployment) -> None:
    """The gateway's 404 has the request's id and may be read by any origin."""
    response = ask(replace(deployment, routes=()), answering({}))
    assert response.status == 404
    assert json.loads(response.body)["request_id"] == header(response.headers, "x-amzn-requestid")
    assert header(response.headers, "access-control-allow-origin") == "*"
    assert header(response.headers, "content-type") == "application/json"


def test_an_error_without_a_response_of_its_own_has_the_default_one(deployment: Deployment) -> None:
    """The text of an error that the template does not name is the gateway's."""
    default = {"DEFAULT_4XX": deployment.gateway_responses["DEFAULT_4XX"]}
    response = ask(replace(deployment, routes=(), gateway_responses=default), answering({}))
    assert response.status == 400
    assert json.loads(response.body)["detail"] == "Missing Authentication Token"


def test_an_api_without_gateway_responses_answers_as_aws_does(deployment: Deployment) -> None:
    """Uncustomised errors have the gateway's own status and shape."""
    response = ask(replace(deployment, routes=(), gateway_responses={}), answering({}))
    assert response.status == 403
    assert json.loads(response.body) == {"message": "Missing Authentication Token"}
