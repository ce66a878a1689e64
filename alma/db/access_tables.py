"""The tables of who may do what, of what was done, and of what keeps both: beside those of what is built.

Ids of accounts, keys and projects are texts that people read; whatever could open a door is a hash.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, Text

from alma.db.columns import Moment
from alma.db.tables import Id, Json, metadata

__all__ = ["metadata"]

project = Table(
    "project",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("rules", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("archived_at", Moment),
)

project_role = Table(
    "project_role",
    metadata,
    Column("project", Text, ForeignKey("project.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("permissions", Json, nullable=False),
)

membership = Table(
    "membership",
    metadata,
    Column("project", Text, ForeignKey("project.id"), primary_key=True),
    Column("principal", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("granted_by", Text, nullable=False),
    Column("granted_at", Moment, nullable=False),
    Index(None, "principal"),
)

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display", Text),
    Column("email", Text),
    Column("administrator", Boolean, nullable=False),
    Column("issuer", Text),
    Column("subject", Text),
    Column("password", Text),
    # What was issued before is worth nothing any more once this has moved.
    Column("generation", Integer, nullable=False),
    Column("disabled_at", Moment),
    Column("created_at", Moment, nullable=False),
    Index(None, "issuer", "subject", unique=True),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("project", Text),
    Column("permissions", Json, nullable=False),
    Column("administrator", Boolean, nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
    Index(None, "project"),
    Index(None, "owner"),
)

# One row for each refresh token: using one twice gives away that it was stolen, and ends its whole family.
refresh_token = Table(
    "refresh_token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("family", Text, nullable=False),
    Column("account", Text, ForeignKey("account.id"), nullable=False),
    Column("hash", Text, nullable=False),
    Column("client", Text),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
    Index(None, "family"),
    Index(None, "account"),
)

# A sign-in that waits: for a browser to come back from the provider, or for somebody to allow a device.
pending_login = Table(
    "pending_login",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("user_code", Text, unique=True),
    Column("account", Text, ForeignKey("account.id")),
    # Encrypted: the verifier and the nonce of a sign-in under way.
    Column("facts", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("origin", Text),
)

# Rows that are only ever added, each bound to the one before. Moments and facts are texts: what was bound stands there.
audit_entry = Table(
    "audit_entry",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("project", Text),
    Column("action", Text, nullable=False),
    Column("target", Text),
    Column("outcome", Text, nullable=False),
    Column("address", Text),
    Column("request_id", Text),
    Column("client", Text),
    Column("before", Text),
    Column("after", Text),
    Column("key", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "project", "seq"),
    Index(None, "principal", "seq"),
)

# The head of the chain: who adds an entry holds this row. `kept_from` is the first that retention has left.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Id, nullable=False),
    Column("hash", Text, nullable=False),
    Column("kept_from", Id, nullable=False),
    Column("kept_hash", Text, nullable=False),
    Column("key", Text),
    Column("mac", Text, nullable=False),
)

# Keys that values are encrypted with, themselves encrypted with a key that is never in the database.
data_key = Table(
    "data_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("wrapped", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),
)

# Answers that are given again to whoever sends the same request again.
idempotent_answer = Table(
    "idempotent_answer",
    metadata,
    Column("principal", Text, primary_key=True),
    Column("project", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("status", Integer),
    Column("body", LargeBinary),
    Column("created_at", Moment, nullable=False),
    # Which attempt it is, and whether that has written anything: the version before knows of neither.
    Column("run", Text),
    Column("wrote", Boolean),
    Index(None, "created_at"),
)

# Who failed to come in, and who did, from where: under a keyed digest of it.
sign_in_count = Table(
    "sign_in_count",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Float, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("gone_at", Moment, nullable=False),
    Index(None, "gone_at"),
)
