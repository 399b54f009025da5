"""Every call that a function makes is recorded under its name, and nobody else's is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from keyfob.store.client import dynamodb_client

from local.runtime import running
from local.template import load_deployment
from tests.house import PARAMETERS, House, running_house
from tests.privileges.calls import Call
from tests.privileges.recording import Recorder, is_of_every_test, is_whole, keep, kept, mark_whole, recorded

GET_ITEM = SimpleNamespace(name="GetItem", service_model=SimpleNamespace(service_name="dynamodb"))


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """What functions ask; it begins before the house does, whose functions keep their clients."""
    with recorded() as recorder:
        yield recorder


@pytest.fixture(scope="module")
def house(recorder: Recorder) -> Iterator[House]:  # noqa: ARG001 - begins first
    """A deployment that runs while calls are recorded."""
    with running_house() as running:
        yield running


def asked(recorder: Recorder, function: str) -> set[tuple[str, str]]:
    """Return the actions that a function has called, with the last part of each resource's name."""
    return {(call.action, call.resource[-9:]) for call in recorder.calls if call.function == function}


def test_functions_that_run_at_once_are_told_apart(house: House, recorder: Recorder) -> None:
    """Each call counts for the function that made it, whichever thread it runs in."""
    client = house.client("standard")

    def log_in(n: int) -> int:
        body = {"email": f"nobody{n}@example.com", "password": "SecurePass123!"}
        return client.call("login", body, source_ip=f"203.0.113.{n}").status

    def read_keys(_n: int) -> int:
        return client.send("GET", "/.well-known/jwks.json").status

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(each, n) for n in range(4) for each in (log_in, read_keys)]
        assert [answer.result() for answer in answers] == [401, 200] * 4
    assert asked(recorder, "jwks") == {("secretsmanager:GetSecretValue", "ublicKeys")}
    assert ("dynamodb:GetItem", "TimeTable") in asked(recorder, "login")
    assert not {action for action, _ in asked(recorder, "login") if action.startswith("secretsmanager")}


def test_the_calls_of_a_test_are_not_recorded(house: House, recorder: Recorder) -> None:
    """Who looks at what is left is no function, though it uses the layer's own client."""
    before = set(recorder.calls)
    table = house.deployment.functions["login"].environment["USERS_TABLE"]
    dynamodb_client().describe_table(TableName=table)
    assert recorder.calls == before


def test_the_functions_of_another_template_are_not_recorded(tmp_path: Path) -> None:
    """A test's own function may be called as one of the template's, and do what that may not."""
    recorder, login = Recorder(), load_deployment(PARAMETERS).functions["login"]
    for function, count in ((login, 1), (replace(login, code_dir=tmp_path / "login"), 1)):
        token = running.set(function)
        recorder.before({"TableName": function.code_dir.parent.name}, cast("Any", GET_ITEM))
        running.reset(token)
        assert len(recorder.calls) == count


def test_what_several_processes_keep_is_read_together(tmp_path: Path) -> None:
    """Tests run in several processes, and each keeps what it has seen."""
    mail = Call("mailer", "ses:SendEmail", "identity", (("ses:FromAddress", "a@example.com"),))
    keep(tmp_path / "calls", {mail, Call("login", "a:B", "c")})
    keep(tmp_path / "calls", {mail})
    assert kept(tmp_path / "calls") == {mail, Call("login", "a:B", "c")}


def test_a_recording_is_whole_once_it_is_marked(tmp_path: Path) -> None:
    """Nothing is called unused because of tests that did not run."""
    assert not is_whole(tmp_path)
    mark_whole(tmp_path)
    assert is_whole(tmp_path)
    assert kept(tmp_path) == set()


@pytest.mark.parametrize(
    ("source", "options", "every"),
    [
        ("TESTPATHS", {}, True),
        ("ARGS", {}, False),
        ("TESTPATHS", {"keyword": "login"}, False),
        ("TESTPATHS", {"markexpr": "not slow"}, False),
        ("TESTPATHS", {"lf": True}, False),
        ("TESTPATHS", {"deselect": ["tests/test_login.py"]}, False),
    ],
)
def test_a_run_of_some_tests_is_not_one_of_all(source: str, options: dict[str, Any], every: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Files, words, marks and earlier failures each choose some of the tests."""
    config = SimpleNamespace(
        ArgsSource=pytest.Config.ArgsSource, args_source=pytest.Config.ArgsSource[source], getoption=options.get
    )
    assert is_of_every_test(cast("pytest.Config", config)) is every
