"""Custom domains: what a parameter for a stage makes, and what follows from it."""

from collections.abc import Mapping

import pytest
from keyfob.contracts import NAMES, contract_named
from keyfob.settings import Settings
from samtranslator.yaml_helper import yaml_parse

from local.intrinsics import Stack
from local.template import TEMPLATE, load_deployment, load_stack

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
ZONE = {"HostedZoneId": "Z1"}
KINDS = ("AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping", "AWS::Route53::RecordSet")

EVERY_CONTRACT = pytest.mark.parametrize("contract", NAMES)


def with_domain(contract: str, **parameters: str) -> dict[str, str]:
    """Return the parameters that give one stage a domain."""
    return {
        f"{contract.capitalize()}Domain": f"{contract}.example.com",
        "CertificateArn": CERTIFICATE,
        **parameters,
    }


def made(stack: Stack) -> dict[str, list[Mapping[str, object]]]:
    """Return the properties of what a stack has for domains, by type."""
    return {kind: [stack.properties(each) for each in stack.of_type(kind)] for kind in KINDS}


def base_urls(parameters: Mapping[str, str]) -> set[tuple[tuple[str, str], ...]]:
    """Return the base URLs that the functions take which take any."""
    functions = load_deployment(parameters).functions.values()
    every = [Settings(function.environment) for function in functions if "BASE_URLS" in function.environment]
    return {tuple(sorted(each.base_urls.items())) for each in every}


def test_no_domain_is_made_by_default() -> None:
    """A deployment without domains has its execute-api URLs, and nothing in the way of them."""
    stack = load_stack()
    assert made(stack) == {kind: [] for kind in KINDS}
    assert base_urls({}) == {()}
    assert "'disableExecuteApiEndpoint': False" in str(stack.properties("Api"))


@EVERY_CONTRACT
def test_a_stage_is_at_the_root_of_its_domain(contract: str) -> None:
    """One parameter makes the domain and maps it to that stage alone, without a base path."""
    found = made(load_stack(with_domain(contract)))
    ((domain,), (mapping,), records) = found.values()
    assert domain["DomainName"] == f"{contract}.example.com"
    assert domain["RegionalCertificateArn"] == CERTIFICATE
    assert domain["SecurityPolicy"] == "TLS_1_2"
    assert mapping["DomainName"] == f"keyfob-{contract.capitalize()}DomainName"
    assert mapping["Stage"] == (
        "keyfob-ApistandardStage" if contract == "standard" else f"keyfob-{contract.capitalize()}Stage"
    )
    assert "BasePath" not in mapping
    assert records == []


@EVERY_CONTRACT
def test_a_record_points_at_it_where_there_is_a_zone(contract: str) -> None:
    """With a hosted zone nothing is left to do by hand."""
    ((record,),) = [made(load_stack(with_domain(contract, **ZONE)))["AWS::Route53::RecordSet"]]
    assert (record["Name"], record["HostedZoneId"]) == (f"{contract}.example.com", "Z1")


@EVERY_CONTRACT
def test_links_follow_the_domain(contract: str) -> None:
    """Each function that makes links knows the domain of the stage; the others are where they are called."""
    assert base_urls(with_domain(contract)) == {((contract, f"https://{contract}.example.com"),)}


def test_what_is_said_of_links_goes_before_the_domain() -> None:
    """`BaseUrls` is for what stands before the domain, and speaks for one stage."""
    parameters = {**with_domain("standard", BaseUrls="standard=https://cdn.example.com/auth"), **with_domain("igny8")}
    assert base_urls(parameters) == {
        (("igny8", "https://igny8.example.com"), ("standard", "https://cdn.example.com/auth"))
    }


@EVERY_CONTRACT
def test_the_outputs_tell_the_domain_and_its_target(contract: str) -> None:
    """Where clients begin is told as they see it, and whoever keeps the DNS is told what to enter."""
    stack = load_stack(with_domain(contract))
    outputs = stack.template["Outputs"]
    base_path = contract_named(contract).base_path
    told = {name: stack.resolve(each["Value"]) for name, each in outputs.items() if name.endswith("Url")}
    assert told.pop(f"{contract.capitalize()}Url") == f"https://{contract}.example.com{base_path}"
    assert all(".execute-api." in url for url in told.values())
    shown = [name for name, each in outputs.items() if "Condition" in each and stack.condition(each["Condition"])]
    assert shown == [f"{contract.capitalize()}DomainTarget"]
    assert load_deployment(with_domain(contract)).stages[contract].base_path == base_path


def test_the_execute_api_can_be_closed() -> None:
    """One parameter leaves the domains alone, and SAM deploys the API for it to count."""
    stack = load_stack(with_domain("standard", DisableExecuteApi="true"))
    assert "'disableExecuteApiEndpoint': True" in str(stack.properties("Api"))
    assert yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"]["Api"]["Properties"]["AlwaysDeploy"] is True
