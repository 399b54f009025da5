"""What a server on the laptop says when it starts."""

import json
from collections.abc import Mapping, Sequence

from local.mail_pages import PATH
from local.options import Options
from local.server import HOST
from local.template import Deployment, Stage

_USER = {
    "username": "ada",
    "email": "ada@example.com",
    "password": "correct horse battery staple",
    "first_name": "Ada",
    "last_name": "Lovelace",
}
_BY_USERNAME = frozenset({"pythonorg", "reference"})
_KEPT = "kept in .local/dynamodb and .local/secrets.json"


def banner(deployment: Deployment, options: Options, port: int) -> str:
    """Return base URLs, commands that can be pasted, and where mail and data go, for the server of `make run`."""
    root = deployment.stages[options.contract]
    origin = f"http://{HOST}:{port}"
    mail = f"printed here, kept in .local/outbox, and shown at {origin}{PATH}"
    return _page("Keyfob", _base_urls(deployment, root, origin), root, origin, {"Mail": mail, "Data": _data(options)})


def sam_banner(deployment: Deployment, options: Options, port: int) -> str:
    """Return the same for that of `make sam-local`, which serves one contract, always keeps data, and shows no mail."""
    root = deployment.stages[options.contract]
    origin = f"http://{HOST}:{port}"
    step = "sam local invoke LoginFunction -e events/login.json --config-file .local/sam/samconfig.yaml"
    facts = {"Mail": "printed here, and kept in .local/outbox", "Data": _KEPT, "Step": step}
    title = "Keyfob, each function in a container by sam local start-api"
    return _page(title, [_root_url(root, origin)], root, origin, facts)


def _page(title: str, urls: Sequence[str], root: Stage, origin: str, facts: Mapping[str, str]) -> str:
    docs = f"every endpoint, to be tried, at {origin}/api/docs/"
    told = [f"{name:<6} {fact}" for name, fact in {"Docs": docs, **facts, "Stop": "Ctrl-C"}.items()]
    return "\n".join(["", title, "", *urls, "", *_to_paste(root, origin), "", *told, ""])


def _base_urls(deployment: Deployment, root: Stage, origin: str) -> list[str]:
    stages = sorted(deployment.stages.values(), key=lambda stage: stage.name)
    lines = [f"  {stage.name:<10} {origin}/{stage.name}{stage.base_path}" for stage in stages]
    return [*lines, _root_url(root, origin)]


def _root_url(root: Stage, origin: str) -> str:
    return f"  {'':<10} {origin}{root.base_path}   (CONTRACT={root.name})"


def _to_paste(root: Stage, origin: str) -> list[str]:
    return [
        f"Register a user on {root.name} (again: it is taken), then log in:",
        "",
        _curl(f"{origin}{root.base_path}/register", _USER),
        _curl(f"{origin}{root.base_path}/login", _credentials(root)),
    ]


def _credentials(root: Stage) -> dict[str, str]:
    identifier = "username" if root.name in _BY_USERNAME else "email"
    return {name: _USER[name] for name in (identifier, "password")}


def _curl(url: str, body: Mapping[str, str]) -> str:
    return f"curl -w '\\n' {url} -H 'Content-Type: application/json' -d '{json.dumps(body)}'"


def _data(options: Options) -> str:
    if options.keeps_data:
        return _KEPT
    return "in memory, gone when this stops (DYNAMODB=local keeps them)"
