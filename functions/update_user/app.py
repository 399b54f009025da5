"""``PATCH users/{user_id}``: staff activates and deactivates a user, or changes what it may do."""

from keyfob.assembly import authenticator, user_limit
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.service.administration import change_user, events_of
from keyfob.service.authentication import Principal
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)


@protected("update_user", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Change the user, and show it as it then is."""
    reference = contract.user_ref(request.path_parameters["user_id"])
    changed = change_user(reference, contract.user_change(request.json()), principal, users=users)
    for kind, details in events_of(changed):
        record_by(principal, kind, request, contract, about=changed.user, details=details)
    return contract.user(changed.user)
