"""Signatures of requests to DynamoDB are those that botocore makes."""

import time
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st
from keyfob.store.signature import Credentials, host_of, signed_headers

URLS = ("https://dynamodb.eu-west-1.amazonaws.com/", "http://127.0.0.1:8000/", "https://example.com:443/")
KEYS = st.text(alphabet=st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=40)


@given(
    url=st.sampled_from(URLS),
    region=st.sampled_from(["eu-west-1", "us-gov-west-1"]),
    credentials=st.builds(Credentials, KEYS, KEYS, st.none() | KEYS),
    body=st.binary(max_size=300),
    now=st.integers(0, 4_102_444_799),
)
def test_a_signature_is_botocores(url: str, region: str, credentials: Credentials, body: bytes, now: int) -> None:
    """For any address, region, credentials, body and time, botocore signs the same headers the same way."""
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.GetItem"}
    ours = signed_headers(headers, body, host=host_of(url), region=region, credentials=credentials, now=now)
    unsigned = {name: value for name, value in ours.items() if name != "Authorization"}
    request = AWSRequest("POST", url, headers=unsigned, data=body)
    request.context["timestamp"] = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    auth: Any = SigV4Auth(BotocoreCredentials(*credentials), "dynamodb", region)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(text, request))
    assert ours["Authorization"] == request.headers["Authorization"]
    assert ours.get("X-Amz-Security-Token") == credentials.token
