"""``invitations/page``: where the link in an invitation leads; a form that works in every browser."""

from keyfob.assembly import address_limit, login_gate, permissions
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.contracts.bodies import InvitationForm
from keyfob.contracts.reading import read
from keyfob.crypto.passwords import PasswordHasher
from keyfob.errors import InvalidCredentials, InvalidFields
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.pages import JoiningForm, Pages, complaints_in
from keyfob.gateway.rate_limit import limited
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record, record_failure
from keyfob.service.invitations import Joining
from keyfob.service.joining_with_password import Joined, JoiningWithPassword
from keyfob.service.login import PasswordLogin
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.invitations import Invitations
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)
passwords = PasswordHasher(settings.password_hashing)
login = PasswordLogin(users, passwords, login_gate(client, settings), needs_verified_email=False)
joining = Joining(users, Invitations(client, settings.users_table), permissions(settings))
with_password = JoiningWithPassword(users, joining, login, passwords)
pages = Pages(settings.product_name, settings.language)


@endpoint("invitation_page", settings, pages.for_everybody)
@limited(address_limit(client, settings, "token").admit)
def handler(request: Request, contract: Contract) -> object:
    """Show the form, which spends nothing; or take what was filled in, and let who sent it join."""
    fields = request.query if request.method == "GET" else request.form()
    token = fields.get("token", "")
    invitation = joining.check(token, now())
    if request.method == "GET":
        return JoiningForm(token, invitation)
    try:
        password = read(InvitationForm, fields).password
        joined = with_password.join(token, password, request.client, now())
    except InvalidFields as error:
        return JoiningForm(token, invitation, complaints_in(error))
    except InvalidCredentials as error:
        record_failure(error, "invitation_page", request, contract)
        return JoiningForm(token, invitation, failure=error.code)
    _record(joined, request, contract)
    return contract.said("Invitation accepted")


def _record(joined: Joined, request: Request, contract: Contract) -> None:
    user = joined.user
    if joined.is_new:
        record("user_registered", request, contract, user_id=user.id, account_id=user.account.id)
    details = {"role": user.role}
    record("member_joined", request, contract, user_id=user.id, account_id=user.account.id, details=details)
