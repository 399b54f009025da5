"""What the template deploys."""

import json
import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from local.intrinsics import Unresolvable
from local.template import TEMPLATE, Deployment, EventSource, Route, load_deployment, load_stack
from tests.local.event_driven import TEMPLATE as TEMPLATE_OF_EVENTS
from tests.local.event_driven import load

CONTRACTS = {"standard", "metatag", "pythonorg", "igny8", "reference"}
ENDPOINTS = ("register", "login", "refresh", "logout", "me")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_endpoint_is_at_both_base_paths_with_any_method(deployment: Deployment, endpoint: str) -> None:
    """Contracts differ in their base path, and the function answers wrong methods itself."""
    assert Route("ANY", f"/api/auth/{endpoint}", endpoint) in deployment.routes
    assert Route("ANY", f"/api/v1/auth/{endpoint}", endpoint) in deployment.routes


def test_every_other_path_is_answered_by_not_found(deployment: Deployment) -> None:
    """No path is left to the gateway, which does not know the contract's error shape."""
    assert {route.path for route in deployment.routes if route.function == "not_found"} == {"/", "/{proxy+}"}


def test_every_stage_speaks_the_contract_it_is_named_after(deployment: Deployment) -> None:
    """A stage tells its contract in a variable, and its output tells where clients begin."""
    assert deployment.stages.keys() == CONTRACTS
    for name, stage in deployment.stages.items():
        assert stage.variables == {"contract": name}
        assert stage.base_path in {"/api/auth", "/api/v1/auth"}


def test_every_function_folder_is_deployed(deployment: Deployment) -> None:
    """A function that nothing deploys would be dead code; one is deployed only if there is a bus for its events."""
    folders = {path.parent.name for path in TEMPLATE.parent.glob("functions/*/app.py")}
    assert load_deployment({"EventBus": "default"}).functions.keys() == folders
    assert deployment.functions.keys() == folders - {"forward_events"}


def test_a_function_gets_its_resolved_environment(deployment: Deployment) -> None:
    """Names and ARNs in the environment are those of the tables and secrets that are created."""
    environment = deployment.functions["login"].environment
    tables = {table.name for table in deployment.tables}
    secrets = {secret.arn for secret in deployment.secrets}
    assert {environment["USERS_TABLE"], environment["SESSIONS_TABLE"]} <= tables
    assert environment["KEY_SET_SECRET"] in secrets
    assert environment["ISSUER"] == "urn:keyfob:keyfob"


def test_parameters_reach_the_environment() -> None:
    """What a deployment sets is what its functions see."""
    parameters = {"Issuer": "https://auth.example.com", "RefreshGraceSeconds": "30", "PasswordHashing": "test"}
    functions = load_deployment(parameters).functions
    assert functions["me"].environment["ISSUER"] == "https://auth.example.com"
    assert functions["refresh"].environment["REFRESH_GRACE_SECONDS"] == "30"
    assert functions["register"].environment["PASSWORD_HASHING"] == "test"


def test_an_unknown_parameter_is_an_error() -> None:
    """A misspelt parameter would silently deploy the default."""
    with pytest.raises(Unresolvable, match="Isuer"):
        load_deployment({"Isuer": "https://auth.example.com"})


@pytest.mark.parametrize("function", ["me", "authorizer", "not_found"])
def test_what_only_verifies_can_never_sign(function: str) -> None:
    """Neither the environment nor the role of a function that verifies leads to the private keys."""
    stack = load_stack()
    logical_id = "".join(word.capitalize() for word in function.split("_")) + "Function"
    reachable = json.dumps([stack.properties(logical_id), stack.properties(f"{logical_id}Role")])
    assert "secret:keyfob/KeySet" not in reachable


def test_roles_name_exact_resources() -> None:
    """No statement of our own grants an action or a resource by wildcard.

    The sender's identity may be an address or its domain, which only SES knows, so a grant names any of the account's
    for that sender. What SAM adds is judged by tests/privileges.
    """
    stack = load_stack()
    statements = [
        statement
        for role in stack.of_type("AWS::IAM::Role")
        for policy in stack.properties(role).get("Policies", ())
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    assert statements
    granted = json.dumps([[each["Action"], each["Resource"]] for each in statements])
    assert "*" not in re.sub(r":(identity|configuration-set)/\*", "", granted)


def test_what_expires_is_deleted_by_its_table(deployment: Deployment) -> None:
    """Each table deletes what has an expiry by itself; of the users' table that is invitations alone."""
    names = ("UsersTable", "SessionsTable", "ApiKeysTable", "OneTimeTable")
    assert {table.name: table.expiry_attribute for table in deployment.tables} == {
        f"keyfob-{name}": "expires_at" for name in names
    }


def test_mail_waits_in_a_queue_with_dead_letters(deployment: Deployment) -> None:
    """What cannot be sent is kept for two weeks, and its queue is created before the one that names it."""
    dead_letters, mail = deployment.queues
    assert dead_letters.attributes["MessageRetentionPeriod"] == str(14 * 24 * 3600)
    redrive = json.loads(mail.attributes["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"].endswith(f":{dead_letters.name}")


def test_what_drives_functions_is_read(tmp_path: Path) -> None:
    """Event source mappings with their defaults; one that is disabled or whose condition fails is none."""
    assert load(tmp_path).event_sources == (
        EventSource(
            kind="sqs",
            resource="keyfob-Jobs",
            function="worker",
            batch_size=3,
            reports_failures=True,
            patterns=(),
            maximum_retries=None,
            bisects=False,
        ),
        EventSource(
            kind="dynamodb",
            resource="keyfob-Notes",
            function="watcher",
            batch_size=3,
            reports_failures=True,
            patterns=({"eventName": ["INSERT"]},),
            maximum_retries=2,
            bisects=False,
        ),
    )


@pytest.mark.parametrize(
    "pattern", ['{"eventName":[{"prefix":"IN"}]}', '{"dynamodb":{"NewImage":{"n":[{"exists":true}]}}}']
)
def test_a_filter_that_cannot_be_applied_is_an_error(tmp_path: Path, pattern: str) -> None:
    """Nothing is handed over that AWS would hold back, and nothing held back that it would hand over."""
    with pytest.raises(Unresolvable, match="filter"):
        load(tmp_path, TEMPLATE_OF_EVENTS.replace('{"eventName":["INSERT"]}', pattern))


def test_tables_are_protected_by_default() -> None:
    """Losing the stack does not lose the users: protection, recovery, encryption, and tables that stay."""
    stack = load_stack()
    for logical_id in stack.of_type("AWS::DynamoDB::Table"):
        properties = stack.properties(logical_id)
        assert properties["DeletionProtectionEnabled"] is True
        assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert properties["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
        assert stack.template["Resources"][logical_id]["UpdateReplacePolicy"] == "Retain"


def test_the_key_set_rotates_and_begins_without_keys(deployment: Deployment) -> None:
    """The rotation function makes the first key; no key is in the template."""
    rotated = {secret.name: secret.rotated_by for secret in deployment.secrets}
    assert rotated == {"keyfob/KeySet": "rotate_keys", "keyfob/PublicKeys": None, "keyfob/OAuthProviders": None}
    beginnings = [json.loads(secret.beginning) for secret in deployment.secrets]
    assert [{**beginning, "initial": ""} for beginning in beginnings] == [
        {"signing": [], "refresh": [], "initial": ""},
        {"keys": [], "initial": ""},
        {"providers": {}, "initial": ""},
    ]


def test_every_gateway_response_can_be_parsed_by_every_contract(deployment: Deployment) -> None:
    """The gateway's own errors carry the keys of each contract's error shape, and tell their true status."""
    for response in deployment.gateway_responses.values():
        body = _body(response.templates["application/json"])
        assert {"type", "title", "status", "detail", "status_code", "success", "error", "request_id"} == body.keys()
        assert body["status"] == body["status_code"] == response.status
        assert body["success"] is False
        assert body["error"] == body["detail"]
        assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("DEFAULT_4XX", HTTPStatus.BAD_REQUEST),
        ("DEFAULT_5XX", HTTPStatus.INTERNAL_SERVER_ERROR),
        ("MISSING_AUTHENTICATION_TOKEN", HTTPStatus.NOT_FOUND),
        ("REQUEST_TOO_LARGE", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("UNSUPPORTED_MEDIA_TYPE", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    ],
)
def test_a_gateway_response_has_the_status_of_its_error(deployment: Deployment, kind: str, status: int) -> None:
    """An unknown path is 404 even where the gateway itself would say 403."""
    assert deployment.gateway_responses[kind].status == status


@pytest.mark.parametrize("kind", ["THROTTLED", "QUOTA_EXCEEDED", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT"])
def test_what_may_succeed_later_says_when(deployment: Deployment, kind: str) -> None:
    """A client that is to come back is told when, and a script of another origin may read it."""
    headers = deployment.gateway_responses[kind].headers
    assert int(headers["Retry-After"]) > 0
    assert headers["Access-Control-Expose-Headers"] == "Retry-After"


def test_access_logs_hold_no_part_of_the_request_that_may_carry_a_token() -> None:
    """Neither header, query string nor path as sent is logged."""
    stack = load_stack({"AccessLogs": "true"})
    formats = {
        stack.properties(stage)["AccessLogSetting"]["Format"] for stage in stack.of_type("AWS::ApiGateway::Stage")
    }
    (line,) = formats
    assert not {"$context.path", "$context.authorizer", "$context.identity.userAgent"} & set(line.split('"'))
    assert "queryString" not in line


def test_tracing_and_access_logs_cover_every_stage_when_asked() -> None:
    """One parameter switches each on for the whole API, and neither is on by default."""
    asked, default = load_stack({"AccessLogs": "true", "Tracing": "Active"}), load_stack()
    for stage in asked.of_type("AWS::ApiGateway::Stage"):
        assert asked.properties(stage)["TracingEnabled"] is True
        assert "AccessLogSetting" in asked.properties(stage)
        assert default.properties(stage)["TracingEnabled"] is False
        assert "AccessLogSetting" not in default.properties(stage)


def test_another_template_can_be_read(tmp_path: Path) -> None:
    """The path of the template is an argument, and code is found beside it."""
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_deployment(path=path).functions["me"].code_dir == tmp_path / "functions" / "me"


def _body(template: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(template.replace("$context.error.messageString", '"text"'))
    return body
