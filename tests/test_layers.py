"""The one way through the layers, kept by their imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LAYER = Path(__file__).parents[1] / "shared" / "keyfob"
FUNCTIONS = LAYER.parents[1] / "functions"

MAY_IMPORT = {
    "assembly": {"service", "mail", "crypto", "store", "oauth", "model"},
    "gateway": {"contracts", "service", "crypto", "store", "oauth", "model"},
    "documentation": {"contracts", "model"},
    "contracts": {"model"},
    "service": {"mail", "store", "crypto", "oauth", "model"},
    "mail": {"store", "model"},
    "store": {"model"},
    "crypto": {"model"},
    "oauth": {"model"},
    "model": set[str](),
}
"""Each layer, and the layers to its right that it may import. What belongs to none is everybody's."""

EVERYBODYS = {"errors", "settings", "clock"}

ONLY_IN = {
    "argon2": "crypto",
    "cryptography": "crypto",
    "jwt": "crypto",
    "secrets": "crypto",
    "botocore": "store",
    "aws_lambda_powertools": "gateway",
    "email_validator": "contracts",
    "authlib": "oauth",
    "joserfc": "oauth",
    "requests": "oauth",
    "jinja2": "mail",
    "smtplib": "mail",
    "ua_parser": "service",
    "drf_spectacular_sidecar": "documentation",
}
"""Third-party packages and primitives that one layer alone may touch."""

NEVER = {"boto3", "pydantic", "os.environ"}


def imports_of(file: Path) -> Iterator[str]:
    """Yield the dotted name of every module that a file imports, inside functions too, type checking aside."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in _live(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _live(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _live(child)


FILES = sorted(LAYER.rglob("*.py"))


def layer_of(file: Path) -> str:
    """Return the layer that a file belongs to, or its own name if it belongs to none."""
    return file.relative_to(LAYER).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(LAYER)))
def test_a_file_imports_only_from_its_right(file: Path) -> None:
    """No file of the layer imports from a layer to its left."""
    layer = layer_of(file)
    allowed = MAY_IMPORT.get(layer, set()) | EVERYBODYS | {layer}
    own = {name.split(".")[1] for name in imports_of(file) if name.startswith("keyfob.")}
    assert own <= allowed


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(LAYER)))
def test_a_package_is_touched_by_its_own_layer_alone(file: Path) -> None:
    """Primitives stay in `crypto`, AWS in `store`, and what a start-up cannot afford stays out."""
    for name in imports_of(file):
        package = name.split(".")[0]
        assert ONLY_IN.get(package, layer_of(file)) == layer_of(file), name
        assert package not in NEVER, name


def test_everybodys_modules_import_nothing_of_ours() -> None:
    """Errors, settings and the clock stand beside the layers and know none of them."""
    for name in EVERYBODYS:
        assert not [each for each in imports_of(LAYER / f"{name}.py") if each.startswith("keyfob.")]


def test_no_function_imports_another() -> None:
    """A function holds nothing that another needs: what two share is in the layer."""
    apps = sorted(FUNCTIONS.glob("*/app.py"))
    assert apps
    for app in apps:
        assert not [name for name in imports_of(app) if name.startswith("functions")]
        assert sorted(each.name for each in app.parent.iterdir() if each.suffix == ".py") == ["app.py"]
