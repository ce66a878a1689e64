"""Makes firewalls of the rules that were read: names stand for the resources there are, old rules stay in front of the
last word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alma.core.language.changing.targets import plays
from alma.core.language.creating.create import Creator
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.parsing.phrases import Phrase
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, Origin, Resource, ResourceType, dump_plain
from alma.core.model.conversation import AddResource, Edit, SetField

Rule = Mapping[str, Any]


def rule_edits(rules: Sequence[Rule], creator: Creator, outcome: Outcome) -> list[Edit]:
    """The edits that put rules into the firewall there is, or into a new one."""
    resources = [*creator.known, *(edit.resource for edit in creator.added)]
    resolved = [each for rule in rules for each in _resolved(rule, resources, outcome)]
    if not resolved:
        return []
    outcome.understood.append(f"firewall: {'; '.join(_said(rule) for rule in resolved)}")
    for index, edit in enumerate(creator.added):
        if edit.resource.type is ResourceType.FIREWALL:
            creator.added[index] = _with_rules(edit, resolved)
            return [creator.added[index]]
    known = next((r for r in creator.known if r.type is ResourceType.FIREWALL), None)
    if known is not None:
        old = [dump_plain(rule) for rule in known.rules]
        return [SetField(name=known.name, path="rules", value=_merged(old, resolved))]
    name = creator.names.take("fw-1")
    values: dict[str, Json] = {"name": name, "type": "firewall", "rules": resolved}
    creator.append(
        values, {"name": Origin.INFERRED, "type": Origin.INFERRED, "rules": Origin.WORDS}
    )
    return [creator.added[-1]]


def firewall_phrase(phrases: Sequence[Phrase]) -> Phrase | None:
    """The firewall that a message speaks of, if it makes one."""
    return next((p for p in phrases if p.type is ResourceType.FIREWALL and not p.negated), None)


def _with_rules(edit: AddResource, rules: list[Json]) -> AddResource:
    document = {**dump_plain(edit.resource), "rules": rules}
    return AddResource(
        resource=Resource.model_validate(document),
        origins={**edit.origins, "rules": Origin.WORDS},
    )


def _merged(old: list[Any], new: list[Json]) -> list[Json]:
    """The first rule that matches decides: what was the last word stays the last."""
    last = [rule for rule in old if _is_last(rule)]
    before = [rule for rule in old if not _is_last(rule) and rule not in new]
    rest = [rule for rule in new if not _is_last(rule)]
    words = [rule for rule in new if _is_last(rule)] or last
    return [*rest, *before, *words[:1]]


def _is_last(rule: Any) -> bool:
    return (
        not rule.get("ports")
        and rule.get("source", "any") == "any"
        and rule.get("target", "any") == "any"
    )


def _resolved(rule: Rule, resources: Sequence[Resource], outcome: Outcome) -> list[Json]:
    sources = _names(str(rule["source"]), resources)
    targets = _names(str(rule["target"]), resources)
    if not targets:
        outcome.assumptions.append(
            f"the rule is for all, as there is no {_word(rule['target'])} here"
        )
        targets = ["any"]
    if not sources:
        raise Asks(
            f"Which addresses does {_word(rule['source'])} have? I find nothing of that name here.",
            open=True,
        )
    return [
        {"action": rule["action"], "source": source, "target": target, "ports": list(rule["ports"])}
        for source in sources
        for target in targets
    ]


def _word(called: object) -> str:
    return str(called).partition(":")[2] or str(called)


def _names(called: str, resources: Sequence[Resource]) -> list[str]:
    """Networks and `any` are themselves; roles, types and software are the resources they are of."""
    kind, colon, word = called.partition(":")
    if not colon or "/" in called:
        return [called]
    match kind:
        case "name":
            return [word]
        case "role":
            machines = [r for r in resources if r.type in COMPUTE]
            found = machines if word == "*" else [r for r in machines if plays(r, word)]
        case "type":
            found = [r for r in resources if r.type == word]
        case _:
            found = [r for r in resources if r.engine == word]
    return [resource.name for resource in found]


def _said(rule: Json) -> str:
    assert isinstance(rule, dict)
    ports = rule["ports"]
    what = (
        ", ".join(str(port) for port in ports)
        if isinstance(ports, list) and ports
        else "everything"
    )
    source = "anywhere" if rule["source"] == "any" else rule["source"]
    target = "" if rule["target"] == "any" else f" to {rule['target']}"
    return f"{rule['action']} {what} from {source}{target}"
