"""What SAM CLI is told: files by which it runs the functions that were built, as they would run in this deployment.

SAM CLI resolves little of a template: a name of a table or secret stays the logical id of its resource, and a function
gets only those variables that the template declares. Where one function has a method of a path and another has any, it
takes either. So it gets the built template with a few variables more declared and such methods spelled out, and beside
it every function's whole environment.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from samtranslator.yaml_helper import yaml_parse

from local.aws import client_environment
from local.intrinsics import REGION, STACK_NAME, Json
from local.laptop import Services
from local.template import TEMPLATE, Deployment, Function, Stage

# What SAM CLI takes `any` for.
METHODS = ("delete", "get", "head", "options", "patch", "post", "put")

BUILD = TEMPLATE.parent / ".aws-sam" / "build"


class NotBuilt(RuntimeError):
    """There is nothing to run: `sam build` has not been."""


@dataclass(frozen=True, slots=True)
class Project:
    """The files: SAM CLI's settings, which name the others, and the template that it reads."""

    settings: Path
    template: Path
    environment: Path


def write_project(
    directory: Path,
    deployment: Deployment,
    stage: str,
    architecture: str,
    variables: Mapping[str, str],
    build: Path = BUILD,
) -> Project:
    """Write the files into `directory`: the functions in `build`, made for `architecture`, served as one stage is.

    `variables` are what each function gets besides its own. Raises `NotBuilt`, and `KeyError` for an unknown stage.
    """
    directory.mkdir(parents=True, exist_ok=True)
    project = Project(*(directory / name for name in ("samconfig.yaml", "template.json", "environment.json")))
    template = local_template(_built(build), deployment.stages[stage], architecture, variables, build)
    settings = {
        "template_file": str(project.template),
        "env_vars": str(project.environment),
        "region": REGION,
        "skip_pull_image": True,  # once it is here: asking the registry each time takes seconds
    }
    project.template.write_text(json.dumps(template, indent=2), encoding="utf-8")
    project.environment.write_text(json.dumps(environments(deployment, variables), indent=2), encoding="utf-8")
    document = {"version": 0.1, "default": {"global": {"parameters": settings}}}
    project.settings.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return project


def local_template(
    built: Mapping[str, Json], stage: Stage, architecture: str, variables: Mapping[str, str], build: Path
) -> dict[str, Json]:
    """Return the template of `build`, to lie anywhere, for an architecture and a stage, with `variables` declared.

    Each method of each path is one function's.
    """
    template: dict[str, Json] = json.loads(json.dumps(built))
    template["Parameters"]["Architecture"]["Default"] = architecture
    template["Globals"]["Function"]["Environment"]["Variables"].update(dict.fromkeys(variables, ""))
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for code in properties.keys() & {"CodeUri", "ContentUri"}:
            properties[code] = str(build / properties[code])
        if resource["Type"] == "AWS::Serverless::Api":
            properties.update(StageName=stage.name, Variables=dict(stage.variables))
    _spell_out_any(template["Resources"].values())
    return template


def _spell_out_any(resources: Iterable[Json]) -> None:
    """Put the methods that are left in the place of `any`, on the paths where another function has one of its own."""
    events = [each["Properties"].get("Events", {}) for each in resources if each["Type"] == "AWS::Serverless::Function"]
    own: dict[str, set[str]] = {}
    for event in (event for each in events for event in each.values() if event["Type"] == "Api"):
        own.setdefault(event["Properties"]["Path"], set()).add(event["Properties"]["Method"].lower())
    for each in events:
        for name, event in list(each.items()):
            taken = own.get(event["Properties"].get("Path"), set()) - {"any"}
            if event["Type"] == "Api" and event["Properties"]["Method"].lower() == "any" and taken:
                del each[name]
                for method in METHODS:
                    if method not in taken:
                        each[f"{name}{method.title()}"] = _with_method(event, method)


def _with_method(event: Mapping[str, Json], method: str) -> dict[str, Json]:
    return {**event, "Properties": {**event["Properties"], "Method": method}}


def environments(deployment: Deployment, variables: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return what SAM CLI takes as ``--env-vars``: `variables` for all functions, and each one's own."""
    own = {logical_id(function): dict(function.environment) for function in deployment.functions.values()}
    return {"Parameters": dict(variables), **own}


def variables_for_containers(host: str, services: Services) -> dict[str, str]:
    """Return what AWS clients need in a container that calls this machine `host`."""
    seen = [f"http://{host}:{url.rpartition(':')[2]}" for url in (services.url, services.dynamodb_url)]
    return {**client_environment(seen[0], seen[1], host), "AWS_SESSION_TOKEN": ""}


def logical_id(function: Function) -> str:
    """Return a function's name in the template, such as ``LoginFunction``."""
    return function.arn.rpartition(":")[2].removeprefix(f"{STACK_NAME}-")


def image_name(architecture: str, build: Path = BUILD) -> str:
    """Return the name of Lambda's own base image, which SAM CLI runs the functions in."""
    runtime = _built(build)["Globals"]["Function"]["Runtime"]
    return f"public.ecr.aws/lambda/python:{runtime.removeprefix('python')}-{architecture}"


def _built(build: Path) -> dict[str, Json]:
    file = build / "template.yaml"
    if not file.exists():
        raise NotBuilt("there is no build: begin with `make sam-local` or `make test-sam`, which build first")
    built: dict[str, Json] = yaml_parse(file.read_text(encoding="utf-8"))
    return built
