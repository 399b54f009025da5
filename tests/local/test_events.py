"""HTTP requests as Lambda proxy events."""

import base64
import json
import uuid
from dataclasses import replace

import pytest

from local.gateway import rest_event
from local.template import Deployment


def test_an_event_has_the_parts_of_a_rest_proxy_event(deployment: Deployment) -> None:
    """The names are those of API Gateway's REST proxy format, and the whole is JSON."""
    event = rest_event(deployment, "igny8", "POST", "/api/v1/auth/login/", body=b"{}", source_ip="198.51.100.9")
    assert json.loads(json.dumps(event)) == event
    assert event["resource"] == "/api/v1/auth/login"
    assert event["path"] == "/api/v1/auth/login/"
    assert event["httpMethod"] == "POST"
    assert event["pathParameters"] is None
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["stageVariables"] == {"contract": "igny8"}
    assert event["body"] == "{}"
    assert event["isBase64Encoded"] is False


def test_the_context_tells_where_a_request_came_from(deployment: Deployment) -> None:
    """Stage, request id and source IP are the gateway's own."""
    headers = [("Host", "id.execute-api.eu-west-1.amazonaws.com"), ("User-Agent", "curl/8")]
    event = rest_event(deployment, "metatag", "GET", "/api/auth/me", headers=headers, source_ip="198.51.100.9")
    context = event["requestContext"]
    assert str(uuid.UUID(context["requestId"])) == context["requestId"]
    assert context["stage"] == "metatag"
    assert context["path"] == "/metatag/api/auth/me"
    assert context["resourcePath"] == "/api/auth/me"
    assert context["httpMethod"] == "GET"
    assert context["domainName"] == "id.execute-api.eu-west-1.amazonaws.com"
    assert context["domainPrefix"] == "id"
    assert context["identity"]["sourceIp"] == "198.51.100.9"
    assert context["identity"]["userAgent"] == "curl/8"


def test_a_repeated_header_keeps_every_value(deployment: Deployment) -> None:
    """`headers` has the last value, `multiValueHeaders` all, whatever the case of the name."""
    headers = [("X-Tag", "one"), ("x-tag", "two")]
    event = rest_event(deployment, "standard", "GET", "/", headers=headers)
    assert event["headers"]["X-Tag"] == "two"
    assert event["multiValueHeaders"]["X-Tag"] == ["one", "two"]
    assert "x-tag" not in event["headers"]


def test_headers_about_the_connection_end_at_the_gateway(deployment: Deployment) -> None:
    """The function sees neither the length nor the encoding of the client's connection."""
    headers = [("Connection", "close"), ("content-length", "2"), ("Transfer-Encoding", "chunked"), ("X-Kept", "1")]
    event = rest_event(deployment, "standard", "GET", "/", headers=headers)
    assert not {"connection", "content-length", "transfer-encoding"} & {name.lower() for name in event["headers"]}
    assert event["headers"]["X-Kept"] == "1"


def test_a_client_cannot_claim_a_scheme_or_an_address(deployment: Deployment) -> None:
    """The gateway sets the scheme and port, and adds its own view of the address at the end."""
    headers = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "1"), ("X-Forwarded-For", "10.0.0.1")]
    event = rest_event(deployment, "standard", "GET", "/", headers=headers, source_ip="198.51.100.9", scheme="http")
    assert event["headers"]["X-Forwarded-Proto"] == "http"
    assert event["headers"]["X-Forwarded-Port"] == "80"
    assert event["headers"]["X-Forwarded-For"] == "10.0.0.1, 198.51.100.9"


def test_a_query_is_decoded_and_its_names_keep_their_case(deployment: Deployment) -> None:
    """A repeated name has its last value, and all of them under the multi-value key."""
    event = rest_event(deployment, "standard", "GET", "/api/v1/auth/me?a=1&a=%C3%A9+x&A=&b")
    assert event["queryStringParameters"] == {"a": "é x", "A": "", "b": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "é x"], "A": [""], "b": [""]}


def test_a_path_stays_as_it_was_sent(deployment: Deployment) -> None:
    """REST APIs pass paths on percent-encoded."""
    event = rest_event(deployment, "standard", "GET", "/a%20b/%2Fc")
    assert event["path"] == "/a%20b/%2Fc"
    assert event["pathParameters"] == {"proxy": "a%20b/%2Fc"}
    assert event["resource"] == "/{proxy+}"


def test_bytes_that_are_no_text_are_replaced(deployment: Deployment) -> None:
    """Without binary media types the gateway decodes every body as UTF-8, and invalid bytes become U+FFFD."""
    event = rest_event(deployment, "standard", "POST", "/", body=b"a\xffb")
    assert (event["body"], event["isBase64Encoded"]) == ("a\N{REPLACEMENT CHARACTER}b", False)


def test_no_body_is_none(deployment: Deployment) -> None:
    """An empty body is absent, not an empty text."""
    assert rest_event(deployment, "standard", "GET", "/")["body"] is None


@pytest.mark.parametrize(
    ("media_types", "content_type", "is_binary"),
    [
        (("image/png",), "image/png", True),
        (("image~1png",), "Image/PNG; q=1", True),
        (("image/*",), "image/gif", True),
        (("*/*",), "", True),
        (("image/png",), "application/json", False),
    ],
)
def test_binary_bodies_travel_in_base64(
    deployment: Deployment, media_types: tuple[str, ...], content_type: str, *, is_binary: bool
) -> None:
    """Which media types are binary is the API's setting."""
    api = replace(deployment, binary_media_types=media_types)
    headers = [("Content-Type", content_type)] if content_type else []
    event = rest_event(api, "standard", "POST", "/", headers=headers, body=b"\x00abc")
    assert event["isBase64Encoded"] is is_binary
    assert event["body"] == (base64.b64encode(b"\x00abc").decode() if is_binary else "\x00abc")


def test_an_unknown_stage_is_an_error(deployment: Deployment) -> None:
    """A misspelt stage in a test is not served by accident."""
    with pytest.raises(KeyError):
        rest_event(deployment, "igny9", "GET", "/")


def test_a_path_without_a_route_is_an_error(deployment: Deployment) -> None:
    """There is no event for a request that reaches no function."""
    with pytest.raises(LookupError, match="GET /nowhere"):
        rest_event(replace(deployment, routes=()), "standard", "GET", "/nowhere")
