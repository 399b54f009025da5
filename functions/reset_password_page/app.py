"""``reset-password/page``: where the link in a reset mail leads; a form that works in every browser."""

from keyfob.assembly import address_limit, recovery
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.contracts.common import PasswordResetForm
from keyfob.contracts.reading import read
from keyfob.errors import InvalidFields
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.pages import NewPasswordForm, Pages, complaints_in
from keyfob.gateway.rate_limit import limited
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record
from keyfob.model.credentials import PasswordReset
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client

settings = Settings.from_environment()
client = dynamodb_client()
passwords = recovery(client, settings)
pages = Pages(settings.product_name, settings.language)


@endpoint("reset_password_page", settings, pages.for_everybody)
@limited(address_limit(client, settings, "token").admit)
def handler(request: Request, contract: Contract) -> object:
    """Show the form, which spends nothing; or take what was filled in, and reset the password."""
    fields = request.query if request.method == "GET" else request.form()
    token = fields.get("token", "")
    passwords.check(token, now())
    if request.method == "GET":
        return NewPasswordForm(token)
    try:
        reset = read(PasswordResetForm, fields)
        changed = PasswordReset(reset.token, reset.password)
        user = passwords.reset_password(changed, "password", request.client, now())
    except InvalidFields as error:
        return NewPasswordForm(token, complaints_in(error))
    record("password_reset", request, contract, user_id=user.id)
    return contract.said("Password reset successfully")
