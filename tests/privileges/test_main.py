"""What `make test` ends with: a word on what was judged, and on each fault."""

from pathlib import Path

import pytest

from tests.privileges.__main__ import main
from tests.privileges.calls import Call
from tests.privileges.recording import keep, mark_whole
from tests.privileges.simulator import PACKAGES

KEYS = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keyfob"
READS = Call("jwks", "secretsmanager:GetSecretValue", f"{KEYS}/PublicKeys")


@pytest.fixture
def _simulator() -> None:
    PACKAGES.require()


@pytest.mark.slow
@pytest.mark.usefixtures("_simulator")
def test_a_part_of_the_tests_finds_what_is_denied_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A grant is not called unused while tests are missing that may use it; a planted call is found all the same."""
    keep(tmp_path, {READS})
    assert main(tmp_path) is None
    assert "Some tests did not run" in capsys.readouterr().out
    keep(tmp_path, {READS._replace(resource=f"{KEYS}/KeySet")})
    [fault] = str(main(tmp_path)).splitlines()
    assert fault.startswith(f"denied: jwks calls secretsmanager:GetSecretValue on {KEYS}/KeySet")


@pytest.mark.slow
@pytest.mark.usefixtures("_simulator")
def test_all_tests_find_what_is_unused(tmp_path: Path) -> None:
    """What no test needs is a fault once all have run; what is needed is none."""
    keep(tmp_path, {READS})
    mark_whole(tmp_path)
    faults = str(main(tmp_path)).splitlines()
    assert all(fault.startswith("unused: ") for fault in faults)
    assert any("login may call secretsmanager:GetSecretValue" in fault for fault in faults)
    assert not any("jwks" in fault for fault in faults)


def test_nothing_recorded_is_a_failure(tmp_path: Path) -> None:
    """A recording that went wrong proves nothing."""
    assert "Nothing is recorded" in str(main(tmp_path))


@pytest.mark.parametrize("demanded", ["", "1"])
def test_without_node_nothing_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demanded: str) -> None:
    """A developer's machine may do without, as it may for other tests; where all must run, it is a failure."""
    keep(tmp_path, {READS})
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv(PACKAGES.demanded_by, demanded)
    assert bool(main(tmp_path)) is bool(demanded)
