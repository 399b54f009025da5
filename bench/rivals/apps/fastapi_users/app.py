"""What the documentation's full example sets up: SQLAlchemy, asynchronous, with JWT.

https://fastapi-users.github.io/fastapi-users/latest/configuration/full-example/
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users.password import PasswordHelper
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

SECRET = os.environ["SECRET_KEY"]
LIFETIME_SECONDS = 3600

# The documentation lets one choose a helper. This one has the cheapest parameters of argon2id, so that a login costs
# no hash worth measuring: https://fastapi-users.github.io/fastapi-users/latest/configuration/password-hash/
CHEAP = PasswordHelper(PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))


class Base(DeclarativeBase):
    """What tables are declared by."""


class User(SQLAlchemyBaseUserTableUUID, Base):
    """The table of users."""


class UserRead(schemas.BaseUser[uuid.UUID]):
    """A user as it sees itself."""


class UserCreate(schemas.BaseUserCreate):
    """What a user registers with."""


class UserUpdate(schemas.BaseUserUpdate):
    """What a user may change."""


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    """What is done with users."""

    reset_password_token_secret = SECRET
    verification_token_secret = SECRET


engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['DATA']}/test.db")
async_session_maker = async_sessionmaker(engine, expire_on_commit=False)


async def get_async_session() -> AsyncIterator[AsyncSession]:
    """Give each request a session of the database."""
    async with async_session_maker() as session:
        yield session


async def get_user_db(
    session: Annotated[AsyncSession, Depends(get_async_session)],
) -> AsyncIterator[SQLAlchemyUserDatabase]:
    """Give each request the table of users."""
    yield SQLAlchemyUserDatabase(session, User)


async def get_user_manager(
    user_db: Annotated[SQLAlchemyUserDatabase, Depends(get_user_db)],
) -> AsyncIterator[UserManager]:
    """Give each request a manager of users."""
    yield UserManager(user_db, CHEAP)


def get_jwt_strategy() -> JWTStrategy:
    """Return how tokens are made."""
    return JWTStrategy(secret=SECRET, lifetime_seconds=LIFETIME_SECONDS)


auth_backend = AuthenticationBackend(
    name="jwt", transport=BearerTransport(tokenUrl="auth/jwt/login"), get_strategy=get_jwt_strategy
)
fastapi_users = FastAPIUsers[User, uuid.UUID](get_user_manager, [auth_backend])


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Make the table before the first request."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(fastapi_users.get_auth_router(auth_backend), prefix="/auth/jwt", tags=["auth"])
app.include_router(fastapi_users.get_register_router(UserRead, UserCreate), prefix="/auth", tags=["auth"])
app.include_router(fastapi_users.get_users_router(UserRead, UserUpdate), prefix="/users", tags=["users"])
