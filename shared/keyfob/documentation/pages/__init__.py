"""The pages that show a stage's OpenAPI document: Swagger UI, on which to try it, and ReDoc, on which to read it.

They load files of this stage alone, and a strict Content Security Policy keeps them to that.
"""

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Final, NamedTuple

from keyfob.documentation.assets import version

HERE: Final = Path(__file__).parent

_POLICY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
)

_NO_STYLE: Final = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""The empty style element that ReDoc makes, and fills rule by rule, as a script may."""

_REDOCS_STYLE: Final = "sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc="
"""The one style element that ReDoc brings with its text in it, always the same."""


class Page(NamedTuple):
    """One page: its template, the assets that it loads, and what its policy says otherwise."""

    template: str
    assets: tuple[str, ...]
    policy: Mapping[str, str] = MappingProxyType({})


SWAGGER_UI: Final = Page("swagger.html", ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"))
REDOC: Final = Page(
    "redoc.html",
    ("redoc.standalone.js", "redoc-initializer.js"),
    {"style-src": f"'self' '{_NO_STYLE}' '{_REDOCS_STYLE}'"},
)


def html(page: Page, mount: str, title: str) -> str:
    """Return a page of the stage whose paths begin with `mount`."""
    assets = {name.replace(".", "_").replace("-", "_"): f"{mount}/api/docs/{_versioned(name)}" for name in page.assets}
    texts = {"title": title, "schema": f"{mount}/api/schema/", **assets}
    return Template(_read(page.template)).substitute({name: escape(text) for name, text in texts.items()})


def headers(page: Page) -> dict[str, str]:
    """Return the headers of a page: what it may do."""
    policy = "; ".join(f"{name} {value}" for name, value in {**_POLICY, **page.policy}.items())
    return {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}


def _versioned(name: str) -> str:
    return f"{name}?v={version(name)}"


@cache
def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
