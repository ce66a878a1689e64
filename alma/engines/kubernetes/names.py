"""How things are called in a cluster: legal there whatever the blueprint's names are, and never the same for two.

A blueprint's name is taken as it is, in lower case, wherever that is legal, so that instances find each other by their
addresses as they do elsewhere. Any other name gets a part that is computed from it. Two hyphens in a row mark such
names: an address that has them is never taken as it is, so no address can pass for another's altered name. The same
holds for a `-0` at the end, as the pods of a StatefulSet have it.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from alma.core.model.state import StackRef
from alma.engines.kubernetes.settings import KubernetesSettings

LIMIT: Final = 63
# A StatefulSet's name is part of a label's value together with a hash of eleven characters.
SET_LIMIT: Final = 52
_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_PART = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_MARK: Final = "--"
_FIRST: Final = "-0"
_DIGITS: Final = 10


def object_name(address: str, *, limit: int = LIMIT) -> str:
    """The name of an address' objects: a DNS label of at most `limit` characters that begins with a letter."""
    plain = address.lower()
    taken = _MARK in plain or plain.endswith(_FIRST)
    if len(plain) <= limit and not taken and _LABEL.fullmatch(plain):
        return plain
    return _altered(address, limit)


def companion_name(address: str, word: str) -> str:
    """The name of an object that belongs to an address and is of a kind of which the address may have another."""
    end = f"{_MARK}{word}"
    return object_name(address, limit=LIMIT - len(end)) + end


def set_name(address: str) -> str:
    """The name of a StatefulSet."""
    return object_name(address, limit=SET_LIMIT)


def pod_name(address: str) -> str:
    """The name of a StatefulSet's only pod, which is its host's name, too. No address has such a name."""
    return set_name(address) + _FIRST


def _altered(text: str, limit: int) -> str:
    end = _MARK + hashlib.sha256(text.lower().encode()).hexdigest()[:_DIGITS]
    cleaned = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if not cleaned[:1].isalpha():
        cleaned = f"x-{cleaned}"
    return cleaned[: limit - len(end)].rstrip("-") + end


def namespace_of(stack: StackRef, settings: KubernetesSettings) -> str:
    """Where the stack's objects live: one namespace for all, if it is set, else the stack's own.

    Stacks of two projects may have the same name, so another project than the default one is part of it.
    """
    if settings.namespace is not None:
        return settings.namespace
    if stack.project == "default":
        return object_name(stack.name)
    return companion_name(stack.project, object_name(stack.name, limit=LIMIT // 2))


def label_value(text: str) -> str:
    """A text as the value of a label: itself where that is legal, else a legal one that no other text has."""
    if len(text) <= LIMIT and _VALUE.fullmatch(text) and _MARK not in text:
        return text
    return _altered(text, LIMIT)


def is_label(key: str, value: str) -> bool:
    """Whether Kubernetes takes this as a label."""
    prefix, slash, name = key.rpartition("/")
    if slash and not (len(prefix) <= 253 and _DOMAIN.fullmatch(prefix)):
        return False
    legal = len(name) <= LIMIT and _PART.fullmatch(name) is not None
    return legal and len(value) <= LIMIT and _VALUE.fullmatch(value) is not None


def data_key(path: str) -> str:
    """The key under which a file is kept in a ConfigMap or Secret: its own name, and a part that tells its folder."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", path.rpartition("/")[2])[:100] or "file"
    return f"{hashlib.sha256(path.encode()).hexdigest()[:_DIGITS]}-{name}"
