"""Access tokens of a deployment that runs, signed here and now."""

import time
from collections.abc import Iterator

from keyfob.crypto import jwt
from keyfob.crypto.keys import KeySet, SigningKey
from keyfob.crypto.random import new_id
from keyfob.model.token import AccessClaims
from keyfob.store.secrets import Secret

from local.template import Deployment

LIFETIME_SECONDS = 900


def new_tokens(deployment: Deployment, count: int) -> list[str]:
    """Return tokens that no function has seen yet, of users and sessions that nobody has stored."""
    private = Secret.connect(deployment.functions["login"].environment["KEY_SET_SECRET"]).read()
    [signer] = KeySet.from_json(private).access_signers
    return list(_tokens(signer, deployment.functions["authorizer"].environment["ISSUER"], count))


def _tokens(signer: SigningKey, issuer: str, count: int) -> Iterator[str]:
    now = int(time.time())
    for _ in range(count):
        user_id = new_id()
        claims = AccessClaims(
            iss=issuer,
            sub=user_id,
            aud="standard",
            exp=now + LIFETIME_SECONDS,
            iat=now,
            jti=new_id(),
            sid=new_id(),
            user_id=user_id,
            account_id=new_id(),
            role="owner",
            scope="*",
        )
        yield jwt.sign(claims._asdict(), signer)
