"""The files that the pages load: Swagger UI and ReDoc as their packages hold them, and what starts each."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from keyfob.errors import ResourceNotFound

_CSS: Final = "text/css; charset=utf-8"
_JAVASCRIPT: Final = "text/javascript; charset=utf-8"
_DIGITS: Final = 16

_FOREIGN_IMAGE: Final = "https://cdn.redoc.ly/redoc/logo-mini.svg"
_NO_IMAGE: Final = "data:,"


class Asset(NamedTuple):
    """One file: where it is, and its media type. One of the `package` is drf-spectacular-sidecar's, others are ours."""

    path: str
    media_type: str
    in_package: bool

    @property
    def text(self) -> str:
        """What it holds."""
        return _read(self.folder / self.path).replace(_FOREIGN_IMAGE, _NO_IMAGE)

    @property
    def folder(self) -> Path:
        """Where its path begins."""
        return _package() if self.in_package else Path(__file__).parent / "pages"


ASSETS: Final[Mapping[str, Asset]] = MappingProxyType(
    {
        "swagger-ui.css": Asset("swagger-ui-dist/swagger-ui.css", _CSS, in_package=True),
        "swagger-ui-bundle.js": Asset("swagger-ui-dist/swagger-ui-bundle.js", _JAVASCRIPT, in_package=True),
        "swagger-initializer.js": Asset("swagger-initializer.js", _JAVASCRIPT, in_package=False),
        "redoc.standalone.js": Asset("redoc/bundles/redoc.standalone.js", _JAVASCRIPT, in_package=True),
        "redoc-initializer.js": Asset("redoc-initializer.js", _JAVASCRIPT, in_package=False),
    }
)
"""Every file that is served, by the name in its URL. No other file can be asked for."""


def asset(name: str) -> Asset:
    """Return the file of this name; raises `ResourceNotFound` for any other name."""
    if name not in ASSETS:
        raise ResourceNotFound("no such file")
    return ASSETS[name]


@cache
def version(name: str) -> str:
    """Return what changes with a file's content, for its URL."""
    return sha256(asset(name).text.encode()).hexdigest()[:_DIGITS]


@cache
def _package() -> Path:
    """Return where the package's files are. It is not imported: it would import Django, whose static files they are."""
    name = "drf_spectacular_sidecar"
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    return Path(spec.origin).parent / "static" / name


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
