"""The whole laptop: services, keys, functions and the commands that it prints."""

import shlex
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from boto3 import Session

from local.banner import banner
from local.laptop import laptop
from local.mail_pages import mail_pages
from local.options import Options
from local.runtime import Runtime
from local.server import Application, serving
from local.template import Deployment, load_deployment
from tests.dynamodb_local import require_dynamodb_local
from tests.local.event_driven import QUEUE, TABLE, load

QUEUE_URL = f"https://sqs.eu-west-1.amazonaws.com/123456789012/{QUEUE}"

SENDER = """
from email.message import EmailMessage
import boto3
ses = boto3.client("sesv2")
def handler(event, context):
    for record in event["Records"]:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "no-reply@example.com", "ada@example.com", "Hello"
        mail.set_content(record["body"])
        ses.send_email(
            FromEmailAddress="no-reply@example.com",
            Destination={"ToAddresses": ["ada@example.com"]},
            Content={"Raw": {"Data": mail.as_bytes()}},
        )
"""
WATCHER = """
from pathlib import Path
def handler(event, context):
    with Path(__file__).parent.parent.parent.joinpath("seen").open("a") as file:
        file.writelines(record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"])
"""

CONTRACTS = ("standard", "metatag", "pythonorg", "igny8", "reference")


@pytest.fixture(scope="module")
def quick() -> Deployment:
    """Return the deployment with the password hashing of tests."""
    return load_deployment({"PasswordHashing": "test"})


@pytest.fixture(scope="module")
def runtime(quick: Deployment) -> Iterator[Runtime]:
    """Begin a laptop without data."""
    with laptop(quick) as begun:
        yield begun.runtime


def register(url: str, email: str) -> httpx.Response:
    """Register a user on the contract `metatag`."""
    body = {"email": email, "password": "SecurePass123!"}
    return httpx.post(f"{url}/metatag/api/auth/register", json=body)


def log_in(url: str, email: str) -> httpx.Response:
    """Log a user in on the contract `metatag`."""
    return httpx.post(f"{url}/metatag/api/auth/login", json={"email": email, "password": "SecurePass123!"})


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_commands_it_prints_work_when_pasted(quick: Deployment, contract: str) -> None:
    """The first registers a user, the second logs it in, on every contract."""
    with laptop(quick) as begun, serving(Application(quick, begun.runtime.invoke, contract)) as url:
        port = int(url.rpartition(":")[2])
        text = banner(quick, Options(contract, port, keeps_data=False), port)
        commands = [shlex.split(line) for line in text.splitlines() if line.startswith("curl ")]
        assert [_paste(command).status_code for command in commands] == [201, 200]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_base_urls_it_prints_are_served(quick: Deployment, runtime: Runtime, contract: str) -> None:
    """Each printed base URL leads to its contract's endpoints."""
    with serving(Application(quick, runtime.invoke, contract)) as url:
        port = int(url.rpartition(":")[2])
        text = banner(quick, Options(contract, port, keeps_data=False), port)
        lines = [line for line in text.splitlines() if not line.startswith(("curl ", "Docs ", "Mail "))]
        bases = [word for line in lines for word in line.split()]
        bases = [word for word in bases if word.startswith(url)]
        assert len(bases) == len(CONTRACTS) + 1
        assert {httpx.get(f"{base}/me").status_code for base in bases} == {401}


def test_it_says_where_data_live(quick: Deployment) -> None:
    """What is lost when it stops, and how to keep it."""
    assert "DYNAMODB=local keeps them" in banner(quick, Options("standard", 1, keeps_data=False), 1)
    assert ".local/secrets.json" in banner(quick, Options("standard", 1, keeps_data=True), 1)


def test_it_says_where_mail_goes(quick: Deployment) -> None:
    """On the console, in files, and at a URL."""
    text = banner(quick, Options("standard", 1, keeps_data=False), 1)
    [line] = [line for line in text.splitlines() if line.startswith("Mail ")]
    assert line.endswith("printed here, kept in .local/outbox, and shown at http://127.0.0.1:1/_local/mail")


def test_what_is_queued_is_sent_and_can_be_read(tmp_path: Path) -> None:
    """A function that a queue drives sends mail, and the laptop shows it and keeps it."""
    for name, code in (("worker", SENDER), ("watcher", "def handler(event, context): pass\n")):
        folder = tmp_path / "functions" / name
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(code, encoding="utf-8")
    deployment = load(tmp_path)
    with (
        laptop(deployment, mail=tmp_path / "outbox") as begun,
        serving(Application(deployment, begun.runtime.invoke, "dev", mail_pages(begun.outbox))) as url,
    ):
        Session().client("sqs").send_message(QueueUrl=QUEUE_URL, MessageBody="Grüße")
        deadline = time.monotonic() + 30
        while not (mails := httpx.get(f"{url}/_local/mail", headers={"Accept": "application/json"}).json()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert [(mail["to"], mail["text"]) for mail in mails] == [("ada@example.com", "Grüße\n")]
    assert len(list((tmp_path / "outbox").iterdir())) == 1


@pytest.mark.slow
def test_what_an_earlier_run_has_handed_over_does_not_come_again(tmp_path: Path) -> None:
    """A table that outlives the server has a stream that does too, and only what is new there is handed over."""
    require_dynamodb_local()
    for name, code in (("worker", "def handler(event, context): pass\n"), ("watcher", WATCHER)):
        folder = tmp_path / "functions" / name
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(code, encoding="utf-8")
    deployment, seen = load(tmp_path), tmp_path / "seen"
    for key in ("a", "b"):
        with laptop(deployment, tmp_path / "data"):
            Session().client("dynamodb").put_item(TableName=TABLE, Item={"pk": {"S": key}})
            deadline = time.monotonic() + 30
            while not (seen.exists() and key in seen.read_text(encoding="utf-8")):
                assert time.monotonic() < deadline
                time.sleep(0.05)
    assert seen.read_text(encoding="utf-8") == "ab"


@pytest.mark.slow
def test_sessions_outlive_a_restart_when_data_are_kept(quick: Deployment, tmp_path: Path) -> None:
    """Users, and the keys their tokens are signed with, are there in the next run; the keys are private."""
    require_dynamodb_local()
    with laptop(quick, tmp_path) as begun, serving(Application(quick, begun.runtime.invoke, "metatag")) as url:
        assert register(url, "kept@example.com").status_code == 201
        tokens = log_in(url, "kept@example.com").json()["tokens"]
    with laptop(quick, tmp_path) as begun, serving(Application(quick, begun.runtime.invoke, "metatag")) as url:
        assert register(url, "kept@example.com").status_code == 400
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert httpx.get(f"{url}/metatag/api/auth/me", headers=bearer).json()["email"] == "kept@example.com"
        refreshed = httpx.post(f"{url}/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        assert refreshed.status_code == 200
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def _paste(command: list[str]) -> httpx.Response:
    url = next(word for word in command if word.startswith("http"))
    name, _, value = command[command.index("-H") + 1].partition(": ")
    return httpx.post(url, headers={name: value}, content=command[command.index("-d") + 1])
