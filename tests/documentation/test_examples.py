"""The examples in the documents: each is one that the service would take, or give."""

import pytest
from keyfob.contracts import contract_named
from keyfob.contracts.reading import fields_of, read
from keyfob.documentation.examples import VALUES, body_example

from tests.documentation.documents import complaints, examples, json_contents, operations
from tests.speakers import CONTRACTS

EVERY_CONTRACT = pytest.mark.parametrize("contract", CONTRACTS)


@EVERY_CONTRACT
def test_every_example_of_a_body_is_read(contract: str) -> None:
    """The contract's own rules take each example, so whoever sends one as it is gets no complaint about it."""
    for name, operation in contract_named(contract).operations.items():
        if operation.body:
            model: type = operation.body
            example = body_example(model)
            read(model, example)
            assert example.keys() <= {field.name for field in fields_of(model)}, name


@EVERY_CONTRACT
def test_every_example_fits_its_schema(contract: str) -> None:
    """Bodies, replies and failures are as their schemas say."""
    found = 0
    for each in operations(contract):
        for content in json_contents(each.operation):
            for example in examples(content):
                found += 1
                assert complaints(contract, content["schema"], example) == [], each.name
    assert found > 100


@EVERY_CONTRACT
def test_every_id_in_a_path_has_the_contracts_form(contract: str) -> None:
    """Whoever tries an operation as it stands asks for what might exist, and not for what is no id at all."""
    spoken = contract_named(contract)
    readers = {"user_id": spoken.user_ref, "key_id": spoken.key_id}
    parameters = [each for one in operations(contract) for each in one.operation["parameters"] if each["in"] == "path"]
    ids = {each["name"]: each["example"] for each in parameters if each["name"] in readers}
    assert ids.keys() == readers.keys()
    for name, example in ids.items():
        readers[name](example)


@EVERY_CONTRACT
def test_every_body_and_reply_has_an_example(contract: str) -> None:
    """Nobody has to make one up to try an operation."""
    for each in operations(contract):
        if each.name in contract_named(contract).operations:
            assert all(list(examples(content)) for content in json_contents(each.operation)), each.name


def test_no_example_is_a_secret_of_a_real_form() -> None:
    """Scanners of repositories and documents find no key that looks alive."""
    assert {VALUES["api_key"], VALUES["apiKey"]} == {"sk_live_EXAMPLE"}
