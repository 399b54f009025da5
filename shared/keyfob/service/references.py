"""Users as requests name them."""

from keyfob.errors import ResourceNotFound
from keyfob.model.user import User
from keyfob.store.users import Users


def user_of(reference: str | int, users: Users) -> User:
    """Return the user with an id, or with a public number; raises `ResourceNotFound`."""
    user = users.numbered(reference) if isinstance(reference, int) else users.get(reference)
    if user is None:
        raise ResourceNotFound("no such user")
    return user
