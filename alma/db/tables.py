"""Every table, once: what the migrations must lead to (a test compares them) and what the repositories speak in.

Whatever belongs to a project says so itself or through the one row it hangs on. Columns are named like the nouns'
fields, so that rows become nouns without translation. Nothing here is named like a table of the workflow engine, which
keeps its own in the same SQLite file.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from alma.core.model.blueprint import Blueprint
from alma.core.model.council import CouncilReport
from alma.db.columns import Document, Moment

# The newest migration: lets a start skip loading the migration tool when there is nothing to do.
HEAD = "0015"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = JSON(none_as_null=True)
# One for all: a turn's draft is mostly a revision, and is then decoded once.
DRAFT = Document(Blueprint, sparse=True, recent=4_000_000)
COUNCIL = Document(CouncilReport, recent=4_000_000)
# An absurd id is then not found, rather than out of range. SQLite counts by INTEGER only, which is as large.
Id = BigInteger().with_variant(Integer(), "sqlite")

blueprint = Table(
    "blueprint",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("latest", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("deleted_at", Moment),
    Index(None, "project", "id"),
    Index(None, "project", "name"),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Id, ForeignKey("blueprint.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("blueprint", DRAFT, nullable=False),
    Column("origins", Json, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
)

stack = Table(
    "stack",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("blueprint_id", Id, ForeignKey("blueprint.id"), nullable=False),
    Column("revision", Integer),
    Column("created_at", Moment, nullable=False),
    Column("lease_holder", Text),
    Column("lease_until", Moment),
    UniqueConstraint("project", "engine", "name"),
    UniqueConstraint("blueprint_id", "engine"),
)

state_record = Table(
    "state_record",
    metadata,
    Column("stack_id", Text, ForeignKey("stack.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("object_id", Text),
    Column("properties", Json, nullable=False),
    Column("depends_on", Json, nullable=False),
    Column("retain", Boolean, nullable=False),
    Column("site", Json, nullable=False),
    Column("deployment_id", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

# Plans are large, never change, and are shared by a request and its deployments: keyed by content.
plan = Table(
    "plan",
    metadata,
    Column("id", Text, primary_key=True),
    Column("document", Text, nullable=False),
)

ipr = Table(
    "ipr",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("plan_id", Text, ForeignKey("plan.id"), nullable=False),
    Column("deployment_id", Text),
    Column("engine_chosen", Boolean, nullable=False),
    Column("council", COUNCIL),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "project", "id"),
    Index(None, "project", "state", "id"),
)

review = Table(
    "review",
    metadata,
    Column("ipr_id", Id, ForeignKey("ipr.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("action", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("display", Text),
    Column("comments", Text, nullable=False),
    Column("plan_digest", Text, nullable=False),
    Column("self_review", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

deployment = Table(
    "deployment",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("ipr_id", Id, ForeignKey("ipr.id"), nullable=False),
    Column("plan_id", Text, ForeignKey("plan.id"), nullable=False),
    Column("stack_id", Text, ForeignKey("stack.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("on_failure", Text, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("checks", Json, nullable=False),
    Column("error", Json),
    Column("endpoints", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Index(None, "project", "created_at"),
    Index(None, "stack_id", "created_at"),
)

step = Table(
    "step",
    metadata,
    Column("deployment_id", Text, ForeignKey("deployment.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("object_id", Text),
    Column("error", Text),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    # What the engine keeps for its next attempt, by the attempt's key: an undo has one of its own.
    Column("notes", Json),
)

event = Table(
    "deployment_event",
    metadata,
    Column("deployment_id", Text, ForeignKey("deployment.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("time", Moment, nullable=False),
    Column("type", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("address", Text),
    Column("data", Json, nullable=False),
    Column("once", Text),
    UniqueConstraint("deployment_id", "once"),
)

# Callers choose a conversation's id, so it is theirs only within their project.
conversation = Table(
    "conversation",
    metadata,
    Column("project", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "project", "updated_at"),
)

turn = Table(
    "turn",
    metadata,
    Column("project", Text, primary_key=True),
    Column("conversation_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("context", Json, nullable=False),
    Column("response", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("blueprint", DRAFT),
    Column("origins", Json, nullable=False),
    Column("blueprint_id", Id),
    Column("suggested_actions", Json, nullable=False),
    Column("offer", Json, nullable=False),
    Column("ipr_id", Id),
    Column("plan_digest", Text),
    Column("deployment_id", Text),
    Column("answer", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    ForeignKeyConstraint(
        ["project", "conversation_id"], ["conversation.project", "conversation.id"]
    ),
    Index(None, "id", unique=True),
    Index(None, "state"),
    # All that is asked of the turns that a request belongs to: a row may carry a draft of megabytes.
    Index(
        "ix_turn_mentions",
        "project",
        "conversation_id",
        "number",
        "id",
        "ipr_id",
        "plan_digest",
        sqlite_where=text("ipr_id IS NOT NULL"),
        postgresql_where=text("ipr_id IS NOT NULL"),
    ),
)

secret = Table(
    "secret",
    metadata,
    Column("stack_id", Text, ForeignKey("stack.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

# How an engine is reached, where a project has said so. `name` is the connection's: "" for the engine's default one.
# `version` is new at every change: by it, a process that has the engine open sees that it has to open it anew.
engine_connection = Table(
    "engine_connection",
    metadata,
    Column("project", Text, primary_key=True),
    Column("engine", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("settings", Json, nullable=False),
    Column("secrets", Json, nullable=False),
    Column("version", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("updated_by", Text, nullable=False),
)

# Which processes that run deployments are alive, so that another takes over what a dead one left.
model_usage = Table(
    "model_usage",
    metadata,
    Column("project", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("consumed", BigInteger, nullable=False),
    Column("generated", BigInteger, nullable=False),
    Column("cost", Double, nullable=False),
)

# Rows that are only ever added: who answered for what stays known after the waiver is over.
waiver = Table(
    "waiver",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("blueprint", Text),
    Column("reason", Text, nullable=False),
    Column("expires", Date, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index(None, "project", "id"),
)

waiver_revocation = Table(
    "waiver_revocation",
    metadata,
    Column("waiver_id", Id, ForeignKey("waiver.id"), primary_key=True),
    Column("revoked_by", Text, nullable=False),
    Column("revoked_at", Moment, nullable=False),
)

executor = Table(
    "executor",
    metadata,
    Column("id", Text, primary_key=True),
    Column("beat_at", Moment, nullable=False),
)

# Which process has somebody who follows a turn, and until when that counts without another word.
turn_follower = Table(
    "turn_follower",
    metadata,
    Column("turn_id", Text, primary_key=True),
    Column("follower", Text, primary_key=True),
    Column("until", Moment, nullable=False),
    Index(None, "until"),
)

# What became of a blueprint that is declared elsewhere, such as by an object in a cluster.
declaration = Table(
    "declaration",
    metadata,
    Column("source", Text, primary_key=True),
    Column("project", Text, nullable=False, index=True),
    Column("holder", Text),
    Column("generation", Id, nullable=False),
    Column("blueprint_id", Id, ForeignKey("blueprint.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("engine", Text),
    Column("ipr_id", Id, ForeignKey("ipr.id")),
    Column("kind", Text, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("asked", Text),
)
