"""JSON lines: one user a line, as an export writes it and an import reads it (docs/import-export.md)."""

import json
from typing import Annotated, Any, NamedTuple

from keyfob.clock import iso
from keyfob.contracts.fields import AnyRole, Email, Flag, KeyName, PersonName, Scopes, Text, Username
from keyfob.model import user as model
from keyfob.model.api_key import MAX_SECRETS, ApiKey, KeySecret
from keyfob.model.identity import Identity
from keyfob.model.session import Client
from keyfob.model.transfer import NO_HINT, AccountHint, ImportedUser, UserRecord
from keyfob.service.importing import id_from_email
from keyfob.store.api_keys import MOST_SLOTS
from keyfob.store.users import MAX_IDENTITIES

from cli.fields import (
    ContractName,
    Digest,
    Id,
    Issuer,
    ListRule,
    Number,
    ObjectRule,
    PasswordHash,
    Slot,
    Slug,
    SomeName,
    Subject,
    Time,
    read_strictly,
)


class AccountField(NamedTuple):
    """The account that a user belongs to."""

    id: Id | None = None
    number: Number | None = None
    name: SomeName | None = None
    slug: Slug | None = None
    joined_at: Time | None = None


class IdentityField(NamedTuple):
    """An identity of a user at a provider."""

    issuer: Issuer
    subject: Subject


class SecretField(NamedTuple):
    """What is stored of one secret of an API key."""

    digest: Digest
    ends_at: Time | None = None


class ApiKeyField(NamedTuple):
    """An API key of a user."""

    id: Id
    slot: Slot
    contract: ContractName
    name: KeyName
    scopes: Scopes
    secrets: Annotated[tuple[SecretField, ...], ListRule(SecretField, ("digest",), MAX_SECRETS)]
    created_at: Time
    expires_at: Time | None = None
    last_used_at: Time | None = None
    last_used_ip: Text | None = None
    last_used_user_agent: Text | None = None


class UserFields(NamedTuple):
    """One line."""

    email: Email
    id: Id | None = None
    username: Username | None = None
    full_name: PersonName | None = None
    first_name: PersonName | None = None
    last_name: PersonName | None = None
    password_hash: PasswordHash | None = None
    number: Number | None = None
    role: AnyRole | None = None
    account: Annotated[AccountField, ObjectRule(AccountField)] | None = None
    created_at: Time | None = None
    is_active: Flag = True
    is_staff: Flag = False
    is_superuser: Flag = False
    email_verified: Flag = False
    has_membership: Flag = False
    identities: Annotated[
        tuple[IdentityField, ...], ListRule(IdentityField, ("issuer", "subject"), MAX_IDENTITIES)
    ] = ()
    api_keys: Annotated[tuple[ApiKeyField, ...], ListRule(ApiKeyField, ("slot",), MOST_SLOTS)] = ()


def read_line(line: bytes) -> ImportedUser:
    """Return the user that a line tells of; raises `ValueError` that says what is wrong, without a value of it."""
    return _user(read_strictly(UserFields, _object(line)))


def write_line(record: UserRecord) -> bytes:
    """Return the line that tells everything of a user, its end included."""
    user, account = record.user, record.user.account
    fields = {
        "id": user.id,
        "number": user.number,
        "email": user.email,
        "email_verified": user.email_verified,
        "username": user.username,
        "full_name": user.name.full,
        "first_name": user.name.first,
        "last_name": user.name.last,
        "password_hash": user.password_hash,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "has_membership": user.has_membership,
        "role": user.role,
        "account": {
            "id": account.id,
            "number": account.number,
            "name": account.name,
            "slug": account.slug,
            "joined_at": iso(record.joined_at),
        },
        "created_at": iso(user.created_at),
        "identities": [{"issuer": each.issuer, "subject": each.subject} for each in record.identities],
        "api_keys": [_key_fields(each) for each in record.api_keys],
    }
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=_without_repetition)
    except RepeatedField:
        raise
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - wrong lines are one kind of failure
    return value


class RepeatedField(ValueError):
    """An object has a field twice, so nobody knows which is meant."""


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise RepeatedField("it has a field twice")
    return fields


def _user(line: UserFields) -> ImportedUser:
    if line.role is None and line.account is not None and line.account.id is not None:
        raise ValueError("role is needed with the id of an account")
    if line.role not in {None, "owner"} and (line.account is None or line.account.id is None):
        raise ValueError("role needs an account with an id: who has none gets one of its own, and owns it")
    if line.api_keys and line.id is None:
        raise ValueError("api_keys needs id, which is part of each key's text")
    user_id = line.id or id_from_email(line.email)
    return ImportedUser(
        id=user_id,
        email=line.email,
        username=line.username,
        name=_name(line),
        password_hash=line.password_hash,
        number=line.number,
        role=line.role or "owner",
        account=_account(line.account),
        created_at=line.created_at,
        is_active=line.is_active,
        is_staff=line.is_staff,
        is_superuser=line.is_superuser,
        email_verified=line.email_verified,
        has_membership=line.has_membership,
        identities=tuple(Identity.bare(each.issuer, each.subject) for each in line.identities),
        api_keys=tuple(_key(each, user_id) for each in line.api_keys),
    )


def _name(line: UserFields) -> model.PersonName:
    if line.first_name is None and line.last_name is None:
        return model.PersonName.from_full(line.full_name)
    first, last = line.first_name or "", line.last_name or ""
    return (
        model.PersonName.from_parts(first, last)
        if line.full_name is None
        else model.PersonName(line.full_name, first, last)
    )


def _account(account: AccountField | None) -> AccountHint:
    if account is None:
        return NO_HINT
    return AccountHint(account.id, account.number, account.name, account.slug, account.joined_at)


def _key(key: ApiKeyField, user_id: str) -> ApiKey:
    used = key.last_used_at is not None
    return ApiKey(
        user_id=user_id,
        slot=key.slot,
        id=key.id,
        epoch=0,
        contract=key.contract,
        name=key.name,
        scopes=key.scopes,
        secrets=tuple(KeySecret(each.digest, each.ends_at) for each in key.secrets),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        last_used_by=Client(key.last_used_ip or "", key.last_used_user_agent or "") if used else None,
    )


def _key_fields(key: ApiKey) -> dict[str, Any]:
    used = key.last_used_by
    fields = {
        "id": key.id,
        "slot": key.slot,
        "contract": key.contract,
        "name": key.name,
        "scopes": list(key.scopes),
        "secrets": [{"digest": each.digest, "ends_at": _time(each.ends_at)} for each in key.secrets],
        "created_at": iso(key.created_at),
        "expires_at": _time(key.expires_at),
    }
    if used is None:
        return fields
    last_use = {
        "last_used_at": _time(key.last_used_at),
        "last_used_ip": used.ip,
        "last_used_user_agent": used.user_agent,
    }
    return {**fields, **last_use}


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else iso(seconds)
