"""Deployments that other programs discover: each is served over HTTP at the very place that its issuer names."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import jwt as pyjwt
from keyfob.crypto import jwt
from keyfob.crypto.generate import new_signing_jwk
from keyfob.crypto.keys import ACCESS_TYPE, SigningKey
from keyfob.crypto.random import new_id
from keyfob.service.rotation import PUBLISHED_BEFORE_SIGNING_SECONDS
from keyfob.store.secrets import Secret

from local.aws import LOOPBACK, rotate_secrets
from local.runtime import Runtime
from local.server import HOST, Application, Certificate, listen, serving_at
from tests.house import House, running_house
from tests.speakers import speaker

STAGE = "standard"
ANOTHER_STAGE = "metatag"


@dataclass
class Issuer:
    """A deployment that is served. `url` is its issuer, and that of its stage `STAGE`."""

    url: str
    house: House

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """Return the answer of a function, as it now runs."""
        return self.house.runtime.invoke(name, event)

    def token(self, contract: str = STAGE) -> str:
        """Return an access token of somebody who has just logged in."""
        client = speaker(contract, self.house)
        return client.access_token(client.logged_in())

    def rotate(self) -> None:
        """Replace the keys, let those that are new have waited their time, and let every function start anew."""
        rotate_secrets(self.house.deployment, self.house.runtime.invoke)
        key_set = Secret.connect(self.house.deployment.functions["login"].environment["KEY_SET_SECRET"])
        document = json.loads(key_set.read())
        for entry in (*document["signing"], *document["refresh"]):
            entry["signs_from"] -= PUBLISHED_BEFORE_SIGNING_SECONDS
        version = new_id()
        key_set.write_pending(version, json.dumps(document))
        key_set.promote(version)
        self.house = replace(self.house, runtime=Runtime(self.house.deployment))


@contextmanager
def issuing(algorithm: str, certificate: Certificate | None = None) -> Iterator[Issuer]:
    """Serve a deployment that signs with `algorithm`; over TLS with a `certificate`."""
    with listen(0) as listener, patch.dict(os.environ, {"NO_PROXY": LOOPBACK, "no_proxy": LOOPBACK}):
        scheme = "https" if certificate else "http"
        url = f"{scheme}://{HOST}:{listener.getsockname()[1]}/{STAGE}"
        with running_house({"Issuer": url, "SigningAlgorithm": algorithm}) as house:
            issuer = Issuer(url, house)
            application = Application(house.deployment, issuer.invoke, ANOTHER_STAGE)
            with serving_at(listener, application, certificate):
                yield issuer


def forged(token: str) -> str:
    """Return a token with the same header and the same claims, signed by a key that is somebody else's."""
    header = pyjwt.get_unverified_header(token)
    claims = pyjwt.decode(token, options={"verify_signature": False})
    key = {**new_signing_jwk(header["alg"]), "kid": header["kid"]}
    return jwt.sign(claims, SigningKey({"signs_from": 0, "jwk": key}, ACCESS_TYPE))
