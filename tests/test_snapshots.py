"""SnapStart: what functions make after a restore is made then, and no two restores make the same."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from boto3 import Session as Boto

from local.aws import connected, create_queues, create_secrets, create_tables, rotate_secrets, verify_senders
from local.gateway import rest_event
from local.moto_server import MotoServer
from local.outbox import find_links, sent
from local.runtime import Runtime
from local.template import load_deployment
from tests.contracts.email_behaviour import text_of
from tests.house import PARAMETERS, PASSWORD

ROOT = Path(__file__).parents[1]
PROVIDERS = {"providers": {"github": {"client_id": "ours", "client_secret": "secret"}}}
PLANTED = {
    "drawn_at_import": "import secrets\nTOKEN = secrets.token_hex()\ndef handler(event, context): return TOKEN\n",
    "drawn_by_random": "import random\ndef handler(event, context): return random.random()\n",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the process's sockets are looked up in /proc"),
]


@dataclass(frozen=True)
class Restored:
    """What two copies of one snapshot answered in each case, and what the snapshot held."""

    answers: Mapping[str, tuple[Any, Any]]
    sockets: int
    links: tuple[str, str]


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restored]:
    """One process that imported every function, and its copies."""
    with MotoServer() as moto, connected(moto.url):
        cases = prepared()
        folders = [written(tmp_path_factory.mktemp("functions") / name, code) for name, code in PLANTED.items()]
        cases |= {name: ({}, {}) for name in PLANTED}
        result = subprocess.run(
            [sys.executable, "-m", "tests.restored"],
            input=json.dumps(
                {
                    "parameters": PARAMETERS,
                    "folders": [str(folder) for folder in folders],
                    "cases": [[name, *events] for name, events in cases.items()],
                }
            ),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        seen = json.loads(result.stdout.splitlines()[-1])
        first, second = (link for mail in sent() for link in find_links(text_of(mail)))
        yield Restored(dict(zip(cases, seen["answers"], strict=True)), seen["sockets"], (first, second))


def prepared() -> dict[str, tuple[Any, Any]]:
    """Create what the deployment needs and one user; return a case for each function that makes something."""
    deployment = load_deployment(PARAMETERS)
    create_tables(deployment, Boto().client("dynamodb"))
    create_queues(deployment, Boto().client("sqs"))
    create_secrets(deployment, Boto().client("secretsmanager"), {"keyfob/OAuthProviders": json.dumps(PROVIDERS)})
    verify_senders(deployment, Boto().client("sesv2"))
    runtime = Runtime(deployment)
    rotate_secrets(deployment, runtime.invoke)

    def event(path: str, body: Any = None, token: str = "") -> Any:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        content = json.dumps(body).encode() if body is not None else b""
        method = "POST" if body is not None else "GET"
        url = f"/api/v1/auth/{path}"
        return rest_event(deployment, "standard", method, url, headers=tuple(headers.items()), body=content)

    def registration(name: str) -> Any:
        return event("register", {"email": f"{name}@example.com", "username": name, "password": PASSWORD})

    runtime.invoke("register", registration("ada"))
    login = event("login", {"email": "ada@example.com", "password": PASSWORD})
    tokens = json.loads(runtime.invoke("login", login)["body"])
    key = event("keys", {"name": "program"}, token=tokens["access_token"])
    refresh = event("refresh", {"refresh_token": tokens["refresh_token"]})
    session = event("session/login", {"email": "ada@example.com", "password": PASSWORD})
    return {
        "register": (registration("grace"), registration("alan")),
        "login": (login, login),
        "session_login": (session, session),
        "refresh": (refresh, refresh),
        "create_key": (key, key),
        "oauth": (event("oauth/github"), event("oauth/github")),
        "mailer": (mail_request("1"), mail_request("2")),
    }


def mail_request(number: str) -> Any:
    """Return an event of the queue that asks for a mail with a token."""
    event = json.loads((ROOT / "events" / "mailer.json").read_text(encoding="utf-8"))
    (record,) = event["Records"]
    record["body"] = json.dumps({**json.loads(record["body"]), "id": f"3d0c0a5e-7f6f-4b34-9d43-6a2b8c1f0e5{number}"})
    return event


def written(folder: Path, code: str) -> Path:
    """Write a function's code, and return its folder."""
    folder.mkdir()
    (folder / "app.py").write_text(code, encoding="utf-8")
    return folder


def body(answer: Any) -> Any:
    """Return an answer's body, read."""
    return json.loads(answer["body"])


def cookie(answer: Any) -> str:
    """Return the secret end of the cookie that an answer sets."""
    (text,) = answer["multiValueHeaders"]["Set-Cookie"]
    (morsel,) = SimpleCookie(text).values()
    return morsel.value[-40:]


def claims(token: str) -> Any:
    """Return what a token says."""
    content = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))


def query(answer: Any) -> Any:
    """Return the query of where an answer redirects to."""
    return parse_qs(urlsplit(answer["headers"]["Location"]).query)


MADE: Mapping[str, Callable[[Restored, int], Any]] = {
    "user id": lambda restored, copy: body(restored.answers["register"][copy])["id"],
    "account id": lambda restored, copy: body(restored.answers["register"][copy])["account"]["id"],
    "session id": lambda restored, copy: claims(body(restored.answers["login"][copy])["access_token"])["sid"],
    "token id": lambda restored, copy: claims(body(restored.answers["login"][copy])["access_token"])["jti"],
    "refresh token": lambda restored, copy: body(restored.answers["login"][copy])["refresh_token"],
    "refreshed token's id": lambda restored, copy: claims(body(restored.answers["refresh"][copy])["access_token"])[
        "jti"
    ],
    "cookie": lambda restored, copy: cookie(restored.answers["session_login"][copy]),
    "CSRF token": lambda restored, copy: restored.answers["session_login"][copy]["headers"]["X-CSRF-Token"],
    "API key": lambda restored, copy: body(restored.answers["create_key"][copy])["api_key"][-40:],
    "API key's id": lambda restored, copy: body(restored.answers["create_key"][copy])["id"],
    "OAuth state": lambda restored, copy: query(restored.answers["oauth"][copy])["state"],
    "PKCE challenge": lambda restored, copy: query(restored.answers["oauth"][copy])["code_challenge"],
    "OAuth cookie": lambda restored, copy: cookie(restored.answers["oauth"][copy]),
    "token in a mail": lambda restored, copy: restored.links[copy][-40:],
}


@pytest.mark.parametrize("made", MADE)
def test_two_restores_make_different_values(restored: Restored, made: str) -> None:
    """Ids, tokens and keys that two copies of one snapshot make of the same event have nothing in common."""
    first, second = (MADE[made](restored, copy) for copy in (0, 1))
    assert first
    assert second
    assert first != second


def test_two_restores_of_one_session_agree_on_its_successor(restored: Restored) -> None:
    """What is derived is not drawn: whichever copy a client's refresh meets, it gets the same refresh token."""
    first, second = (body(answer)["refresh_token"] for answer in restored.answers["refresh"])
    assert first == second


def test_a_snapshot_holds_no_connection(restored: Restored) -> None:
    """Functions connect when they are asked: a connection from before the snapshot would be dead after it."""
    assert restored.sockets == 0


@pytest.mark.parametrize("planted", PLANTED)
def test_a_function_that_repeats_itself_is_noticed(restored: Restored, planted: str) -> None:
    """A value drawn at import, or from a generator that the snapshot holds the state of, is the same in both copies."""
    first, second = restored.answers[planted]
    assert first == second
