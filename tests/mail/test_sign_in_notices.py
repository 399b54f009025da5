"""Mail about sign-ins from devices that were not seen before."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from keyfob.contracts import contract_named
from keyfob.crypto.random import new_id
from keyfob.errors import Unavailable
from keyfob.model.session import Client, Session
from keyfob.service.sign_in_notices import MOST_IN_AN_HOUR, note_sign_in, telling_nobody
from keyfob.store.devices import MOST, REMEMBERED_SECONDS, Devices

from tests.aws_calls import Calls, refused
from tests.fakes import TIME
from tests.house import House, running_house
from tests.mail.post import Post, text_of
from tests.mail.signing_in import FIREFOX, SAFARI, registered, sign_in

DAY = 24 * 3600
NEWER_FIREFOX = FIREFOX.replace("128.0", "131.0")


@dataclass
class Watch:
    """Notes the sign-ins of one user, and remembers which were told of."""

    devices: Devices
    user_id: str = field(default_factory=new_id)
    told: list[Session] = field(default_factory=list)

    def sign_in(self, user_agent: str = FIREFOX, ip: str = "203.0.113.7", *, at: int = TIME) -> bool:
        """Note a sign-in, and return whether it was told of."""
        before = len(self.told)
        note_sign_in(self.session(user_agent, ip, at=at), devices=self.devices, tell=self.told.append, now=at)
        return len(self.told) > before

    def session(self, user_agent: str = FIREFOX, ip: str = "203.0.113.7", *, at: int = TIME) -> Session:
        """Return a new session of the user."""
        return Session(
            user_id=self.user_id,
            id=new_id(),
            contract="standard",
            epoch=0,
            generation=0,
            created_at=at,
            refreshed_at=at,
            expires_at=at + DAY,
            client=Client(ip, user_agent),
        )


@pytest.fixture
def watch(post: Post) -> Watch:
    """A user who has never signed in."""
    return Watch(Devices(post.dynamodb, post.one_time))


def test_the_first_device_is_no_news(watch: Watch) -> None:
    """Nobody is told of the device that a user registered or first signed in with."""
    assert not watch.sign_in()


def test_a_known_device_is_no_news_and_a_new_one_is_told_of_once(watch: Watch) -> None:
    """A second device is told of at its first sign-in, and neither of them ever after."""
    watch.sign_in()
    assert not watch.sign_in()
    assert watch.sign_in(SAFARI)
    assert not watch.sign_in(SAFARI)
    assert not watch.sign_in(FIREFOX)


def test_an_update_or_another_address_nearby_is_the_same_device(watch: Watch) -> None:
    """Browser versions and addresses within a provider's network change all the time."""
    watch.sign_in(FIREFOX, "203.0.113.7")
    assert not watch.sign_in(NEWER_FIREFOX, "203.0.200.1")
    assert watch.sign_in(FIREFOX, "203.1.113.7")
    watch.sign_in(FIREFOX, "2001:db8:1::1")
    assert not watch.sign_in(FIREFOX, "2001:db8:ffff::1")
    assert watch.sign_in(FIREFOX, "2001:db9::1")


def test_what_is_no_address_is_its_own_network(watch: Watch) -> None:
    """An event without a usable source address, such as a test invocation's, is no fault."""
    watch.sign_in(FIREFOX, "test-invoke-source-ip")
    assert not watch.sign_in(FIREFOX, "test-invoke-source-ip")
    assert watch.sign_in(FIREFOX, "")


def test_users_have_their_own_devices(watch: Watch) -> None:
    """What one user signs in with is new to another, and their items do not show that it is the same."""
    watch.sign_in()
    other = Watch(watch.devices)
    other.sign_in(SAFARI)
    assert other.sign_in(FIREFOX)
    assert not watch.devices.of_user(watch.user_id).keys() & watch.devices.of_user(other.user_id).keys()


def test_a_device_is_forgotten_a_year_after_its_last_use(watch: Watch) -> None:
    """Each use prolongs the year; after it the device is news again."""
    watch.sign_in()
    watch.sign_in(SAFARI)
    later = TIME + REMEMBERED_SECONDS - 1
    assert not watch.sign_in(FIREFOX, at=later)
    assert not watch.sign_in(FIREFOX, at=later + REMEMBERED_SECONDS - 1)
    assert watch.sign_in(SAFARI, at=later + REMEMBERED_SECONDS - 1)


def test_who_was_away_for_more_than_a_year_begins_anew(watch: Watch) -> None:
    """Where no device is remembered, expired items included, there is none to tell apart from."""
    watch.sign_in()
    assert not watch.sign_in(SAFARI, at=TIME + REMEMBERED_SECONDS)


def test_the_devices_of_a_user_are_bounded(watch: Watch, post: Post) -> None:
    """Of more devices than are kept, the one that was unused for longest is forgotten."""
    for number in range(MOST + 1):
        watch.sign_in(f"device{number}/1.0", at=TIME + number * DAY)
    item = post.dynamodb.get_item(TableName=post.one_time, Key={"pk": {"S": f"DEVICES#{watch.user_id}"}})["Item"]
    assert len([name for name in item if name.startswith("device_")]) == MOST
    assert item["expires_at"] == {"N": str(TIME + MOST * DAY + REMEMBERED_SECONDS)}
    assert not watch.sign_in("device1/1.0", at=TIME + MOST * DAY)
    assert watch.sign_in("device0/1.0", at=TIME + (MOST + 1) * DAY)


def test_who_changes_names_does_not_flood_a_mailbox(watch: Watch) -> None:
    """Of many new devices within an hour a few are told of; all are noted, and the next hour's are told of again."""
    told = [watch.sign_in(f"device{number}/1.0") for number in range(20)]
    assert told == [False] + [True] * (MOST_IN_AN_HOUR - 1) + [False] * (20 - MOST_IN_AN_HOUR)
    assert not watch.sign_in("device19/1.0")
    assert watch.sign_in("another/1.0", at=TIME + 3600)


def test_a_use_within_a_day_is_not_written_again(watch: Watch, post: Post) -> None:
    """A known device costs one read, and a write once a day."""
    watch.sign_in()
    before = post.dynamodb.scan(TableName=post.one_time)["Items"]
    watch.sign_in(at=TIME + DAY - 1)
    assert post.dynamodb.scan(TableName=post.one_time)["Items"] == before
    watch.sign_in(at=TIME + DAY)
    assert post.dynamodb.scan(TableName=post.one_time)["Items"] != before


def test_a_session_that_is_over_is_no_news(watch: Watch) -> None:
    """A change that comes so late that its session has expired is left out."""
    watch.sign_in()
    session = watch.session(SAFARI)
    note_sign_in(session, devices=watch.devices, tell=watch.told.append, now=session.expires_at)
    assert watch.told == []


def test_a_failure_to_tell_loses_nothing(watch: Watch) -> None:
    """A device whose mail could not be queued is not noted, so that its record tells of it when it comes again."""
    watch.sign_in()
    session = watch.session(SAFARI)

    def fail(_session: Session) -> None:
        raise Unavailable("SQS is down")

    for _ in range(3):
        with pytest.raises(Unavailable):
            note_sign_in(session, devices=watch.devices, tell=fail, now=TIME)
    note_sign_in(session, devices=watch.devices, tell=watch.told.append, now=TIME)
    assert watch.told == [session]


def test_telling_nobody_notes_devices(watch: Watch) -> None:
    """Where the setting is off devices are noted, so that nobody is told of old ones when it is switched on."""
    watch.sign_in()
    note_sign_in(watch.session(SAFARI), devices=watch.devices, tell=telling_nobody, now=TIME)
    assert not watch.sign_in(SAFARI)


# The function, with stream, queue and mail


@pytest.fixture(scope="module")
def house(calls: Calls) -> Iterator[House]:  # noqa: ARG001 - the clients of this house are tapped
    """A deployment whose calls to AWS are tapped."""
    with running_house({"SendVerificationOnRegister": "false"}) as running:
        yield running


def test_a_sign_in_from_a_new_device_sends_a_mail(house: House) -> None:
    """The mail names device, address and time; signing in from it again sends none."""
    caller, email = registered(house)
    sign_in(caller, email, FIREFOX)
    house.deliver()
    assert house.mail_to(email) == []
    sign_in(caller, email, SAFARI, source_ip="198.51.100.4")
    sign_in(caller, email, SAFARI, source_ip="198.51.100.4")
    house.deliver()
    (mail,) = house.mail_to(email)
    text = text_of(mail)
    for fact in ("Safari on iOS", "198.51.100.4", " UTC"):
        assert fact in text
    assert contract_named("standard").base_path not in text


def test_records_that_come_again_send_one_mail(house: House, calls: Calls) -> None:
    """When the queue takes the mail and noting the device fails, the record comes again and its mail does not."""
    caller, email = registered(house)
    sign_in(caller, email, FIREFOX)
    house.deliver()
    sign_in(caller, email, SAFARI)
    with calls.disturbed("dynamodb.UpdateItem", refused(500, "InternalServerError"), times=3):
        house.deliver()
    house.deliver()
    assert len(house.mail_to(email)) == 1


def test_no_record_overtakes_one_that_fails(house: House, calls: Calls) -> None:
    """While the queue is down nothing is told and nothing is lost."""
    caller, email = registered(house)
    sign_in(caller, email, FIREFOX)
    house.deliver()
    sign_in(caller, email, SAFARI)
    sign_in(caller, email, "curl/8.5.0")
    with calls.disturbed("sqs.SendMessage", refused(503, "ServiceUnavailable")):
        house.deliver()
    house.deliver()
    assert len(house.mail_to(email)) == 2


def test_one_session_makes_one_request(watch: Watch) -> None:
    """A session that is told of twice asks with the same id, which is what the mailer sends once by."""
    from keyfob.model.mail import MailRequest
    from keyfob.service.sign_in_notices import telling_by_mail

    asked: list[MailRequest] = []

    class Queue:
        def send(self, request: MailRequest) -> None:
            asked.append(request)

    tell = telling_by_mail(Queue())  # type: ignore[arg-type]  # a queue at hand
    session = watch.session(SAFARI)
    for _ in range(2):
        tell(session)
    tell(replace(session, id=new_id()))
    assert asked[0] == asked[1]
    assert asked[0].id != asked[2].id
    assert asked[0].requested_at == session.created_at
