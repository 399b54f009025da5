"""The pages in a real browser: Swagger UI signs in and calls, ReDoc shows, and neither oversteps its policy."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from local.server import Application, serving
from tests.chromium import require_chromium
from tests.documentation.documents import operation
from tests.house import House
from tests.speakers import UNLIKE, speaker

pytestmark = pytest.mark.slow
PATIENCE_MILLISECONDS = 120_000
PAGES = ("api/docs", "api/redoc/")


@pytest.fixture(scope="module")
def url(house: House) -> Iterator[str]:
    """URL of the laptop's server, with `metatag` at its root."""
    with serving(Application(house.deployment, house.runtime.invoke, "metatag")) as base:
        yield base


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own browser."""
    path = require_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def quiet_page(browser: Browser, address: str) -> Iterator[Page]:
    """Open a page; when done with, it must have asked its own origin alone, and have had nothing to complain about."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    yield page
    page.close()
    assert complaints == []
    origin = urlsplit(address)[:2]
    assert {urlsplit(each)[:2] for each in asked if not each.startswith("data:")} == {origin}


def shown_by_swagger_ui(page: Page) -> Locator:
    """Wait until Swagger UI has read the schema, and return what it shows of ``me``."""
    operation = page.locator("#operations-Account-me")
    expect(operation).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    return operation


def authorize(page: Page, typed: str) -> None:
    """Do as document 002 says: click Authorize, enter the token where the dialog begins, and click Authorize."""
    page.get_by_role("button", name="Authorize").first.click()
    form = page.locator(".auth-container").filter(has=page.locator("code:text-is('bearer')"))
    expect(form.locator("input")).to_be_focused()
    page.keyboard.insert_text(typed)
    form.locator("button[type=submit]").click()
    page.get_by_role("button", name="Close", exact=True).first.click()


def tried(page: Page) -> Locator:
    """Try ``GET me``, and return what Swagger UI shows of the answer."""
    operation = shown_by_swagger_ui(page)
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response")
    expect(answer).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    return answer


@pytest.mark.parametrize(
    ("contract", "typed"),
    [
        ("standard", "{token}"),
        ("metatag", "{token}"),
        ("pythonorg", "{token}"),
        ("igny8", "Bearer {token}"),
        ("reference", "{token}"),
    ],
)
def test_who_authorizes_is_shown_itself(house: House, browser: Browser, url: str, contract: str, typed: str) -> None:
    """With a token, on `igny8` typed as document 002 says, trying `me` answers 200 and the user."""
    client = speaker(contract, house)
    _, email = client.registered()
    token = client.access_token(client.logged_in(email))
    with quiet_page(browser, f"{url}/{contract}/api/docs/") as page:
        shown_by_swagger_ui(page)
        authorize(page, typed.format(token=token))
        answer = tried(page)
        expect(answer.locator(".response-col_status")).to_contain_text("200")
        expect(answer).to_contain_text(email)


def test_a_cookie_is_sent_by_the_browser_itself(house: House, browser: Browser, url: str) -> None:
    """Who has a session cookie of this origin need not authorize."""
    client = speaker("pythonorg", house)
    username, email = client.registered()
    with quiet_page(browser, f"{url}/pythonorg/api/docs") as page:
        shown_by_swagger_ui(page)
        body = client.login_body(username, "SecurePass123!")
        signed_in = page.request.post(f"{url}/pythonorg/api/auth/session/login", data=body)
        assert signed_in.status == 200
        expect(tried(page)).to_contain_text(email)


@pytest.mark.parametrize("contract", UNLIKE)
def test_redoc_shows_operations(browser: Browser, url: str, contract: str) -> None:
    """Groups are in the menu, and operations under their sentences."""
    with quiet_page(browser, f"{url}/{contract}/api/redoc/") as page:
        for name in ("register", "me", "sessions", "reset_password"):
            heading = page.get_by_role("heading", name=operation(contract, name)["summary"], exact=False).first
            expect(heading).to_be_visible(timeout=PATIENCE_MILLISECONDS)
        expect(page.get_by_role("menuitem").first).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_pages_work_without_the_stage_in_the_path(browser: Browser, url: str, path: str) -> None:
    """At a custom domain, with and without a slash at the end, pages find their files and their schema."""
    with quiet_page(browser, f"{url}/{path}") as page:
        expect(page.get_by_text("Keyfob: metatag").first).to_be_visible(timeout=PATIENCE_MILLISECONDS)
        expect(page.get_by_text("/api/auth/register").first).to_be_attached(timeout=PATIENCE_MILLISECONDS)
