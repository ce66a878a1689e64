"""One OpenTofu file in JSON syntax: blocks under names that fit, references, variables, and texts that stay texts.

In JSON syntax every text is a template, so whatever comes from a blueprint is escaped (`literal`), and whatever refers
to something is written by `Document` itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from alma.core.model.rendering import Subject, TargetFile
from alma.renderers.secrets import plain_names

FILE = "main.tf.json"
FORMAT = "opentofu"
_OTHER = re.compile(r"[^a-zA-Z0-9_]+")
_TEMPLATE = re.compile(r"([$%])\{")

Block = dict[str, Any]


def literal(value: Any) -> Any:
    """The same value, in which no text is taken for a template."""
    if isinstance(value, str):
        return _TEMPLATE.sub(r"\1\1{", value)
    if isinstance(value, Mapping):
        return {str(literal(key)): literal(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [literal(inner) for inner in value]
    return value


def present(block: Mapping[str, Any]) -> Block:
    """The block without what is None or empty: the provider's own default then holds."""
    return {key: value for key, value in block.items() if value not in (None, {}, [])}


class Document:
    """A file on its way. Names of blocks are words made of addresses, each used once."""

    def __init__(self, subject: Subject, *, secrets: Iterable[str]) -> None:
        self.subject = subject
        self.secrets = plain_names(secrets)
        self._blocks: dict[str, dict[str, dict[str, Block]]] = {"data": {}, "resource": {}}
        self._variables: dict[str, Block] = {}
        self._locals: Block = {}
        self._outputs: dict[str, Block] = {}
        self._words: dict[str, str] = {}
        self._head: Block = {}

    # ── what is needed ───────────────────────────────────────────────────────────────────────────

    def require(self, provider: str, *, source: str, version: str, settings: Block) -> None:
        """The provider, and what it is configured with."""
        self._head = {
            "terraform": {"required_providers": {provider: {"source": source, "version": version}}},
            "provider": {provider: settings},
        }

    def variable(self, name: str, description: str, **fields: Any) -> str:
        """Asks for a value; the reference to it. `default`, where there is one; its type is that of a text, or as
        given."""
        self._variables[name] = {
            "type": "string",
            "description": literal(description),
            **fields,
        }
        return f"${{var.{name}}}"

    def secret(self, name: str) -> str:
        """The reference to a secret: a sensitive variable without a value."""
        word = self.secrets[name]
        if word not in self._variables:
            self.variable(word, f"The secret '{name}'.", sensitive=True)
        return f"${{var.{word}}}"

    @property
    def asked(self) -> dict[str, str]:
        """The secrets that were referred to, and the variables that they are."""
        return {name: word for name, word in self.secrets.items() if word in self._variables}

    def local(self, name: str, value: Any) -> str:
        """Keeps a value under a name; the bare reference to it, for an expression."""
        word = self.word(name)
        self._locals[word] = value
        return f"local.{word}"

    # ── blocks ───────────────────────────────────────────────────────────────────────────────────

    def word(self, address: str) -> str:
        """The name of an address in references: another one for each address."""
        if address not in self._words:
            base = _OTHER.sub("_", address).strip("_").lower() or "it"
            base = f"_{base}" if base[0].isdigit() else base
            word, number = base, 2
            while word in self._words.values():
                word, number = f"{base}_{number}", number + 1
            self._words[address] = word
        return self._words[address]

    def resource(self, type_: str, address: str, block: Block, *, about: str = "") -> str:
        """Adds a resource; its address, for references. `about` is said of it in the file."""
        return self._add("resource", type_, address, block, about)

    def data(self, type_: str, address: str, block: Block) -> str:
        """Adds a question to the provider; its address, for references."""
        return f"data.{self._add('data', type_, address, block, '')}"

    def output(self, name: str, value: str, description: str) -> None:
        """Something that people want to know afterwards."""
        self._outputs[self.word(name)] = {"description": literal(description), "value": value}

    def _add(self, part: str, type_: str, address: str, block: Block, about: str) -> str:
        word = self.word(address)
        comment = {"//": literal(about)} if about else {}
        self._blocks[part].setdefault(type_, {})[word] = {**comment, **block}
        return f"{type_}.{word}"

    # ── the end ──────────────────────────────────────────────────────────────────────────────────

    def written(self) -> TargetFile:
        """The file."""
        about = f"{self.subject.words}."
        if self.asked:
            about += " No secret is in here: set the sensitive variables, as TF_VAR_name or in a file of your own."
        parts: Block = {
            "//": about,
            **self._head,
            "variable": self._variables,
            "locals": self._locals,
            "data": self._blocks["data"],
            "resource": self._blocks["resource"],
            "output": self._outputs,
        }
        text = json.dumps(
            {key: value for key, value in parts.items() if value}, indent=2, ensure_ascii=False
        )
        return TargetFile(path=FILE, content=f"{text}\n")
