"""``GET users``: users, for staff to find."""

from keyfob.assembly import authenticator, user_limit
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.service.administration import find_users, list_users
from keyfob.service.authentication import Principal
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.directory import Directory
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)
directory = Directory(client, settings.users_table)


@protected("users", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, _principal: Principal) -> object:
    """Show the user with an email address or a username, or some of all users."""
    identifier = request.query.get("email") or request.query.get("username")
    if identifier:
        return contract.users(find_users(identifier, users))
    return contract.users(list_users(request.query.get("cursor", ""), directory=directory))
