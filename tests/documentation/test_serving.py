"""The function `docs`: what it serves, to whom, for how long, and under which policy."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
from keyfob.contracts import contract_named
from keyfob.documentation.assets import ASSETS

from tests.documentation.stage import Docs
from tests.speakers import CONTRACTS

EVERY_CONTRACT = pytest.mark.parametrize("contract", CONTRACTS)
DOCUMENTS = ("/api/docs", "/api/redoc", "/api/schema", "/api/docs/swagger-ui.css")
PAGES = ("/api/docs", "/api/redoc")
EVERY_DOCUMENT = pytest.mark.parametrize("path", DOCUMENTS)
EVERY_PAGE = pytest.mark.parametrize("path", PAGES)
LAMBDA_ANSWER_BYTES = 6 * 1024 * 1024
STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


@pytest.fixture(scope="module")
def docs() -> Docs:
    """The function as it is deployed by default, but for one contract's base URL and the product's name."""
    return Docs.deployed(BaseUrls="reference=https://api.example.org/v2/", ProductName="Keys & <Locks>")


@pytest.fixture(scope="module")
def silent() -> Docs:
    """The function of a deployment that serves no documentation."""
    return Docs.deployed(ApiDocs="false")


def links(page: str) -> Iterator[str]:
    """Yield what a page loads."""
    yield from re.findall(r'<(?:script|link rel="stylesheet")[^>]* ?(?:src|href)="([^"]+)"', page)


@EVERY_CONTRACT
@pytest.mark.parametrize("slash", ["", "/"])
def test_each_stage_serves_its_contracts_document(docs: Docs, contract: str, slash: str) -> None:
    """The schema is JSON, with and without a slash, and that of the stage's contract."""
    reply = docs.send(f"/api/schema{slash}", contract)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    base = contract_named(contract).base_path
    assert any(path.startswith(f"{base}/me") for path in reply.json["paths"])


def test_the_server_is_where_the_stage_was_called(docs: Docs) -> None:
    """Operations are tried at the very place that the document came from, or at the deployment's own URL for it."""
    api = docs.send("/api/schema").json["servers"]
    domain = docs.send("/api/schema", context={"domainName": "auth.example.com", "path": "/api/schema"})
    mapped = docs.send("/api/schema", context={"domainName": "auth.example.com", "path": "/v1/api/schema/"})
    assert [each["url"].partition(".amazonaws.com")[2] for each in api] == ["/standard"]
    assert domain.json["servers"] == [{"url": "https://auth.example.com"}]
    assert mapped.json["servers"] == [{"url": "https://auth.example.com/v1"}]
    assert docs.send("/api/schema", "reference").json["servers"] == [{"url": "https://api.example.org/v2"}]


@EVERY_CONTRACT
@EVERY_PAGE
def test_all_that_a_page_loads_is_its_stages_own(docs: Docs, contract: str, path: str) -> None:
    """Files and schema have the stage in their paths, and are there."""
    page = docs.send(path, contract)
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    [schema] = re.findall('data-schema="([^"]+)"', page.text)
    loaded = [*links(page.text), schema]
    assert len(loaded) > 2
    for link in loaded:
        assert link.startswith(f"/{contract}/api/")
        assert docs.send(link.removeprefix(f"/{contract}"), contract).status == 200


@EVERY_PAGE
def test_a_page_at_a_custom_domain_has_no_stage_in_its_links(docs: Docs, path: str) -> None:
    """Where the contract's own paths are served exactly, so are the page's files."""
    page = docs.send(path, context={"domainName": "auth.example.com", "path": f"{path}/"})
    assert all(link.startswith("/api/docs/") for link in links(page.text))


@EVERY_PAGE
def test_a_page_holds_no_script_and_no_style(docs: Docs, path: str) -> None:
    """A policy without `unsafe-inline` could not let any pass."""
    page = docs.send(path).text
    assert all(not content for content in re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL))
    assert "<style" not in page
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)


@EVERY_PAGE
def test_a_page_is_titled_after_the_product(docs: Docs, path: str) -> None:
    """The deployment's name for it is text, whatever it holds."""
    assert "<title>Keys &amp; &lt;Locks&gt;: standard</title>" in docs.send(path).text


@EVERY_PAGE
def test_a_page_has_a_strict_policy(docs: Docs, path: str) -> None:
    """It runs its stage's own files, talks to its stage, and is in nobody's frame; ReDoc has two styles besides."""
    styles = {"/api/docs": "'self'", "/api/redoc": r"'self'( 'sha256-[A-Za-z0-9+/]{43}='){2}"}
    reply = docs.send(path)
    policy = dict(each.split(" ", 1) for each in reply.headers["content-security-policy"].split("; "))
    assert re.fullmatch(styles[path], policy.pop("style-src"))
    assert policy == STRICT
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-frame-options"] == "DENY"
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ASSETS)
def test_a_file_is_kept_for_ever_only_by_its_version(docs: Docs, name: str) -> None:
    """A URL with the version of the content never changes; the bare name, or another version, may tomorrow."""
    pages = docs.send("/api/docs").text + docs.send("/api/redoc").text
    [version] = re.findall(re.escape(name) + r"\?v=(\w+)", pages)
    kept = docs.send(f"/api/docs/{name}?v={version}")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in (name, f"{name}?v=another"):
        reply = docs.send(f"/api/docs/{other}")
        assert reply.text == kept.text
        assert reply.headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize("name", ASSETS)
def test_a_file_is_of_the_type_that_browsers_take(docs: Docs, name: str) -> None:
    """With `nosniff` a script that is not declared as one does not run."""
    expected = "text/css" if name.endswith(".css") else "text/javascript"
    assert docs.send(f"/api/docs/{name}").headers["content-type"] == f"{expected}; charset=utf-8"


@pytest.mark.parametrize("name", ASSETS)
def test_a_file_is_one_that_lambda_can_answer(docs: Docs, name: str) -> None:
    """An answer of a function has six megabytes at most, as JSON."""
    body = docs.send(f"/api/docs/{name}").text
    assert len(json.dumps({"body": body})) < LAMBDA_ANSWER_BYTES


@pytest.mark.parametrize(
    "name",
    [
        "unknown.js",
        "..%2F..%2Fapp.py",
        "%2Fetc%2Fpasswd",
        "..%5Capp.py",
        "swagger-ui.css%00",
        "SWAGGER-UI.CSS",
        "swagger-ui-dist%2Fswagger-ui.css",
        "swagger-ui-bundle.js.map",
        "__init__.py",
    ],
)
def test_no_other_file_can_be_asked_for(docs: Docs, name: str) -> None:
    """Only names that are listed are files; any other is a 404 in the contract's shape."""
    reply = docs.send(f"/api/docs/{name}", "metatag")
    assert (reply.status, reply.json) == (404, {"detail": "Resource not found"})


@EVERY_DOCUMENT
def test_head_answers_as_get(docs: Docs, path: str) -> None:
    """Who asks for the headers alone gets those of the document."""
    head, get = (docs.send(path, method=method) for method in ("HEAD", "GET"))
    assert (head.status, head.headers) == (get.status, get.headers)


@EVERY_DOCUMENT
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_documents_are_only_read(docs: Docs, path: str, method: str) -> None:
    """Any other method is a 405 in the contract's shape."""
    reply = docs.send(path, "pythonorg", method=method)
    assert (reply.status, reply.json) == (405, {"detail": "Method not allowed", "status_code": 405})
    assert reply.headers["allow"] == "GET, HEAD, OPTIONS"


@EVERY_DOCUMENT
def test_preflights_are_answered(docs: Docs, path: str) -> None:
    """Scripts of other origins learn what they may ask."""
    assert docs.send(path, method="OPTIONS").status == 204


@EVERY_DOCUMENT
def test_a_deployment_may_serve_none(silent: Docs, path: str) -> None:
    """With `ApiDocs` off there is nothing at these paths."""
    reply = silent.send(path, "reference")
    assert (reply.status, reply.json) == (404, {"error": "Resource not found"})


def test_the_package_has_what_the_pages_load() -> None:
    """Swagger UI and ReDoc come with the package, which is not imported: it would import Django."""
    for name, asset in ASSETS.items():
        assert asset.in_package != bool(files("keyfob.documentation.pages").joinpath(name).is_file())
        assert asset.text
