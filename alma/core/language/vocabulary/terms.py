"""What a word can mean, and a message as words with their meanings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from alma.core.language.words.tokens import Kind, Token


class Sort(StrEnum):
    """The kinds of entries."""

    TYPE = "type"
    COMPUTE = "compute"
    GROUP = "group"
    REPLICA = "replica"
    ROLE = "role"
    SOFTWARE = "software"
    IMAGE = "image"
    PRODUCT = "product"
    ATTRIBUTE = "attribute"
    MODIFIER = "modifier"
    CAPABILITY = "capability"
    ENGINE = "engine"
    CLOUD = "cloud"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry: `data` is what the file says beside its phrases."""

    sort: Sort
    id: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """How the entry is written in answers."""
        return str(self.data.get("title", self.id))


@dataclass(frozen=True, slots=True)
class Item:
    """One or more tokens with everything they can mean. `existing` is a resource of the blueprint with that name."""

    tokens: tuple[Token, ...]
    terms: Mapping[Sort, Term] = field(default_factory=dict)
    existing: str | None = None
    plural: bool = False

    @property
    def text(self) -> str:
        """As written."""
        tokens = self.tokens
        return tokens[0].text if len(tokens) == 1 else " ".join(token.text for token in tokens)

    @property
    def norm(self) -> str:
        """Case folded, plurals and typos mended."""
        tokens = self.tokens
        return tokens[0].norm if len(tokens) == 1 else " ".join(token.norm for token in tokens)

    @property
    def kind(self) -> Kind:
        """The shape of the first token."""
        return self.tokens[0].kind

    def id_of(self, sort: Sort) -> str | None:
        """The entry's id, if the words can mean something of that sort."""
        term = self.terms.get(sort)
        return term.id if term else None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message's tokens with mended words; `mended` says which, as (written, read as)."""

    tokens: tuple[Token, ...]
    mended: tuple[tuple[str, str], ...] = ()
