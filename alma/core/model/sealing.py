"""What secrets are sealed with: data keys, which the database keeps, themselves sealed under a master key."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from alma.core.model.base import Frozen


class DataKey(Frozen):
    """A key that values are encrypted with. The key itself is told to nobody."""

    id: str
    created_at: datetime
    retired_at: datetime | None = Field(
        default=None, description="When a newer one took its place: it only decrypts since."
    )
    master: str = Field(description="The master key that it is sealed under.")


class SealedValues(Frozen):
    """How many values there are under one key."""

    key: str = Field(description="A data key, or the master key itself for the oldest format.")
    values: int = Field(ge=0)


class Sealing(Frozen):
    """How the secrets of an installation are kept."""

    masters: tuple[str, ...] = Field(description="The master keys at hand, the current one first.")
    extensible: bool = Field(description="Whether ALMA itself can add a master key.")
    data_keys: tuple[DataKey, ...]
    values: tuple[SealedValues, ...]
    stale: int = Field(ge=0, description="Values that are not under the current data key.")
    credentials: tuple[SealedValues, ...] = Field(
        description="Master keys that living API keys and sign-ins still hang on, which an earlier version made under "
        "the master key itself. They hang on a data key as soon as they are used.",
    )
    needed: tuple[str, ...] = Field(
        description="Master keys without which something can't be read or opened any more."
    )
    droppable: tuple[str, ...] = Field(
        description="Master keys at hand that nothing needs: they can be taken away."
    )


class Resealed(Frozen):
    """One batch of values that were encrypted again."""

    resealed: int = Field(ge=0)
    unreadable: tuple[str, ...] = Field(description="Where values stand that can't be decrypted.")
    after: str | None = Field(default=None, description="Where to go on; None: all are done.")
