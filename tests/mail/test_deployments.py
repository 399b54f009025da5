"""Mail in deployments with settings of their own."""

from local.outbox import sent
from tests.house import running_house
from tests.mail.queue import body, event, failed
from tests.mail.signing_in import FIREFOX, SAFARI, registered, sign_in
from tests.mail.smtp_server import HOST, mail_server


def test_a_deployment_without_a_sender_keeps_requests() -> None:
    """Without `MailFrom` every message is reported, so that it waits in the dead-letter queue."""
    with running_house({"MailFrom": ""}) as house:
        answer = house.runtime.invoke("mailer", event(body("a@example.com"), body("b@example.com")))
        assert failed(answer) == ["m0", "m1"]
        assert sent() == []


def test_a_deployment_with_a_mail_server_uses_that() -> None:
    """With `MailUrl` mail goes to the mail server, and not to SES."""
    with mail_server() as server, running_house({"MailUrl": f"smtp://{HOST}:{server.port}"}) as house:
        assert failed(house.runtime.invoke("mailer", event(body("ada@example.com")))) == []
        assert sent() == []
    ((_, recipients, _),) = server.received.mails
    assert recipients == ["ada@example.com"]


def test_the_setting_switches_notices_of_sign_ins_off() -> None:
    """With `NotifySignIns` false devices are noted and no such mail is sent."""
    with running_house({"NotifySignIns": "false", "SendVerificationOnRegister": "false"}) as house:
        caller, email = registered(house)
        for user_agent in (FIREFOX, SAFARI):
            sign_in(caller, email, user_agent)
        house.deliver()
        assert house.mail_to(email) == []
        (item,) = [item for item in house.items("OneTimeTable") if item["pk"]["S"].startswith("DEVICES#")]
        assert len([name for name in item if name.startswith("device_")]) == 2


def test_a_german_deployment_writes_german() -> None:
    """`Language` is the language of mail."""
    with running_house({"Language": "de", "ProductName": "Eckladen"}) as house:
        house.runtime.invoke("mailer", event(body("ada@example.com")))
        (mail,) = sent()
        assert mail["Subject"] == "Ihr Konto bei Eckladen wurde gelöscht"
