"""A provider of identities in a process of its own, over HTTP: npm's oauth2-mock-server, and GitHub's endpoints."""

import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.npm import LOCAL, NpmPackages, Unavailable

CLIENT_ID = "keyfob at the provider"
CLIENT_SECRET = "s3cret:of+the%client/"
"""Both have characters that a client must encode in HTTP basic authentication (RFC 6749, section 2.3.1)."""

SOURCE = Path(__file__).parent
PACKAGES = NpmPackages("the OAuth provider", SOURCE, LOCAL / "oauth-provider", (20, 19), "REQUIRE_OAUTH_PROVIDER")

_SERVER = "server.mjs"


class Authorized(NamedTuple):
    """What a browser brings back from the provider."""

    code: str
    state: str


@dataclass(frozen=True)
class Provider:
    """A running provider."""

    url: str

    def configure(self, **settings: Any) -> None:
        """Change what it does from now on; `DEFAULTS` in ``server.mjs`` lists what there is to change."""
        self._control("POST", "/_control", settings)

    def reset(self) -> None:
        """Make it honest again, and forget every code, token, key and call."""
        self._control("DELETE", "/_control")

    def rotate(self, algorithm: str = "RS256") -> None:
        """Replace its key by a new one."""
        self._control("POST", "/_control/rotate", {"algorithm": algorithm})

    def calls(self) -> dict[str, int]:
        """Return how often each path was called since the last reset."""
        return dict(self._control("GET", "/_control/calls"))

    def authorize(self, authorization_url: str) -> Authorized:
        """Sign in as a browser would, and return what it brings back to the redirect URI."""
        answer = {
            name: values[0] for name, values in parse_qs(urlsplit(self.redirect(authorization_url)).query).items()
        }
        return Authorized(answer["code"], answer["state"])

    def redirect(self, authorization_url: str) -> str:
        """Sign in as a browser would, and return the URL that it is sent back to."""
        with _opener().open(authorization_url, timeout=10) as response:
            location = response.headers["Location"]
            assert location, f"no redirect: {response.status} {response.read()!r}"
            return str(location)

    def _control(self, method: str, path: str, body: object = None) -> Any:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            assert response.status == 200, response.read()
            return json.loads(response.read() or b"null")
        finally:
            connection.close()


def require_provider() -> None:
    """Skip the test where the provider cannot run, and say why; with `REQUIRE_OAUTH_PROVIDER` set, fail instead."""
    PACKAGES.require()


@contextmanager
def running() -> Iterator[Provider]:
    """Run the provider on a free port of the loopback for a `with` block. Raises `Unavailable`."""
    with tempfile.TemporaryDirectory(dir=PACKAGES.fetch()) as directory, tempfile.TemporaryFile() as errors:
        server = shutil.copy(SOURCE / _SERVER, directory)
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            ["node", str(server)],  # noqa: S607 - found on the path
            env={"PATH": os.environ["PATH"], "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        try:
            yield Provider(_url(process, errors))
        finally:
            process.kill()
            process.communicate()


def _url(process: subprocess.Popen[str], errors: IO[bytes]) -> str:
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    if not url:
        process.wait()
        errors.seek(0)
        raise Unavailable(f"the OAuth provider did not start: {errors.read().decode(errors='replace')}")
    return url


class _KeepRedirects(urllib.request.HTTPRedirectHandler):
    """Returns a redirect instead of following it: where it leads is what the test wants."""

    def http_error_302(
        self, _request: urllib.request.Request, answer: IO[bytes], _code: int, _message: str, _headers: Message
    ) -> Any:
        return answer


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_KeepRedirects, urllib.request.ProxyHandler({}))
