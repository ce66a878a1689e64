"""A blueprint in the making: names that are free, secrets that stay behind, and an account of every object.

What a reader puts in may be wrong in ways that only the whole document shows. `finished` takes out what can't stay and
says so, until the rest is valid: a description by somebody else never makes an invalid blueprint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from alma.core.migration.conversion import Conversion, Fate, Form, Lookups, SourceObject
from alma.core.migration.secrecy import is_secret, sounds_secret, tells_secret
from alma.core.migration.values import Values
from alma.core.model.base import slug
from alma.core.model.blueprint import MAX_RESOURCES, Blueprint, Origin, ResourceType
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.plain import check_values

Doc = dict[str, Any]

_ROUNDS = 50
_MOST = 10_000
_ENV = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
# Marks of ALMA's own, which are made anew wherever it deploys.
_OWN = re.compile(r"(.*\.)?alma\.dev/")
_UNFIT = re.compile(r"[^a-zA-Z0-9_.-]+")


@dataclass
class Thing:
    """One object of the source while it is read."""

    address: str
    kind: str
    values: Values
    resources: list[str] = field(default_factory=list)
    folded: bool = False
    reason: str | None = None
    given_anew: list[str] = field(default_factory=list)


@dataclass
class _Pending:
    env: Doc
    owner: str
    variable: str
    value: str
    thing: Thing
    at: str


class Draft:
    """What readers fill."""

    def __init__(self, form: Form, lookups: Lookups) -> None:
        self.form = form
        self.lookups = lookups
        self.things: list[Thing] = []
        self.docs: list[Doc] = []
        self.remarks: list[Diagnostic] = []
        self._names: set[str] = set()
        self._by_name: dict[str, Doc] = {}
        self._owners: dict[str, Thing] = {}
        self._inferred: set[str] = set()
        self._pending: list[_Pending] = []
        self._generated: dict[str, str] = {}
        self._aliases: dict[str, str] = {}

    # ── objects ──────────────────────────────────────────────────────────────────────────────────

    def thing(self, address: str, kind: str, data: object) -> Thing:
        """Registers an object of the source. Raises InvalidInput beyond what a blueprint can hold."""
        if len(self.things) >= _MOST:
            raise InvalidInput(
                f"there are more than {_MOST} objects", hint="split it and convert the parts"
            )
        made = Thing(address, kind, Values(data))
        self.things.append(made)
        return made

    def add(self, thing: Thing, kind: ResourceType, name: str, *, suffix: str = "") -> Doc:
        """A new resource of that object, under a name that is free; `suffix` tells it from another of that name."""
        if len(self.docs) >= MAX_RESOURCES:
            raise InvalidInput(
                f"it would be more than {MAX_RESOURCES} resources",
                hint="split it and convert the parts",
            )
        doc: Doc = {
            "name": self._free(name, suffix or str(kind).replace("_", "-")),
            "type": str(kind),
        }
        self.docs.append(doc)
        self._by_name[doc["name"]] = doc
        self._owners[doc["name"]] = thing
        thing.resources.append(doc["name"])
        return doc

    def fold(self, thing: Thing, into: Iterable[str], reason: str) -> None:
        """The object is a part of these resources now; of none, it is left out."""
        thing.folded = True
        thing.reason = thing.reason or reason
        thing.resources += [name for name in into if name not in thing.resources]

    def leave(self, thing: Thing, reason: str) -> None:
        """Nothing becomes of the object."""
        thing.reason = reason

    def doc(self, name: str) -> Doc | None:
        """The resource of that name."""
        return self._by_name.get(name)

    def merge(self, names: list[str]) -> None:
        """Makes one resource with a count of several equal ones. Does nothing where they differ in more than their
        names and addresses."""
        docs = [self._by_name[name] for name in names]
        if len(docs) < 2 or any(_alike(doc) != _alike(docs[0]) for doc in docs):
            return
        first, gone = docs[0], set(names[1:])
        first["count"] = len(docs)
        self.docs = [doc for doc in self.docs if doc["name"] not in gone]
        for doc in self.docs:
            _rename_in(doc, {name: str(first["name"]) for name in gone})
        for thing in self.things:
            renamed = [first["name"] if name in gone else name for name in thing.resources]
            thing.resources = list(dict.fromkeys(renamed))
        if any((doc.get("network") or {}).pop("private_ip", None) for doc in docs):
            message = f"{len(docs)} equal ones of '{first['name']}' get addresses of their own"
            self.remark(self._owners[first["name"]], "private_ip", message, code="approximated")

    def _free(self, name: str, suffix: str) -> str:
        base = _UNFIT.sub("-", name).strip("-_.")[:52].strip("-_.") or "unnamed"
        for candidate in (base, f"{base[:40]}-{suffix}"[:58].strip("-_.")):
            if candidate.casefold() not in self._names:
                self._names.add(candidate.casefold())
                return candidate
        number = 2
        while (made := f"{base[:40]}-{suffix}-{number}").casefold() in self._names:
            number += 1
        self._names.add(made.casefold())
        return made

    # ── remarks ──────────────────────────────────────────────────────────────────────────────────

    def remark(
        self,
        thing: Thing,
        at: str,
        message: str,
        *,
        code: str = "unresolved",
        hint: str | None = None,
    ) -> None:
        """Something to know about a place of the source. Never carries a value that could be a secret."""
        severity = Severity.INFO if code in {"given_anew", "assumed"} else Severity.WARNING
        path = f"{thing.address}.{at}" if at else thing.address
        self.remarks.append(
            Diagnostic(severity=severity, code=code, path=path, message=message, hint=hint)
        )

    def assumed(self, thing: Thing, doc: Doc, path: str, message: str) -> None:
        """A value that the source does not have."""
        self._inferred.add(f"resources.{doc['name']}.{path}")
        self.remark(thing, path, message, code="assumed")

    # ── secrets ──────────────────────────────────────────────────────────────────────────────────

    def env(self, thing: Thing, doc: Doc, pairs: Mapping[str, Any], at: str) -> None:
        """Variables of a resource; of one that holds a secret only its name, and a reference."""
        own = self._own_secrets(doc)
        for name, value in pairs.items():
            here = f"{at}.{name}"
            if not _ENV.match(name):
                self.remark(thing, here, "this is no name that a variable can have")
            elif value is None and not sounds_secret(name):
                hint = "write it in the blueprint"
                self.remark(thing, here, "its value comes from elsewhere", hint=hint)
            elif isinstance(value, dict) and name in own:
                self._aliases[str(value.get("secret"))] = own[name]
                message = f"'{doc['name']}' gets a password of its own"
                self.remark(thing, here, message, code="secret")
            elif isinstance(value, dict):
                doc.setdefault("env", {})[name] = value
            elif not isinstance(value, str | int | float | None):
                self.remark(thing, here, "this is no plain value")
            elif name in own:
                if value:
                    self._generated[str(value)] = own[name]
                message = f"not copied: '{doc['name']}' gets a password of its own"
                self.remark(thing, here, message, code="secret")
            elif value is None or self.is_secret(name, str(value)):
                env = doc.setdefault("env", {})
                env[name] = ""
                told = "" if value is None else str(value)
                self._pending.append(_Pending(env, doc["name"], name, told, thing, here))
            else:
                doc.setdefault("env", {})[name] = value

    def is_secret(self, name: str, value: str) -> bool:
        """Whether a value stays where it is."""
        return is_secret(name, value) or self.lookups.is_secret(name, value)

    def _own_secrets(self, doc: Doc) -> dict[str, str]:
        """The variables by which its software is given a password that ALMA makes, with the secret's name."""
        entry = self.lookups.catalogue.find(doc.get("engine") or "")
        if entry is None or not entry.secrets:
            return {}
        first = next(iter(entry.secrets))
        by_file = {
            name.removesuffix("_FILE"): first for name in entry.env if name.endswith("_FILE")
        }
        return {
            name: f"{doc['name']}.{secret}"
            for name, secret in {**by_file, **dict(entry.secret_env)}.items()
        }

    def _refer(self) -> None:
        """Each secret by a name: that of the password it is, where one object's is another's; equal ones share one."""
        for doc in self.docs:
            for value in (doc.get("env") or {}).values():
                if isinstance(value, dict) and value.get("secret") in self._aliases:
                    value["secret"] = self._aliases[value["secret"]]
        for item in self._pending:
            name = slug(f"{item.owner}-{item.variable}")
            if item.value:
                name = self._generated.setdefault(item.value, name)
            item.env[item.variable] = {"secret": name}
            message = f"not copied: the blueprint refers to the secret '{name}'"
            self.remark(item.thing, item.at, message, code="secret")

    def command(self, thing: Thing, doc: Doc, words: list[str], at: str) -> None:
        """The command of a resource, unless it has a secret in it."""
        if tells_secret(words) or any(self.lookups.is_secret("", word) for word in words):
            message = "not copied: an argument is a secret"
            hint = "write the command so that it reads the secret from a variable or a file"
            self.remark(thing, at, message, code="secret", hint=hint)
            return
        if words:
            doc["command"] = words

    def labels(self, thing: Thing, doc: Doc, pairs: Mapping[str, Any], at: str) -> None:
        """Labels of a resource; one that looks like a secret stays behind."""
        for name, value in pairs.items():
            text = "" if value is None else str(value)
            if isinstance(value, Mapping | list):
                self.remark(thing, f"{at}.{name}", "this is no plain value")
            elif _OWN.match(str(name)):
                thing.given_anew.append(f"{at}.{name}")
            elif self.is_secret(str(name), text):
                self.remark(
                    thing, f"{at}.{name}", "not copied: it looks like a secret", code="secret"
                )
            else:
                doc.setdefault("labels", {})[str(name)] = text

    # ── the end ──────────────────────────────────────────────────────────────────────────────────

    def finished(self, name: str, platform: str) -> Conversion:
        """The blueprint and the account. Raises InvalidInput when there was nothing to convert."""
        if not self.things:
            raise InvalidInput(
                "there is nothing in it to convert", hint="give a file with at least one object"
            )
        self._refer()
        self._tell_rest()
        blueprint = self._settled({"name": name[:100] or "converted", "resources": self.docs})
        return Conversion(
            form=self.form,
            platform=platform,
            blueprint=blueprint,
            origins=self._origins(blueprint),
            objects=tuple(self._accounts(blueprint)),
            remarks=tuple(self.remarks),
        )

    def _tell_rest(self) -> None:
        for thing in self.things:
            if not thing.resources and not thing.folded:
                thing.reason = thing.reason or f"a blueprint has nothing like a {thing.kind}"
                self.remark(thing, "", thing.reason, code="left_out")
                continue
            off: list[str] = []
            for at, value in thing.values.rest():
                if value is False:
                    off.append(at)
                else:
                    self.remark(thing, at, "a blueprint has no place for it")
            if off:
                self.remark(thing, "", f"switched off there: {', '.join(off)}", code="given_anew")
            if thing.given_anew:
                listed = ", ".join(thing.given_anew)
                self.remark(thing, "", f"decided anew where it goes: {listed}", code="given_anew")

    def _accounts(self, blueprint: Blueprint) -> Iterator[SourceObject]:
        there = {resource.name for resource in blueprint.resources}
        for thing in self.things:
            names = tuple(name for name in thing.resources if name in there)
            fate = (
                Fate.FOLDED if thing.folded and names else Fate.MAPPED if names else Fate.LEFT_OUT
            )
            reason = thing.reason if fate is not Fate.MAPPED else None
            if fate is Fate.LEFT_OUT and reason is None:
                reason = "what it was could not be kept: see the remarks"
            yield SourceObject(
                address=thing.address, kind=thing.kind, fate=fate, resources=names, reason=reason
            )

    def _origins(self, blueprint: Blueprint) -> dict[str, Origin]:
        return {
            path: Origin.INFERRED if path in self._inferred else Origin.IMPORTED
            for path in _paths(blueprint.dump())
        }

    # ── settling ─────────────────────────────────────────────────────────────────────────────────

    def _settled(self, document: Doc) -> Blueprint:
        check_values(document)
        for _ in range(_ROUNDS):
            try:
                return parse_blueprint(document)
            except BlueprintInvalid as error:
                # From the back, so that the places of the others stay what they are.
                for item in sorted(error.diagnostics, key=_last_first):
                    self._take_out(document, item)
        raise InvalidInput(
            "no valid blueprint could be made of it", hint="convert it in smaller parts"
        )

    def _take_out(self, document: Doc, item: Diagnostic) -> None:
        parts = item.path.split(".")
        docs = document["resources"]
        if parts[0] != "resources" or len(parts) < 2 or not parts[1].isdigit():
            raise InvalidInput(f"no valid blueprint could be made of it: {item.message}")
        if int(parts[1]) >= len(docs):
            return
        doc = docs[int(parts[1])]
        thing = self._owners[doc["name"]]
        if parts[2:] == ["name"]:
            self._rename(docs, doc, thing)
            return
        if not _remove(doc, parts[2:]):
            docs.remove(doc)
        path = ".".join(parts[2:])
        self.remark(thing, path, f"left out of '{doc['name']}': {item.message}", hint=item.hint)

    def _rename(self, docs: list[Doc], doc: Doc, thing: Thing) -> None:
        old, new = doc["name"], self._free(f"{doc['name']}-x", "x")
        doc["name"] = new
        self._owners[new] = thing
        thing.resources[:] = [new if name == old else name for name in thing.resources]
        for other in docs:
            _rename_in(other, {old: new})
        self.remark(thing, "name", f"named '{new}': '{old}' would be taken", code="assumed")


def _alike(doc: Doc) -> Doc:
    """A resource without what tells equal ones apart."""
    network = {k: v for k, v in (doc.get("network") or {}).items() if k != "private_ip"}
    return {**doc, "name": "", "network": network}


def _rename_in(doc: Doc, names: Mapping[str, str]) -> None:
    """Wherever a resource refers to one of these, it refers to the other; no reference stands there twice."""
    for key in ("depends_on", "backends"):
        if key in doc:
            doc[key] = list(dict.fromkeys(names.get(name, name) for name in doc[key]))
    attached = (doc.get("network") or {}).get("attach")
    if attached:
        doc["network"]["attach"] = list(dict.fromkeys(names.get(name, name) for name in attached))
    for mount in doc.get("mounts", ()):
        mount["volume"] = names.get(mount["volume"], mount["volume"])
    rules: list[Doc] = []
    for rule in doc.get("rules", ()):
        for side in ("source", "target"):
            if side in rule:
                rule[side] = names.get(rule[side], rule[side])
        if rule not in rules:
            rules.append(rule)
    if rules:
        doc["rules"] = rules


def _last_first(item: Diagnostic) -> tuple[int, ...]:
    return tuple(-int(part) if part.isdigit() else 0 for part in item.path.split("."))


def _remove(doc: Doc, parts: list[str]) -> bool:
    """Takes out what stands at a place, or the nearest around it. Whether there was something to take out."""
    if not parts or parts == ["type"]:
        return False
    here: Any = doc
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        key: Any = int(part) if isinstance(here, list) and part.isdigit() else part
        if isinstance(here, list):
            if not isinstance(key, int) or key >= len(here):
                return False
        elif not isinstance(here, dict) or key not in here:
            return False
        if last or not isinstance(here[key], dict | list):
            del here[key]
            return True
        here = here[key]
    return False


def _paths(document: Doc) -> Iterator[str]:
    """The paths of a revision's origins: resources by name, a list is one field."""
    for key, value in document.items():
        if key != "resources":
            yield from _below(value, key)
    for doc in document.get("resources", ()):
        for key, value in doc.items():
            if key != "name":
                yield from _below(value, f"resources.{doc['name']}.{key}")


def _below(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _below(inner, f"{path}.{key}")
    else:
        yield path
