"""``GET users/{user_id}``: one user, for staff."""

from keyfob.assembly import authenticator, user_limit
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.service.authentication import Principal
from keyfob.service.references import user_of
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)


@protected("user", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, _principal: Principal) -> object:
    """Show the user."""
    return contract.user(user_of(contract.user_ref(request.path_parameters["user_id"]), users))
