"""The documents' own samples, run as they are against a server of ours.

A sample is stored as its document prints it, in a file that begins with the document's number; only blanks and line
breaks that were lost in print are put back. What it leaves for its reader to fill in is filled in when it is loaded:
the server, an address, a token.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

DIRECTORY = Path(__file__).parent
ADDRESS = "[email protected]"
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."
SERVERS = {"000": "http://localhost:8000", "001": "http://localhost:8000", "002": "https://api.igny8.com"}

_NOTHING: Mapping[str, str] = MappingProxyType({})


def source(name: str, url: str, blanks: Mapping[str, str] = _NOTHING, *, until: str = "") -> str:
    """Return a sample for the server at `url`, with its `blanks` filled in.

    `until` leaves out what begins with that line. A blank that the sample has not is an error.
    """
    text = (DIRECTORY / name).read_text(encoding="utf-8")
    if until:
        text = text[: text.index(until)]
    server = SERVERS[name[:3]]
    for blank, filling in {**({server: url} if server in text else {}), **blanks}.items():
        assert blank in text, f"{name} has no blank {blank}"
        text = text.replace(blank, filling)
    return text


def run_python(
    name: str, url: str, blanks: Mapping[str, str] = _NOTHING, *, until: str = "", **given: Any
) -> dict[str, Any]:
    """Run a Python sample with the variables `given`, and return all variables that it leaves."""
    variables: dict[str, Any] = dict(given)
    code = compile(source(name, url, blanks, until=until), name, "exec")
    exec(code, variables)  # noqa: S102 - running it is the point
    return variables


def run_curl(name: str, url: str, blanks: Mapping[str, str] = _NOTHING) -> Any:
    """Run a shell sample with the real curl, and return the JSON that it prints."""
    _need("curl")
    return json.loads(_output_of(["sh", "-c", source(name, url, blanks)]))


def run_node(name: str, url: str, blanks: Mapping[str, str] = _NOTHING, *, until: str = "", then: str = "") -> Any:
    """Run a JavaScript sample and, after it, `then`; return the JSON that is printed."""
    _need("node")
    program = source(name, url, blanks, until=until) + then
    return json.loads(_output_of(["node", "--input-type=module", "--eval", program]))


def bodies(document: str) -> dict[str, Any]:
    """Return the JSON bodies that a document shows, by what they are."""
    shown: dict[str, Any] = json.loads((DIRECTORY / f"{document}_bodies.json").read_text(encoding="utf-8"))
    return shown


def form(body: Any, *, varying: frozenset[str] = frozenset()) -> Any:
    """Return `body` with the values of the keys in `varying` replaced by their types."""
    if not isinstance(body, dict):
        return body
    return {
        key: type(value).__name__ if key in varying else form(value, varying=varying) for key, value in body.items()
    }


def _need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"this machine has no {program}")


def _output_of(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the samples
    assert done.returncode == 0, done.stderr
    return done.stdout
