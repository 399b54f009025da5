"""``PATCH members/{user_id}``: a member of the account gets another role."""

from keyfob.assembly import authenticator, permissions, user_limit
from keyfob.contracts.base import Contract
from keyfob.gateway.protected import protected
from keyfob.gateway.rate_limit import limited_by_user
from keyfob.gateway.request import Request
from keyfob.gateway.security_events import record_by
from keyfob.service.authentication import Principal
from keyfob.service.membership import change_role
from keyfob.settings import Settings
from keyfob.store.client import dynamodb_client
from keyfob.store.users import Users

settings = Settings.from_environment()
client = dynamodb_client()
users = Users(client, settings.users_table)
table = permissions(settings)


@protected("update_member", settings, authenticator(client, settings).active)
@limited_by_user(user_limit(client, settings).admit)
def handler(request: Request, contract: Contract, principal: Principal) -> object:
    """Change the role, and show the member as it then is."""
    reference = contract.user_ref(request.path_parameters["user_id"])
    role = contract.role(request.json())
    changed = change_role(reference, role, principal, users=users, permissions=table)
    if changed.before != role:
        details = {"from": changed.before, "to": role}
        record_by(principal, "role_changed", request, contract, about=changed.member.user, details=details)
    return contract.member(changed.member)
