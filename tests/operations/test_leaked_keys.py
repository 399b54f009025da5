"""What `docs/operations.md` says to do when a key has leaked: every key is replaced at once."""

import json
import re
from dataclasses import replace

import pytest
from keyfob.crypto.random import new_id
from keyfob.store.secrets import Secret

from local.aws import rotate_secrets
from local.runtime import Runtime
from local.template import TEMPLATE
from tests.house import PASSWORD, SESSION_COOKIE, House
from tests.speakers import ROTATING, speaker

RUNBOOK = (TEMPLATE.parent / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("contract", ROTATING)
def test_emptying_the_key_set_and_rotating_ends_every_token(contract: str, house: House) -> None:
    """Functions that read the keys again refuse old tokens of both kinds; cookies and passwords work on."""
    talk = speaker(contract, house)
    _, email = talk.registered()
    login = talk.logged_in(email)
    access, refresh = talk.access_token(login), talk.refresh_token(login)
    cookie = talk.client.call("session_login", talk.login_body(email, PASSWORD)).cookies[SESSION_COOKIE]
    (emptied,) = set(re.findall(r"--secret-string '(.*?)'", RUNBOOK))
    secret = Secret.connect(house.deployment.functions["login"].environment["KEY_SET_SECRET"])
    old = {entry["jwk"]["kid"] for entry in json.loads(secret.read())["signing"]}
    version = new_id()
    secret.write_pending(version, emptied)
    secret.promote(version)  # moto would leave two versions current if one were put in place of what was promoted
    rotate_secrets(house.deployment, house.runtime.invoke)
    assert not old & {entry["jwk"]["kid"] for entry in json.loads(secret.read())["signing"]}
    talk.client = replace(house, runtime=Runtime(house.deployment)).client(contract)  # which has to read its keys
    assert talk.me(access).status == 401
    assert talk.client.call("refresh", talk.refresh_body(refresh)).status in {400, 401}
    assert talk.client.call("me", cookie=cookie).status == 200
    again = talk.logged_in(email)
    assert talk.me(talk.access_token(again)).status == 200
