"""The page of all rules, made from the packs themselves: no rule is missing on it, and none is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from alma.core.model.finding import Level, Result, Rule, Scope

_INTRODUCTION = """\
# The rules

What a blueprint is held to, by the file the rules stand in (`alma/config/policies/`). This page is made from these
files; [Compliance](compliance.md) says what frameworks make of the findings.

- **Mandatory** rules stop a request until they are met or somebody waives them; all others are advice.
- **Unless said** is the result where a blueprint is silent about what a rule asks for. What is declared in metadata is
  believed and not verified; what is not declared is `unknown`, which is neither safe nor unsafe.
- **Fix** says whether a finding brings edits that ALMA can apply itself. Where it does not, somebody has to act.
"""
_HEADS = "| Rule | Severity | What is wrong | About | Unless said | Fix | Evidence for |"
_EVERYTHING = "every resource"


def rules_page(rules: Sequence[Rule], names: Mapping[str, str]) -> str:
    """The page in Markdown. `names` are those of the frameworks, by their ids."""
    packs: dict[str, list[Rule]] = {}
    for rule in rules:
        packs.setdefault(rule.pack, []).append(rule)
    parts = [_INTRODUCTION + f"\n{_counted(rules)}\n"]
    for pack, found in packs.items():
        title = pack.removesuffix(".yaml").capitalize()
        rows = "\n".join(_row(rule, names) for rule in sorted(found, key=lambda rule: rule.id))
        parts.append(f"## {title}\n\n{_HEADS}\n|{'---|' * 7}\n{rows}\n")
    return "\n".join(parts)


def _counted(rules: Sequence[Rule]) -> str:
    mandatory = sum(rule.level is Level.MANDATORY for rule in rules)
    return f"{len(rules)} rules, {mandatory} of them mandatory."


def _row(rule: Rule, names: Mapping[str, str]) -> str:
    cells = (
        f"`{rule.id}`",
        f"**{rule.severity}, mandatory**" if rule.level is Level.MANDATORY else str(rule.severity),
        f"{rule.title}. {rule.remediation}",
        _about(rule),
        _unsaid(rule),
        "yes" if rule.fix else "",
        "; ".join(_controls(rule, names)),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _about(rule: Rule) -> str:
    if rule.scope is Scope.BLUEPRINT:
        return "the blueprint"
    return ", ".join(type_.value for type_ in rule.types) or _EVERYTHING


def _unsaid(rule: Rule) -> str:
    if not rule.needs:
        return ""
    needed = ", ".join(f"`{name}`" for name in rule.needs)
    result = "passes" if rule.on_missing is Result.PASS else str(rule.on_missing)
    return f"{result} without {needed}"


def _controls(rule: Rule, names: Mapping[str, str]) -> Iterator[str]:
    for framework, ids in rule.controls.items():
        yield f"{names.get(framework, framework)} {', '.join(ids)}"
