"""Where links lead: to the contract at the place where it was called, or where the deployment wants them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from keyfob.contracts import contract_named
from keyfob.gateway.links import link
from keyfob.gateway.request import request_from

from local.gateway import rest_event
from local.outbox import find_links
from local.server import Application, serving
from tests.contracts.email_behaviour import text_of, token_in
from tests.house import House, running_house, unique
from tests.speakers import CONTRACTS, speaker

EXECUTE_API = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
DOMAIN = "auth.example.com"
NOTHING: Mapping[str, str] = {}
PATHS = {"verify_email": "verify-email/{token}", "reset_password_page": "reset-password/page"}

FORGED_HOSTS = (
    "evil.example",
    f"{DOMAIN}.evil.example",
    f"evil.example:{DOMAIN}",
    f"evil.example/{DOMAIN}",
    f"evil.example#{DOMAIN}",
    f"{DOMAIN}@evil.example",
    "",
)

ENDPOINTS = pytest.mark.parametrize("endpoint", PATHS)
EVERY_CONTRACT = pytest.mark.parametrize("contract", CONTRACTS)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A deployment that says where one of its contracts is for its clients."""
    with running_house({"BaseUrls": "reference=https://api.example.org/v2/"}) as running:
        yield running


def event_at(
    house: House, contract: str, endpoint: str, *, domain: str, mount: str = "", body: bytes = b""
) -> dict[str, Any]:
    """Return the event of a call that API Gateway has got at `domain`, where the contract is below `mount`."""
    spoken = contract_named(contract)
    operation = spoken.operations[endpoint]
    path = spoken.base_path + operation.path.format(token="none")
    headers = {"Host": domain, "Content-Type": "application/json"}
    event = rest_event(
        house.deployment, contract, operation.methods[0], path, headers=tuple(headers.items()), body=body
    )
    event["requestContext"] |= {"domainName": domain, "path": f"{mount}{path}"}
    return event


def link_of(contract: str, endpoint: str, event: Mapping[str, Any], base_urls: Mapping[str, str] = NOTHING) -> str:
    """Return the link to an endpoint in a mail that this call asks for."""
    return link(endpoint, request_from(event), contract_named(contract), base_urls)


def path_of(contract: str, endpoint: str) -> str:
    """Return where the link to an endpoint leads, below the place of the contract."""
    slash = "/" if contract == "igny8" else ""
    return f"{contract_named(contract).base_path}/{PATHS[endpoint]}{slash}"


@ENDPOINTS
@EVERY_CONTRACT
def test_a_link_has_the_stage_at_the_apis_own_domain(house: House, contract: str, endpoint: str) -> None:
    """At the execute-api domain, every path begins with the stage."""
    event = event_at(house, contract, "register", domain=EXECUTE_API, mount=f"/{contract}")
    assert link_of(contract, endpoint, event) == f"https://{EXECUTE_API}/{contract}{path_of(contract, endpoint)}"


@ENDPOINTS
@EVERY_CONTRACT
def test_a_link_has_no_stage_at_a_custom_domain(house: House, contract: str, endpoint: str) -> None:
    """A custom domain that is mapped to one stage serves the documented paths exactly."""
    event = event_at(house, contract, "register", domain=DOMAIN)
    assert link_of(contract, endpoint, event) == f"https://{DOMAIN}{path_of(contract, endpoint)}"


@EVERY_CONTRACT
def test_a_link_keeps_the_base_path_of_a_custom_domain(house: House, contract: str) -> None:
    """Where a domain maps a base path to a stage, API Gateway leaves it in the event's `path` as well."""
    event = event_at(house, contract, "register", domain=DOMAIN, mount="/accounts")
    event["path"] = event["requestContext"]["path"]
    expected = f"https://{DOMAIN}/accounts{path_of(contract, 'verify_email')}"
    assert link_of(contract, "verify_email", event) == expected


@EVERY_CONTRACT
def test_a_link_can_be_made_where_a_path_has_parameters(house: House, contract: str) -> None:
    """A parameter in the path of the call is no part of the place."""
    event = event_at(house, contract, "verify_email", domain=EXECUTE_API, mount=f"/{contract}")
    expected = f"https://{EXECUTE_API}/{contract}{path_of(contract, 'verify_email')}"
    assert link_of(contract, "verify_email", event) == expected


@ENDPOINTS
def test_the_setting_goes_before_the_place(house: House, endpoint: str) -> None:
    """`BaseUrls` says where a contract is for its clients; the contracts that it leaves out are where they are."""
    base_urls = {"pythonorg": "https://www.example.org/people"}
    for contract, base in (("pythonorg", "https://www.example.org/people"), ("metatag", f"https://{DOMAIN}")):
        event = event_at(house, contract, "register", domain=DOMAIN)
        assert link_of(contract, endpoint, event, base_urls) == f"{base}{path_of(contract, endpoint)}"


@pytest.mark.parametrize("host", FORGED_HOSTS)
def test_a_forged_host_is_in_no_link(house: House, host: str) -> None:
    """What a client calls the host is worth nothing: API Gateway knows the domain."""
    event = event_at(house, "standard", "register", domain=DOMAIN)
    event["headers"] |= {"Host": host, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert link_of("standard", "verify_email", event) == f"https://{DOMAIN}/api/v1/auth/verify-email/{{token}}"


@pytest.mark.parametrize("port", ["@evil.example", "1@evil.example", "80/x", "", "\u0661", "080808"])
def test_what_is_no_port_is_in_no_link(house: House, port: str) -> None:
    """After the right domain comes a port or nothing: anything else could make another host of it."""
    event = event_at(house, "standard", "register", domain=DOMAIN)
    event["headers"]["Host"] = f"{DOMAIN}:{port}"
    assert link_of("standard", "verify_email", event) == f"https://{DOMAIN}/api/v1/auth/verify-email/{{token}}"


@EVERY_CONTRACT
def test_mail_leads_to_where_it_was_asked_for(house: House, contract: str) -> None:
    """Of one user's mails, each leads to the place of the call that caused it, or to the one that `BaseUrls` names."""
    client = speaker(contract, house)
    _, email = client.registered()
    places = {"send_verification": (DOMAIN, ""), "forgot_password": (EXECUTE_API, f"/{contract}")}
    for endpoint, (domain, mount) in places.items():
        body = json.dumps({"email": email}).encode()
        event = event_at(house, contract, endpoint, domain=domain, mount=mount, body=body)
        event["headers"]["Host"] = "evil.example"
        assert house.runtime.invoke(endpoint, event)["statusCode"] == 200
    bases = [f"https://{domain}{mount}" for domain, mount in places.values()]
    if contract == "reference":
        bases = ["https://api.example.org/v2"] * 2
    assert sorted(map(without_token, links_to(house, email)[-2:])) == sorted(
        [
            bases[0] + path_of(contract, "verify_email").replace("{token}", "TOKEN"),
            bases[1] + path_of(contract, "reset_password_page") + "?token=TOKEN",
        ]
    )


def test_on_the_laptop_a_link_has_the_port(house: House) -> None:
    """A link works as it is in a browser on the same machine, at the root and below a stage."""
    with serving(Application(house.deployment, house.runtime.invoke, "pythonorg")) as url:
        for contract, base in (("pythonorg", url), ("igny8", f"{url}/igny8")):
            username = unique()
            email = f"{username}@example.com"
            body = speaker(contract, house).register_body(username, email)
            assert httpx.post(f"{base}{contract_named(contract).base_path}/register", json=body).status_code == 201
            (address,) = links_to(house, email)
            assert without_token(address) == base + path_of(contract, "verify_email").replace("{token}", "TOKEN")
            assert httpx.get(address).status_code == 200
            user = house.users.find(email)
            assert user is not None
            assert user.email_verified


def links_to(house: House, email: str) -> list[str]:
    """Return every link that an address has got by mail, oldest first."""
    return [each for mail in house.mail_to(email) for each in find_links(text_of(mail))]


def without_token(url: str) -> str:
    """Return a link with its token left out."""
    return url.replace(token_in(url), "TOKEN")
