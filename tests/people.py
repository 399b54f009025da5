"""API keys of people who are signed in on our own contract, and what other APIs are told of them."""

from typing import Any

from tests.contracts.administration_behaviour import AdministrationBehaviour
from tests.contracts.members_behaviour import Person

METHOD_ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders"


def key_of(talk: AdministrationBehaviour, person: Person, *scopes: str) -> dict[str, Any]:
    """Return the credential of a new API key of somebody, with these scopes."""
    reply = talk.client.call("create_key", {"scopes": scopes}, **person.entry.credential)
    assert reply.status == 201, reply.text
    return {"token": reply.json["api_key"]}


def context_of(talk: AdministrationBehaviour, person: Person) -> dict[str, str]:
    """Return the context that the authorizer gives other APIs for somebody's access token."""
    token = f"Bearer {person.entry.credential['token']}"
    event = {"type": "TOKEN", "authorizationToken": token, "methodArn": METHOD_ARN}
    context: dict[str, str] = talk.house.runtime.invoke("authorizer", event)["context"]
    return context
