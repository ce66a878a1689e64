"""Which form a foreign description has, and its reading: the one door to all readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alma.core.migration.conversion import Conversion, Form, Lookups
from alma.core.migration.reading.compose import read_compose
from alma.core.migration.reading.kubernetes import read_kubernetes
from alma.core.migration.reading.terraform import read_terraform
from alma.core.model.document import read_texts
from alma.core.model.errors import InvalidInput
from alma.core.model.plain import MAX_BYTES

AUTO = "auto"
_WORDS = {
    "docker-compose": Form.COMPOSE,
    "docker": Form.COMPOSE,
    "k8s": Form.KUBERNETES,
    "tf": Form.TERRAFORM,
    "opentofu": Form.TERRAFORM,
    "tofu": Form.TERRAFORM,
}
_Reader = Callable[[list[Any], Lookups, str], Conversion]
_READERS: Mapping[Form, _Reader] = {
    Form.COMPOSE: read_compose,
    Form.KUBERNETES: read_kubernetes,
    Form.TERRAFORM: read_terraform,
}
_HEAD = 20_000
_HCL = ("resource ", "terraform {", "provider ", "variable ", "module ", "data ", "locals {")


def form_named(word: str | None) -> Form | None:
    """The form somebody names, in any case; None for `auto` and nothing. Raises InvalidInput that names them."""
    plain = (word or AUTO).strip().casefold()
    if plain == AUTO:
        return None
    if plain in _WORDS:
        return _WORDS[plain]
    if plain in set(Form):
        return Form(plain)
    raise InvalidInput(
        f"'{word}' is no form that can be converted",
        hint=f"use one of {', '.join([AUTO, *Form])}",
    )


def convert(
    content: str | bytes | object,
    lookups: Lookups,
    *,
    form: Form | None = None,
    name: str = "",
    max_bytes: int = MAX_BYTES,
) -> Conversion:
    """A blueprint made of a foreign description: its text, or its values. `name` is what it is called where the source
    does not say. Raises InvalidInput for what is none of the forms, BlueprintInvalid with its place for what can't be
    read at all, and DocumentTooLarge."""
    documents = [content]
    if isinstance(content, str | bytes):
        documents = _documents(content, max_bytes)
    documents = [document for document in documents if document is not None]
    found = form or _form_of(documents)
    return _READERS[found](documents, lookups, name)


def _documents(content: str | bytes, max_bytes: int) -> list[Any]:
    if _is_hcl(content[:_HEAD]):
        raise InvalidInput(
            "this is Terraform's own language, whose values are only known once it was applied",
            hint="convert the state file, or what `terraform show -json` prints",
        )
    return read_texts(content, max_bytes=max_bytes)


def _is_hcl(content: str | bytes) -> bool:
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith(("#", "//"))), "")
    return first.startswith(_HCL)


def _form_of(documents: list[Any]) -> Form:
    first = documents[0] if documents else None
    if isinstance(first, Mapping):
        if any(isinstance(d, Mapping) and "kind" in d and "apiVersion" in d for d in documents):
            return Form.KUBERNETES
        if "terraform_version" in first or "format_version" in first or "planned_values" in first:
            return Form.TERRAFORM
        if isinstance(first.get("services"), Mapping):
            return Form.COMPOSE
    raise InvalidInput(
        "this is neither compose, nor Kubernetes manifests, nor Terraform's state",
        hint="give a file with services:, with apiVersion: and kind:, or what `terraform show -json` prints; "
        f"or say which form it is ({', '.join(Form)})",
    )
