"""What the mailer does with a request: who gets mail, and that it is sent once."""

import json
import logging
from dataclasses import asdict, replace

import pytest
from keyfob.crypto.opaque import Opaque, read_opaque
from keyfob.crypto.random import new_id, new_secret
from keyfob.errors import InvalidOneTimeToken, Unavailable
from keyfob.mail.queue import request_from
from keyfob.model.mail import MailRequest
from keyfob.model.membership import Invitation
from keyfob.model.permission import Permissions
from keyfob.model.user import PersonName, User
from keyfob.service.email_tokens import new_email_token, stored_email_token
from keyfob.service.invitation_tokens import LIFETIME_SECONDS as INVITATION_SECONDS
from keyfob.service.invitations import Joining, invitation_id
from keyfob.store.email_tokens import EmailTokens
from keyfob.store.mail_claims import LEASE_SECONDS, REMEMBERED_SECONDS, AlreadySent, BeingSent, Claim

from tests.aws_calls import refused, tapped
from tests.fakes import TIME
from tests.mail.post import LINK, Post, asked, link_in, text_of

HOUR = 3600


def token_in(link: str) -> str:
    """Return the token of a link made of `LINK`."""
    before, _, after = LINK.partition("{token}")
    assert link.startswith(before)
    return link.removeprefix(before).removesuffix(after)


# Tokens


def test_a_token_is_found_until_it_expires(post: Post) -> None:
    """A verification token is good for 24 hours, a reset token for one, each for the address it was sent to."""
    user = post.user()
    for tokens, lifetime in ((post.verification, 24 * HOUR), (post.resets, HOUR)):
        token = new_email_token(user, user.email, tokens, TIME)
        stored = stored_email_token(token, tokens, TIME + lifetime - 1)
        assert (stored.user_id, stored.email) == (user.id, user.email)
        with pytest.raises(InvalidOneTimeToken):
            stored_email_token(token, tokens, TIME + lifetime)


def test_a_new_token_voids_the_old(post: Post) -> None:
    """Of the tokens of one kind only a user's last is good; the other kind's stays."""
    user = post.user()
    other = new_email_token(user, user.email, post.resets, TIME)
    old, new = (new_email_token(user, user.email, post.verification, TIME) for _ in range(2))
    with pytest.raises(InvalidOneTimeToken):
        stored_email_token(old, post.verification, TIME)
    assert stored_email_token(new, post.verification, TIME).user_id == user.id
    assert stored_email_token(other, post.resets, TIME).user_id == user.id


def test_no_other_token_is_taken(post: Post) -> None:
    """A token of another kind, with another secret, of nobody, or that is none, is refused."""
    user = post.user()
    token = new_email_token(user, user.email, post.verification, TIME)
    secret = read_opaque(token, ids=1).secret
    others = (
        str(Opaque((user.id,), new_secret())),
        str(Opaque((new_id(),), secret)),
        new_email_token(user, user.email, post.resets, TIME),
        token[:-1],
        f"{token}=",
        f"{token}\n",
        token.upper(),
        "",
        "é" * 64,
        "\ud800",
    )
    for other in others:
        with pytest.raises(InvalidOneTimeToken):
            stored_email_token(other, post.verification, TIME)


def test_no_secret_is_stored(post: Post) -> None:
    """Neither token nor secret is in the table."""
    user = post.user()
    token = new_email_token(user, user.email, post.verification, TIME)
    stored = str(post.dynamodb.scan(TableName=post.one_time)["Items"])
    secret = read_opaque(token, ids=1).secret
    assert token not in stored
    assert secret.hex() not in stored
    assert token[-40:] not in stored


# Who gets mail


@pytest.mark.parametrize("by", ["id", "email"])
def test_who_is_to_verify_gets_a_link_with_a_good_token(post: Post, by: str) -> None:
    """A verification mail goes to the stored address, exactly as written, with a token for it in the link."""
    user = post.user()
    request = asked(user=user) if by == "id" else asked(email=user.email.upper())
    post.mailer.deliver(request, TIME)
    (mail,) = post.sender.sent
    assert mail["To"] == user.email
    assert stored_email_token(token_in(link_in(mail)), post.verification, TIME).email == user.email


def test_who_forgot_the_password_gets_a_link_with_a_good_token(post: Post) -> None:
    """A reset mail is for an address of a user, verified or not, with a token of its own kind."""
    user = post.user()
    post.mailer.deliver(asked("reset_password", email=user.email), TIME)
    (mail,) = post.sender.sent
    assert mail["To"] == user.email
    assert stored_email_token(token_in(link_in(mail)), post.resets, TIME).user_id == user.id
    assert "1 hour" in text_of(mail)


@pytest.mark.parametrize("kind", ["verify_email", "reset_password"])
def test_nobody_gets_no_mail(post: Post, kind: str) -> None:
    """An address of nobody, or of somebody who was deactivated, gets no mail, and nothing is stored."""
    inactive = post.user()
    post.deactivate(inactive)
    for email in ("nobody@example.com", inactive.email):
        post.mailer.deliver(replace(asked(email=email), kind=kind), TIME)  # type: ignore[arg-type]
    assert post.sender.sent == []
    assert post.dynamodb.scan(TableName=post.one_time)["Items"] == []


def test_who_is_verified_is_not_asked_again(post: Post) -> None:
    """An address that is verified gets no verification mail, and a reset mail still."""
    user = post.user()
    post.verify(user)
    post.mailer.deliver(asked(user=user), TIME)
    post.mailer.deliver(asked(email=user.email), TIME)
    assert post.sender.sent == []
    post.mailer.deliver(asked("reset_password", email=user.email), TIME)
    assert len(post.sender.sent) == 1


def test_a_username_is_no_address(post: Post) -> None:
    """A request without an address is a fault, not a mail to somebody."""
    with pytest.raises(ValueError, match="has none"):
        post.mailer.deliver(asked("reset_password", user=post.user()), TIME)
    with pytest.raises(ValueError, match="has none"):
        post.mailer.deliver(asked("email_changed"), TIME)


@pytest.mark.parametrize("kind", ["password_changed", "new_sign_in", "api_key_created"])
def test_a_notice_goes_to_its_user(post: Post, kind: str) -> None:
    """A notice to a user goes to the stored address, and to nobody once the user is gone."""
    user = post.user()
    facts = {"user_agent": "curl/8.5.0", "ip": "203.0.113.7", "secret": "not told"}
    notice = replace(asked(user=user), kind=kind, facts=facts)  # type: ignore[arg-type]
    post.mailer.deliver(notice, TIME + HOUR)
    post.mailer.deliver(replace(notice, id=new_id(), user_id=new_id()), TIME + HOUR)
    (mail,) = post.sender.sent
    assert mail["To"] == user.email
    text = text_of(mail)
    assert "2030-03-17 17:46 UTC" in text
    assert "curl" in text
    assert "203.0.113.7" in text
    assert "not told" not in text


def invitation(inviter: User, email: str, at: int = TIME) -> Invitation:
    """Return an invitation to a user's account that is not stored yet."""
    return Invitation(
        id=invitation_id(inviter.account.id, email),
        account=inviter.account,
        email=email,
        role="editor",
        invited_by=inviter.id,
        created_at=at,
        expires_at=at + INVITATION_SECONDS,
    )


def inviting(post: Post, inviter: User, email: str) -> MailRequest:
    """Store an invitation, and return the request for the mail about it."""
    stored = invitation(inviter, email)
    post.invitations.put(stored)
    facts = {"account_id": stored.account.id, "invitation_id": stored.id}
    return replace(asked("invitation", email=email), facts=facts)


def verified(post: Post, user: User) -> User:
    """Return a user once it has proven its address."""
    post.users.verify_email(user, user.email, along_with=[])
    return replace(user, email_verified=True)


@pytest.mark.parametrize("email", ["ceo@bank.example", "www.evil.example/login?x=1@a.example"])
def test_nobody_is_invited_in_the_name_of_another(email: str, post: Post) -> None:
    """An inviter whose address is not verified, or looks like a link, is not named."""
    inviter = post.user(email)
    if "/" in email:
        inviter = verified(post, inviter)
    post.mailer.deliver(inviting(post, inviter, "guest@example.com"), TIME)
    text = text_of(post.sender.sent[-1])
    assert email not in text
    assert "You are invited to the account" in text


def test_an_invitation_goes_to_whoever_has_the_address(post: Post) -> None:
    """It has a link with a good token, whether or not the address is a user's, and names an inviter who is verified."""
    inviter, joining = verified(post, post.user()), Joining(post.users, post.invitations, Permissions())
    for email in ("nobody@example.com", post.user().email):
        request = inviting(post, inviter, email)
        post.mailer.deliver(request, TIME)
        mail = post.sender.sent[-1]
        assert mail["To"] == email
        assert inviter.email in text_of(mail)
        assert "7 days" in text_of(mail)
        assert joining.check(token_in(link_in(mail)), TIME + INVITATION_SECONDS - 1).email == email
        with pytest.raises(InvalidOneTimeToken):
            joining.check(token_in(link_in(mail)), TIME + INVITATION_SECONDS)
    post.mailing(invitation_page="https://app.example.com/join").deliver(inviting(post, inviter, "a@b.example"), TIME)
    assert post.links()[-1].startswith("https://app.example.com/join?token=")


def test_an_invitation_that_is_over_is_not_sent(post: Post) -> None:
    """Revoked, expired, or of somebody who is gone: nobody is invited by a mail that was late."""
    inviter = post.user()
    request = inviting(post, inviter, "guest@example.com")
    post.mailer.deliver(request, TIME + INVITATION_SECONDS)
    post.invitations.revoke(request.facts["account_id"], request.facts["invitation_id"])
    post.mailer.deliver(request, TIME)
    post.invitations.put(invitation(inviter, "guest@example.com"))
    post.users.delete(inviter)
    post.mailer.deliver(request, TIME)
    assert post.sender.sent == []


def test_an_invitation_that_is_delivered_twice_stays_good(post: Post) -> None:
    """The second delivery makes no other token; that of a later request voids it."""
    inviter, joining = post.user(), Joining(post.users, post.invitations, Permissions())
    request = inviting(post, inviter, "guest@example.com")
    for _ in range(2):
        post.mailer.deliver(request, TIME)
    (first,) = post.links()
    assert joining.check(token_in(first), TIME).invited_by == inviter.id
    post.mailer.deliver(replace(request, id=new_id()), TIME)
    with pytest.raises(InvalidOneTimeToken):
        joining.check(token_in(first), TIME)
    assert joining.check(token_in(post.links()[-1]), TIME).invited_by == inviter.id


def test_no_secret_of_an_invitation_is_stored(post: Post) -> None:
    """Neither token nor secret is in the table."""
    post.mailer.deliver(inviting(post, post.user(), "guest@example.com"), TIME)
    token = token_in(post.links()[0])
    stored = str(post.dynamodb.scan(TableName=post.users._table.name)["Items"])
    secret = read_opaque(token, ids=2).secret
    assert not [each for each in (token, token[-40:], secret.hex()) if each in stored]


def test_what_a_user_calls_itself_is_not_mailed_to_others(post: Post) -> None:
    """Whoever invites tells its address and no name or text of its choice; the one link is the mail's own."""
    inviter = post.user(email="Grace.Hopper@example.org")
    name = PersonName.from_full("Claim your prize at https://evil.example/ <a href='https://evil.example'>now</a>")
    post.users.change_profile(inviter, replace(inviter, name=name, username="evil.example"))
    post.mailer.deliver(inviting(post, inviter, "guest@example.com"), TIME)
    (mail,) = post.sender.sent
    html = mail.get_body(("html",))
    assert html is not None
    for text in (str(mail["Subject"]), text_of(mail), str(html.get_content())):
        assert "evil" not in text
        assert "prize" not in text
    assert link_in(mail).startswith("https://auth.example.com/")


def test_a_new_key_is_told_without_what_its_maker_wrote(post: Post) -> None:
    """The notice of a new API key has no link, whatever calls itself what."""
    facts = {"user_agent": "https://evil.example/<a href='//evil.example'>", "ip": "203.0.113.7", "name": "evil"}
    post.mailer.deliver(replace(asked("api_key_created", user=post.user()), facts=facts), TIME)
    (mail,) = post.sender.sent
    html = mail.get_body(("html",))
    assert html is not None
    for text in (text_of(mail), str(html.get_content())):
        assert "203.0.113.7" in text
        assert "evil" not in text
        assert "href" not in text


@pytest.mark.parametrize("kind", ["email_changed", "account_deleted"])
def test_a_notice_to_an_address_goes_there(post: Post, kind: str) -> None:
    """What concerns an address that is nobody's any more goes to that address."""
    post.mailer.deliver(replace(asked(email="Old@Example.com"), kind=kind), TIME)  # type: ignore[arg-type]
    (mail,) = post.sender.sent
    assert mail["To"] == "Old@Example.com"


def test_links_lead_to_the_deployments_own_pages(post: Post) -> None:
    """A page of the deployment's own takes the place of the link, with the token as a parameter or where it says."""
    user = post.user()
    pages = {
        "https://app.example.com/verify": "https://app.example.com/verify?token=",
        "https://app.example.com/?page=verify": "https://app.example.com/?page=verify&token=",
        "https://app.example.com/#/verify/{token}": "https://app.example.com/#/verify/",
    }
    for page, start in pages.items():
        post.mailing(verify_page=page).deliver(asked(user=user), TIME)
        link = post.links().pop()
        assert link.startswith(start)
        assert stored_email_token(link.removeprefix(start), post.verification, TIME)
    post.mailing(reset_page="https://app.example.com/reset").deliver(asked("reset_password", email=user.email), TIME)
    assert post.links().pop().startswith("https://app.example.com/reset?token=")


# Registering, which queues the mail before it stores the user


def test_a_mail_that_overtakes_its_user_waits_a_moment(post: Post) -> None:
    """A user who is stored while the mailer waits gets the mail at the first delivery."""
    user = post.user()
    deleted = [user]

    def store_again(seconds: float) -> None:
        assert 0 < seconds <= 2
        post.users.create(deleted.pop())

    post.users.delete(user)
    replace(post.mailer, wait=store_again).deliver(asked(user=user), TIME + 1)
    assert [mail["To"] for mail in post.sender.sent] == [user.email]


def test_a_mail_of_a_user_who_is_not_there_yet_is_tried_again_and_given_up(post: Post) -> None:
    """It fails, so that it comes again, without waiting each time; after ten minutes nobody is going to register."""
    user = post.user()
    post.users.delete(user)
    request = asked(user=user)
    for later in (0, 180, 540, 599):
        with pytest.raises(Unavailable, match="not stored yet"):
            post.mailer.deliver(request, TIME + later)
    assert len(post.waits) == 1
    post.mailer.deliver(request, TIME + 600)
    assert post.sender.sent == []


# Once


def test_a_message_delivered_twice_sends_once(post: Post) -> None:
    """The second delivery sends nothing, leaves the token good, and does not fail; nor does one weeks later."""
    request = asked(user=post.user())
    for time in (TIME, TIME + 1, TIME + 14 * 24 * HOUR):
        post.mailer.deliver(request, time)
    (link,) = post.links()
    assert stored_email_token(token_in(link), post.verification, TIME)


def test_two_requests_are_two_mails(post: Post) -> None:
    """Whoever asks again gets another mail."""
    user = post.user()
    for _ in range(2):
        post.mailer.deliver(asked(user=user), TIME)
    assert len(set(post.links())) == 2


def test_an_outage_loses_nothing(post: Post) -> None:
    """While mail cannot be sent the request fails, at once again too; afterwards it is sent, with a good token."""
    request = asked(user=post.user())
    post.sender.go_down()
    for time in (TIME, TIME, TIME + 180):
        with pytest.raises(Unavailable, match="SES is down"):
            post.mailer.deliver(request, time)
    post.sender.come_up()
    post.mailer.deliver(request, TIME + 360)
    (link,) = post.links()
    assert stored_email_token(token_in(link), post.verification, TIME + 360)


def test_a_refusal_for_good_is_raised_as_it_is(post: Post) -> None:
    """What the sender raises is not hidden, and the mail can be tried again by hand."""
    request = asked(user=post.user())
    post.sender.failure = RuntimeError("no such mailbox")
    with pytest.raises(RuntimeError, match="no such mailbox"):
        post.mailer.deliver(request, TIME)
    post.sender.come_up()
    post.mailer.deliver(request, TIME)
    assert len(post.sender.sent) == 1


def test_a_mailer_that_died_is_followed_by_another(post: Post) -> None:
    """A claim whose holder died stops others until its lease ends, and no longer; the dead one changes nothing more."""
    request = asked(user=post.user())
    dead = Claim(request.id, new_id())
    post.claims.take(dead, TIME)
    with pytest.raises(Unavailable, match="by another"):
        post.mailer.deliver(request, TIME + LEASE_SECONDS - 1)
    post.mailer.deliver(request, TIME + LEASE_SECONDS)
    assert len(post.sender.sent) == 1
    post.claims.give_back(dead)
    with pytest.raises(AlreadySent):
        post.claims.take(dead._replace(holder=new_id()), TIME + 2 * LEASE_SECONDS)


def test_a_claim_is_one_holders(post: Post) -> None:
    """Who has taken over a claim keeps it, whatever the first holder does when it wakes up."""
    first, second, third = (Claim("request", new_id()) for _ in range(3))
    post.claims.take(first, TIME)
    post.claims.take(first, TIME)
    post.claims.take(second, TIME + LEASE_SECONDS)
    post.claims.give_back(first)
    post.claims.sent(first, TIME + LEASE_SECONDS)
    with pytest.raises(BeingSent):
        post.claims.take(third, TIME + LEASE_SECONDS + 1)
    post.claims.give_back(second)
    post.claims.take(third, TIME + LEASE_SECONDS + 1)


def test_what_was_sent_is_forgotten_at_last(post: Post) -> None:
    """A claim says when DynamoDB may delete it, after the longest life of a message."""
    claim = Claim("request", new_id())
    post.claims.take(claim, TIME)
    post.claims.sent(claim, TIME)
    (item,) = post.dynamodb.scan(TableName=post.one_time)["Items"]
    assert item["expires_at"] == {"N": str(TIME + REMEMBERED_SECONDS)}
    assert REMEMBERED_SECONDS > (14 + 4) * 24 * HOUR
    post.claims.take(Claim("request", new_id()), TIME + REMEMBERED_SECONDS)


def test_a_mail_that_was_sent_stays_sent_when_that_cannot_be_noted() -> None:
    """A failure after the sending does not fail the request, which would send it again."""
    from moto import mock_aws

    from tests.mail.post import open_post

    with tapped() as calls, mock_aws(), open_post() as post:
        from keyfob.store.client import dynamodb_client
        from keyfob.store.mail_claims import MailClaims

        mailer = replace(post.mailer, claims=MailClaims(dynamodb_client(), post.one_time))
        request = asked(user=post.user())
        with calls.disturbed("dynamodb.UpdateItem", refused(500, "InternalServerError")):
            mailer.deliver(request, TIME)
        with calls.disturbed("dynamodb.DeleteItem", refused(500, "InternalServerError")):
            post.sender.go_down()
            with pytest.raises(Unavailable, match="SES is down"):
                mailer.deliver(asked(user=post.user()), TIME)
        assert len(post.sender.sent) == 1


def test_without_a_sender_mail_waits(post: Post) -> None:
    """A deployment that is not set up for mail fails each request, says why, and makes no token."""
    with pytest.raises(Unavailable, match="MAIL_FROM is not set"):
        post.mailing(mail_from="").deliver(asked(user=post.user()), TIME)
    assert post.dynamodb.scan(TableName=post.one_time)["Items"] == []


def test_what_is_logged_has_neither_link_nor_address(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """The log has a request's kind and id, and nothing that a reader of logs could use."""
    caplog.set_level(logging.DEBUG, "keyfob")
    user = post.user()
    post.mailer.deliver(asked(user=user), TIME)
    post.mailer.deliver(asked(email="nobody@example.com"), TIME)
    (link,) = post.links()
    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert "mail_sent" in logged
    assert "mail_for_nobody" in logged
    for private in (token_in(link), user.email, "nobody@example.com"):
        assert private not in logged


# The queue's messages


def test_a_request_survives_the_queue() -> None:
    """What is read from a message is what was put into it."""
    request = replace(asked(email="ada@example.com"), facts={"device": "curl"})
    assert request_from(json.dumps(asdict(request))) == request


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "spam"},
        {"kind": []},
        {"id": 1},
        {"user_id": 7},
        {"email": None},
        {"email": ["ada@example.com"]},
        {"link": None},
        {"requested_at": "now"},
        {"requested_at": True},
        {"facts": []},
        {"facts": {"device": {}}},
        {"more": "than we know"},
    ],
)
def test_what_is_no_request_is_refused(change: dict[str, object]) -> None:
    """A message with a field that is missing, unknown or of another type is not acted upon."""
    with pytest.raises(ValueError, match="not a request for mail"):
        request_from(json.dumps({**asdict(asked(email="ada@example.com")), **change}))


@pytest.mark.parametrize("body", ["", "{", "[]", "1", "null", '"text"', "{}"])
def test_what_is_no_object_is_refused(body: str) -> None:
    """Neither is one that is no JSON object."""
    with pytest.raises(ValueError, match=r"."):
        request_from(body)


def test_kinds_of_tokens_keep_apart(post: Post) -> None:
    """The stores that the mailer uses are of the kinds that the endpoints read."""
    kinds = {name: mail.tokens.kind for name, mail in post.mailer.token_mails.items()}
    assert kinds == {"verify_email": "VERIFY", "reset_password": "RESET"}
    assert isinstance(post.verification, EmailTokens)


def test_a_request_holds_no_secret() -> None:
    """What waits in the queue has no field for a token: the mailer makes it when it sends."""
    assert not [name for name in MailRequest.__dataclass_fields__ if "token" in name or "secret" in name]
