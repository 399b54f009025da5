"""Each contract over HTTP, as `sam local start-api` serves it."""

import pytest

from tests.contracts.behaviour import Behaviour
from tests.house import House
from tests.sam.conftest import Containers
from tests.speakers import CONTRACTS


@pytest.mark.parametrize("contract", CONTRACTS)
def test_signs_in_and_out(containers: Containers, house: House, contract: str) -> None:
    """Who registers logs in, is shown, refreshes and logs out; a wrong password, and what has ended, are refused."""
    with containers.serving(house, contract) as talk:
        username, email = talk.registered()
        wrong = talk.client.call("login", talk.login_body(email, "wrong-password"))
        assert (wrong.status, talk.error(wrong)) == (401, talk.bad_login)
        login = talk.logged_in(email)
        talk.check_user(talk.me(talk.access_token(login)).json, username, email)
        _refresh_and_log_out(talk, talk.access_token(login), talk.refresh_token(login))
        nothing = talk.client.send("GET", f"{talk.spec.base_path}/nothing")
        assert (nothing.status, talk.error(nothing)) == (404, "Resource not found")


def _refresh_and_log_out(talk: Behaviour, access: str, refresh: str) -> None:
    refreshed = talk.client.call("refresh", talk.refresh_body(refresh))
    assert refreshed.status == 200
    successor = talk.refreshed_token(refreshed, refresh)
    assert talk.me(access).status == 200
    assert talk.client.call("logout", talk.refresh_body(successor), token=access).status == 200
    assert talk.me(access).status == 401
    assert talk.client.call("refresh", talk.refresh_body(successor)).status == 401


def test_a_method_goes_to_its_own_function(containers: Containers, house: House) -> None:
    """Paths that several functions share lead to the one that has the method."""
    with containers.serving(house, "standard") as talk:
        token = talk.access_token(talk.logged_in())
        assert talk.client.call("update_me", {"full_name": "Ada King"}, token=token).json["full_name"] == "Ada King"
        assert talk.me(token).json["full_name"] == "Ada King"
        key = talk.client.call("create_key", {"name": "mine"}, token=token)
        assert key.status == 201
        assert [each["id"] for each in talk.client.call("keys", token=token).json["keys"]] == [key.json["id"]]
        assert talk.client.call("delete_me", token=token).status == 204
        assert talk.me(token).status == 401


def test_serves_pages_and_their_files(containers: Containers, house: House) -> None:
    """The documentation's page, its style, and the document that it shows come through with their types."""
    with containers.serving(house, "standard") as talk:
        answers = [talk.client.send("GET", path) for path in ("/api/docs/", "/api/docs/swagger-ui.css", "/api/schema/")]
    types = [answer.headers["content-type"].partition(";")[0] for answer in answers]
    assert types == ["text/html", "text/css", "application/json"]
