"""``reset-password``: a token from a mail and a new password, which ends every session."""

from keyfob.assembly import address_limit, recovery
from keyfob.clock import now
from keyfob.contracts.base import Contract
from keyfob.gateway.endpoint import endpoint
from keyfob.gateway.rate_limit import limited
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client

settings = Settings.from_environment()
client = dynamodb_client()
passwords = recovery(client, settings)


@endpoint("reset_password", settings)
@limited(address_limit(client, settings, "token").admit)
def handler(request: Request, contract: Contract) -> object:
    """Reset the password."""
    reset = contract.password_reset(request.json())
    user = passwords.reset_password(reset, contract.new_password_field, request.client, now())
    record("password_reset", request, contract, user_id=user.id)
    return contract.said("Password reset successfully")
