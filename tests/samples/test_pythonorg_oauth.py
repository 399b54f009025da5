"""Document 001's sample of signing in at a provider, over HTTP: a script, its user's browser, and the provider."""

import gc
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from boto3 import Session

from local.laptop import laptop
from local.server import Application, serving
from local.template import load_deployment
from tests.federation.browser import Person, providers_at
from tests.provider import Provider, require_provider, running
from tests.samples.documents import run_curl, run_python

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider in a process of its own."""
    require_provider()
    with running() as provider:
        yield provider


@pytest.fixture(scope="module")
def url(provider: Provider) -> Iterator[str]:
    """The contract's stage on a laptop that knows the provider."""
    deployment = load_deployment({"AnonymousAttempts": "1000000"})
    secret = deployment.functions["oauth"].environment["OAUTH_PROVIDERS_SECRET"]
    with laptop(deployment) as begun, serving(Application(deployment, begun.runtime.invoke, "standard")) as url:
        secrets = Session().client("secretsmanager")
        secrets.put_secret_value(SecretId=secret, SecretString=providers_at(provider.url))
        yield f"{url}/pythonorg"


@pytest.fixture(autouse=True)
def _left_open() -> Iterator[None]:
    """The sample never closes its client, which Python says when it collects it: let it do so here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@dataclass
class User:
    """Reads what the script prints, and pastes the address that the browser ends at."""

    printed: str = ""
    pages: list[httpx.Response] = field(default_factory=list)

    def print(self, text: str) -> None:
        """Read it."""
        self.printed = text

    def input(self, prompt: str) -> str:
        """Open the address in a browser that shares no cookie with the script, and paste where it leads."""
        assert prompt == "Paste the callback URL here: "
        said, _, address = self.printed.partition(": ")
        assert said == "Visit this URL to authorize"
        page = httpx.get(address, headers={"Accept": "text/html"}, follow_redirects=True, trust_env=False)
        self.pages.append(page)
        return str(page.url)


@pytest.mark.parametrize("name", ["github", "google"])
def test_the_oauth_sample(name: str, url: str, provider: Provider) -> None:
    """The browser comes first and uses nothing up; the script comes second, and gets a token that works."""
    person, user = Person.new().at(provider), User()
    left = run_python("001_oauth.py", url, print=user.print, input=user.input)
    token = left["oauth_login"](name)
    (page,) = user.pages
    assert (page.status_code, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "give it this page&#x27;s address" in page.text
    assert str(page.url).startswith(f"{url}/api/auth/oauth/{name}/callback?")
    shown = run_curl("001_me.sh", url, {"YOUR_ACCESS_TOKEN": token})
    assert (shown["email"], shown["email_verified"]) == (person.email, True)


def test_the_sample_signs_in_by_github_unless_it_is_told_otherwise(url: str, provider: Provider) -> None:
    """As printed, without an argument, it works too, and finds the same user again."""
    Person.new().at(provider)
    ids = set()
    for _ in range(2):
        user = User()
        token = run_python("001_oauth.py", url, print=user.print, input=user.input)["oauth_login"]()
        ids.add(run_curl("001_me.sh", url, {"YOUR_ACCESS_TOKEN": token})["id"])
    assert len(ids) == 1
