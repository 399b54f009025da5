"""`make sam-local` but for its containers: what it reads, says, begins and ends."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from local.banner import sam_banner
from local.options import InvalidOption, Options
from local.sam_cli import Failed, SamCli, start_api
from local.sam_local import Builder
from local.server import listen
from local.template import TEMPLATE, Deployment

SERVER = """
import signal, sys
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
arguments = dict(zip(sys.argv[3::2], sys.argv[4::2]))
def end(*_):
    Path(arguments["--config-file"]).write_text("ended")
    sys.exit()
signal.signal(signal.SIGTERM, end)
HTTPServer((arguments["--host"], int(arguments["--port"])), SimpleHTTPRequestHandler).serve_forever()
"""


def sam_of(script: str, settings: Path) -> SamCli:
    """Return a SAM CLI that is a script of ours."""
    return SamCli((sys.executable, "-c", script), settings, "unix:///engine.sock")


def free_port() -> int:
    """Return a port that nothing listens on."""
    with listen(0) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_what_make_knows_is_read() -> None:
    """The command is split as a shell would."""
    builder = Builder.of({"SAM_COMMAND": "uv tool run --from 'aws-sam-cli==1' sam", "ARCHITECTURE": "arm64"})
    assert builder == Builder(("uv", "tool", "run", "--from", "aws-sam-cli==1", "sam"), "arm64")


@pytest.mark.parametrize("missing", ["SAM_COMMAND", "ARCHITECTURE"])
def test_what_make_has_not_said_is_named(missing: str) -> None:
    """Whoever starts it without `make` learns what is missing."""
    environment = {"SAM_COMMAND": "sam", "ARCHITECTURE": "arm64", missing: ""}
    del environment[missing]
    with pytest.raises(InvalidOption, match=missing):
        Builder.of(environment)


def test_the_banner_has_the_contract_and_no_other(deployment: Deployment) -> None:
    """One stage is served, at the root, and mail has no page here."""
    said = sam_banner(deployment, Options("igny8", 8000, keeps_data=False), 8000)
    assert "http://127.0.0.1:8000/api/v1/auth/login" in said
    assert "metatag" not in said
    assert "_local/mail" not in said


def test_sam_cli_is_told_of_the_engine_and_its_settings() -> None:
    """It looks for no engine of its own, and needs no other option."""
    sam = SamCli(("sam",), Path("/settings.yaml"), "unix:///engine.sock")
    assert sam.environment["DOCKER_HOST"] == "unix:///engine.sock"
    assert sam.local("invoke", "LoginFunction") == [
        *("sam", "local", "invoke", "LoginFunction"),
        *("--config-file", "/settings.yaml"),
    ]


@pytest.mark.slow
def test_the_server_answers_when_the_block_begins_and_ends_with_it(tmp_path: Path) -> None:
    """It is asked to end, which lets it remove its containers."""
    settings, port = tmp_path / "settings", free_port()
    with start_api(sam_of(SERVER, settings), port) as process:
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
    assert process.returncode == 0
    assert settings.read_text(encoding="utf-8") == "ended"


@pytest.mark.slow
def test_a_server_that_does_not_begin_is_no_riddle(tmp_path: Path) -> None:
    """Its status is told, after what it said itself."""
    with pytest.raises(Failed, match="status 3"), start_api(sam_of("raise SystemExit(3)", tmp_path), free_port()):
        pytest.fail("it has not begun")


@pytest.mark.slow
def test_without_an_engine_it_is_said_plainly(tmp_path: Path) -> None:
    """One line, which names the page that helps, and nothing is begun."""
    environment = {"SAM_COMMAND": "sam", "ARCHITECTURE": "x86_64", "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    command = [sys.executable, "-m", "local.sam_local"]
    result = subprocess.run(  # noqa: S603 - our own
        command, cwd=TEMPLATE.parent, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "docs/local.md" in result.stderr
