"""A Node.js program that knows nothing but the issuer verifies tokens with AWS's own library, unmodified."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from local.server import Certificate
from tests.crypto.keys import ALGORITHMS
from tests.discovery.certificates import self_signed
from tests.discovery.issuers import ANOTHER_STAGE, STAGE, Issuer, forged, issuing
from tests.npm import LOCAL, NpmPackages

SOURCE = Path(__file__).parent
PACKAGES = NpmPackages("aws-jwt-verify", SOURCE, LOCAL / "token-verifier", (18, 0), "REQUIRE_NODE_PACKAGES")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The server's certificate, since the library fetches keys over TLS alone."""
    PACKAGES.require()
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module", params=ALGORITHMS)
def issuer(request: pytest.FixtureRequest, certificate: Certificate) -> Iterator[Issuer]:
    """A deployment of each algorithm that it may choose."""
    with issuing(request.param, certificate) as issuer:
        yield issuer


def judged(issuer: Issuer, certificate: Certificate, audience: str, tokens: Sequence[str]) -> list[list[Any]]:
    """Return what the library makes of tokens: with the keys where it looks by itself, and where the metadata says."""
    asked = {"issuer": issuer.url, "audience": audience, "tokens": tokens}
    result = subprocess.run(  # noqa: S603 - our own script
        ["node", "--input-type=module", "-", json.dumps(asked)],  # noqa: S607 - found on the path
        cwd=PACKAGES.fetch(),
        env={"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(certificate.chain)},
        input=(SOURCE / "verify.mjs").read_text(encoding="utf-8"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    judgements: list[list[Any]] = json.loads(result.stdout)
    return judgements


def test_a_token_verifies_from_discovery_alone(issuer: Issuer, certificate: Certificate) -> None:
    """The issuer's URL and the audience are enough; a forged token is refused, and one for another audience."""
    good, other = issuer.token(), issuer.token(ANOTHER_STAGE)
    for by_default, forgery, for_another in judged(issuer, certificate, STAGE, [good, forged(good), other]):
        assert by_default["claims"]["iss"] == issuer.url
        assert by_default["claims"]["aud"] == STAGE
        assert forgery == {"error": "JwtInvalidSignatureError"}
        assert for_another == {"error": "JwtInvalidAudienceError"}


def test_tokens_verify_after_a_rotation(issuer: Issuer, certificate: Certificate) -> None:
    """Those of the new key do, and those of the replaced one while they live."""
    before = issuer.token()
    issuer.rotate()
    after = issuer.token()
    for judgements in judged(issuer, certificate, STAGE, [before, after]):
        assert [each["claims"]["aud"] for each in judgements] == [STAGE, STAGE]
