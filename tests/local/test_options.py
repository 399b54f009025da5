"""What `make run` takes."""

import pytest

from local.options import InvalidOption, Options

CONTRACTS = ("standard", "metatag")


def test_defaults() -> None:
    """Without options, or with empty ones, `standard` is at the root of port 8000 and nothing is kept."""
    assert Options.of({}, CONTRACTS) == Options("standard", 8000, keeps_data=False)
    assert Options.of({"CONTRACT": "", "PORT": "", "DYNAMODB": ""}, CONTRACTS) == Options.of({}, CONTRACTS)


def test_options_are_read_from_the_environment() -> None:
    """Each can be chosen."""
    environment = {"CONTRACT": "metatag", "PORT": "0", "DYNAMODB": "local"}
    assert Options.of(environment, CONTRACTS) == Options("metatag", 0, keeps_data=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("CONTRACT", "metatags"), ("PORT", "http"), ("PORT", "-1"), ("PORT", "65536"), ("PORT", "٣"), ("DYNAMODB", "aws")],
)
def test_a_value_that_cannot_be_is_named(name: str, value: str) -> None:
    """The error says which option is wrong and what it was."""
    with pytest.raises(InvalidOption, match=f"{name} is '{value}'"):
        Options.of({name: value}, CONTRACTS)
