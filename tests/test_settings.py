"""Settings: what a deployment can set, and where it is told so."""

import inspect
import re
from pathlib import Path

import pytest
import yaml
from keyfob import settings as module
from keyfob.settings import InvalidSetting, Settings

from local.template import load_deployment

ROOT = Path(__file__).parents[1]
NAMES = set(re.findall(r'"([A-Z][A-Z_]{3,})"', inspect.getsource(module)))


def test_the_environment_is_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes in the environment after a function was imported changes nothing."""
    monkeypatch.setenv("USERS_TABLE", "users-before")
    settings = Settings.from_environment()
    monkeypatch.setenv("USERS_TABLE", "users-after")
    assert settings.users_table == "users-before"


@pytest.mark.parametrize(
    "name",
    [
        "users_table",
        "sessions_table",
        "one_time_table",
        "key_set_secret",
        "public_keys_secret",
        "oauth_providers_secret",
        "mail_queue_url",
        "event_bus",
        "issuer",
    ],
)
def test_what_is_required_is_named_when_it_is_missing(name: str) -> None:
    """A deployment without a required setting fails with its name, empty or missing alike."""
    variable = name.upper()
    for environment in ({}, {variable: ""}):
        with pytest.raises(InvalidSetting, match=variable):
            getattr(Settings(environment), name)
    assert getattr(Settings({variable: "here"}), name) == "here"


def test_defaults() -> None:
    """What is not set has the default that its documentation states."""
    settings = Settings({})
    assert settings.allowed_origins == frozenset()
    assert settings.audiences == frozenset()
    assert settings.password_hashing == "owasp"
    assert settings.refresh_grace_seconds == 10
    assert settings.signing_algorithm == "RS256"
    assert settings.authorizer_mode == "strict"
    assert settings.http_api_response == "simple"
    assert settings.allowed_redirects == ()
    assert settings.base_urls == {}
    assert settings.metrics_namespace == ""
    assert not settings.require_verified_email
    assert settings.send_verification_on_register
    assert settings.api_docs
    assert (settings.product_name, settings.language) == ("Keyfob", "en")
    assert (settings.anonymous_attempts, settings.signed_in_attempts, settings.staff_attempts) == (5, 20, 100)
    assert (settings.account_failures, settings.mails_per_address) == (5, 5)


def test_base_urls_are_by_contract() -> None:
    """Each custom domain is told with its contract, with or without a slash at its end."""
    settings = Settings({"BASE_URLS": "standard=https://auth.example.com/, igny8=https://api.example.com/igny8"})
    assert settings.base_urls == {"standard": "https://auth.example.com", "igny8": "https://api.example.com/igny8"}


def test_lists_are_separated_by_commas() -> None:
    """Blanks and empty parts of a list do no harm."""
    settings = Settings({"ALLOWED_ORIGINS": " https://a.example, https://b.example,,"})
    assert settings.allowed_origins == {"https://a.example", "https://b.example"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("refresh_grace_seconds", "ten"),
        ("refresh_grace_seconds", "-1"),
        ("refresh_grace_seconds", "\u0661"),
        ("signing_algorithm", "HS256"),
        ("signing_algorithm", "none"),
        ("authorizer_mode", "lenient"),
        ("http_api_response", "yes"),
        ("allowed_origins", "*"),
        ("allowed_origins", "https://app.example.com/"),
        ("allowed_origins", "https://a.example, app.example.com"),
        ("password_hashing", "md5"),
        ("base_urls", "https://auth.example.com"),
        ("base_urls", "standard=auth.example.com"),
        ("base_urls", "standard=https://auth.example.com/?x"),
        ("require_verified_email", "yes"),
        ("send_verification_on_register", "1"),
        ("language", "xx"),
        ("api_docs", "no"),
        ("anonymous_attempts", "-5"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    """A value that a setting cannot have fails with the setting's name."""
    with pytest.raises(InvalidSetting, match=name.upper()):
        getattr(Settings({name.upper(): value}), name)


def test_the_rotation_schedule_is_in_days() -> None:
    """The schedule is that of Secrets Manager, of which one form is allowed."""
    assert Settings({}).rotation_days == 30
    assert Settings({"ROTATION_SCHEDULE": "rate(1 day)"}).rotation_days == 1
    with pytest.raises(InvalidSetting, match="ROTATION_SCHEDULE"):
        _ = Settings({"ROTATION_SCHEDULE": "cron(0 8 1 * ? *)"}).rotation_days


def test_every_setting_is_set_by_the_template_and_every_variable_is_read() -> None:
    """The functions' environment and the settings name the same variables, Powertools' own aside."""
    functions = load_deployment({"EventBus": "default"}).functions.values()
    variables = {name for function in functions for name in function.environment}
    assert {name for name in variables if not name.startswith("POWERTOOLS_")} == NAMES


def test_every_parameter_and_setting_is_documented() -> None:
    """Their page tells of each template parameter and each environment variable."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    parameters = yaml.safe_load(re.split(r"^(?=Conditions:)", template, flags=re.MULTILINE)[0])["Parameters"]
    missing = [name for name in (*parameters, *NAMES) if f"`{name}`" not in page]
    assert parameters
    assert missing == []
