"""What SAM CLI is told: every variable of every function, and a template that leaves the product as it is."""

import json
import os
from pathlib import Path

import pytest
import yaml
from samtranslator.yaml_helper import yaml_parse

from local.aws import client_environment
from local.intrinsics import Json
from local.laptop import Services
from local.routes import find_route
from local.sam_project import (
    METHODS,
    NotBuilt,
    environments,
    image_name,
    local_template,
    logical_id,
    variables_for_containers,
    write_project,
)
from local.template import TEMPLATE, Deployment

VARIABLES = variables_for_containers("host.example", Services("http://127.0.0.1:1111", "http://127.0.0.1:2222"))
STAGES = ("standard", "metatag", "pythonorg", "igny8", "reference")


@pytest.fixture(scope="module")
def source() -> dict[str, Json]:
    """Return the template as it is written."""
    source: dict[str, Json] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    return source


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Write a template where `sam build` would."""
    (tmp_path / "template.yaml").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_containers_find_the_services_by_their_own_name_for_the_host() -> None:
    """The ports are those of the laptop, the host is what containers call it, and no proxy is between."""
    assert VARIABLES["AWS_ENDPOINT_URL"] == "http://host.example:1111"
    assert VARIABLES["AWS_ENDPOINT_URL_DYNAMODB"] == "http://host.example:2222"
    assert VARIABLES["NO_PROXY"] == "host.example"


def test_no_credentials_of_the_developer_reach_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable by which a shell gives AWS credentials has a value of ours, which goes before the shell's."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "of the developer")
    variables = variables_for_containers("host.example", Services("http://127.0.0.1:1", "http://127.0.0.1:2"))
    assert variables.keys() >= {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    assert "of the developer" not in variables.values()


def test_every_function_gets_all_that_the_template_declares(source: dict[str, Json], deployment: Deployment) -> None:
    """No variable is left to SAM CLI, which would take the shell's, or a resource's logical id."""
    given = environments(deployment, VARIABLES)
    common = source["Globals"]["Function"]["Environment"]["Variables"].keys()
    for function in deployment.functions.values():
        own = source["Resources"][logical_id(function)]["Properties"].get("Environment", {}).get("Variables", {})
        assert given[logical_id(function)].keys() == {*common, *own}
    assert given["Parameters"] == VARIABLES


def test_values_are_those_of_the_deployment(deployment: Deployment) -> None:
    """A table and a queue have the names that the laptop has given them."""
    login = environments(deployment, VARIABLES)["LoginFunction"]
    register = environments(deployment, VARIABLES)["RegisterFunction"]
    assert login["USERS_TABLE"] in {table.name for table in deployment.tables}
    assert register["MAIL_QUEUE_URL"].rpartition("/")[2] in {queue.name for queue in deployment.queues}


def test_the_template_declares_what_containers_need(source: dict[str, Json], deployment: Deployment) -> None:
    """SAM CLI drops variables that are not declared."""
    template = local_template(source, deployment.stages["standard"], "arm64", VARIABLES, Path())
    assert template["Globals"]["Function"]["Environment"]["Variables"].keys() >= VARIABLES.keys()


@pytest.mark.parametrize("stage", STAGES)
def test_one_stage_is_served_with_its_variables(source: dict[str, Json], deployment: Deployment, stage: str) -> None:
    """The contract is what the stage's variable says, whichever stage it is."""
    template = local_template(source, deployment.stages[stage], "arm64", VARIABLES, Path())
    api = template["Resources"]["Api"]["Properties"]
    assert (api["StageName"], api["Variables"]) == (stage, {"contract": stage})


def test_each_method_of_each_path_is_the_function_that_api_gateway_takes(
    source: dict[str, Json], deployment: Deployment
) -> None:
    """Where a method has a function of its own and another takes any, SAM CLI would take either."""
    template = local_template(source, deployment.stages["standard"], "arm64", VARIABLES, Path())
    served: dict[tuple[str, str], list[str]] = {}
    for name, event in api_events(template):
        method = event["Method"].lower()
        for each in METHODS if method == "any" else (method,):
            served.setdefault((each.upper(), event["Path"]), []).append(name)
    ids = {function.name: logical_id(function) for function in deployment.functions.values()}
    taken = {route: find_route(deployment.routes, *route) for route in served}
    assert served == {route: [ids[match.route.function]] for route, match in taken.items() if match}
    assert {path for _, path in served} == {route.path for route in deployment.routes}


def api_events(template: dict[str, Json]) -> list[tuple[str, dict[str, Json]]]:
    """Return each route of each function, with the function's logical id."""
    return [
        (name, event["Properties"])
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
        if event["Type"] == "Api"
    ]


def test_nothing_else_of_the_template_changes(source: dict[str, Json], deployment: Deployment, tmp_path: Path) -> None:
    """What is undone is what was written: code paths, routes, the stage, the architecture and the variables."""
    template = local_template(source, deployment.stages["metatag"], "x86_64", VARIABLES, tmp_path)
    assert template["Parameters"]["Architecture"].pop("Default") == "x86_64"
    template["Parameters"]["Architecture"]["Default"] = source["Parameters"]["Architecture"]["Default"]
    template["Resources"]["Api"]["Properties"].update(StageName="standard", Variables={"contract": "standard"})
    declared = template["Globals"]["Function"]["Environment"]["Variables"]
    for name in VARIABLES:
        assert declared.pop(name) == ""
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for code in properties.keys() & {"CodeUri", "ContentUri"}:
            properties[code] = f"{Path(properties[code]).relative_to(tmp_path)}/"
    for name, resource in template["Resources"].items():
        if "Events" in resource.get("Properties", {}):
            resource["Properties"]["Events"] = source["Resources"][name]["Properties"]["Events"]
    assert template == source


def test_settings_name_the_files_beside_them(build: Path, deployment: Deployment, tmp_path: Path) -> None:
    """`sam local` needs no other option than that of the settings' file."""
    project = write_project(tmp_path / "sam", deployment, "igny8", "x86_64", VARIABLES, build)
    parameters = yaml.safe_load(project.settings.read_text())["default"]["global"]["parameters"]
    template = json.loads(Path(parameters["template_file"]).read_text())
    assert template["Resources"]["Api"]["Properties"]["StageName"] == "igny8"
    assert template["Resources"]["LoginFunction"]["Properties"]["CodeUri"] == str(build / "functions/login")
    assert json.loads(Path(parameters["env_vars"]).read_text()) == environments(deployment, VARIABLES)
    assert parameters["skip_pull_image"] is True


def test_the_image_is_that_of_the_templates_runtime(build: Path, source: dict[str, Json]) -> None:
    """Another runtime in the template is another image here."""
    version = source["Globals"]["Function"]["Runtime"].removeprefix("python")
    assert image_name("arm64", build) == f"public.ecr.aws/lambda/python:{version}-arm64"


def test_without_a_build_it_says_how_to_make_one(tmp_path: Path) -> None:
    """Nobody is left with a traceback who skips `make`."""
    with pytest.raises(NotBuilt, match="make sam-local"):
        image_name("arm64", tmp_path)


def test_clients_of_this_process_have_no_other_variables_than_containers() -> None:
    """One place says how AWS clients find the laptop."""
    here = client_environment("http://127.0.0.1:1", "http://127.0.0.1:2", "127.0.0.1")
    assert VARIABLES.keys() - here.keys() == {"AWS_SESSION_TOKEN"}
    assert here["AWS_CONFIG_FILE"] == os.devnull
