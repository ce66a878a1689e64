"""What became of a foreign description: a blueprint, and an account of every object and attribute that was in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.software import Catalogue


class Form(StrEnum):
    """The forms that are read."""

    COMPOSE = "compose"
    KUBERNETES = "kubernetes"
    TERRAFORM = "terraform"


class Fate(StrEnum):
    """What became of an object: resources of its own, a part of others, or nothing."""

    MAPPED = "mapped"
    FOLDED = "folded"
    LEFT_OUT = "left_out"


class SourceObject(Frozen):
    """One object of the source. `resources` are what it became, or what it is a part of now."""

    address: str
    kind: str
    fate: Fate
    resources: tuple[str, ...] = ()
    reason: str | None = Field(default=None, description="Why it was folded or left out.")


class Conversion(Frozen):
    """A blueprint made of a foreign description. The path of a remark is the place in the source.

    Codes of remarks: `unresolved` (no place for it: look at it), `secret` (not copied), `approximated`, `assumed`,
    `given_anew` (the new place decides it), `left_out`.
    """

    form: Form
    platform: str = Field(description="Where it ran: aws, azure, gcp, proxmox, docker, kubernetes.")
    blueprint: Blueprint
    origins: Mapping[str, Origin]
    objects: tuple[SourceObject, ...]
    remarks: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Lookups:
    """What a reader asks of others: the software catalogue, the vCPU and GiB of a cloud's type, and whether a name and
    its value look like a secret."""

    catalogue: Catalogue
    type_size: Callable[[str, str], tuple[Decimal, Decimal] | None]
    is_secret: Callable[[str, str], bool]
