"""The answer to a message: what was understood, what was assumed, what was left over, and what can be done next."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.answering.budget import USE_CHEAPER, Costs, describe_cost, dollars
from alma.core.language.answering.facts import facts, summary
from alma.core.language.vocabulary.defaults import apart, listed
from alma.core.model.blueprint import Blueprint, Origin, Resource
from alma.core.model.conversation import Intent, Interpretation, SetBlueprint

_TITLES = {
    "proxmox": "Proxmox",
    "docker": "Docker",
    "kubernetes": "Kubernetes",
    "simulation": "the simulation",
}
_SHOWN = 6
_TALK = {
    Intent.SMALLTALK: (
        "Hello! Tell me what you would like to run, for example: "
        "a simple web application with 2 servers and a database."
    ),
    Intent.HELP: (
        "Say in your own words what you want to run, for example: 2 web servers and a PostgreSQL database. "
        "I draft a blueprint from it, you can go on changing it (add a redis cache, scale web to 3, "
        "move the database to 16GB), and when it is right it becomes a plan that somebody approves before "
        "anything is touched."
    ),
    Intent.UNKNOWN: (
        "I did not find anything in this that I could act on. What would you like to run? "
        "For example: 2 web servers and a database."
    ),
}
_BEGIN = ("Create a simple web application", "List the templates")
# What can be said next where there is a draft, and where there is none.
_WITH_DRAFT = {
    Intent.DEPLOY: ("Deploy it", "Show the blueprint", "Which requests wait for approval?"),
    Intent.DESTROY: ("What is running?",),
    Intent.ROLLBACK: ("Show the deployments",),
    Intent.STATUS: ("Show the deployments", "Which requests wait for approval?"),
    Intent.TROUBLESHOOT: ("Show the deployments", "What is running?"),
    Intent.LIST: ("How much does it cost?", "Suggest improvements"),
    Intent.APPROVE: ("Deploy it", "Show the blueprint"),
    Intent.REJECT: ("Show the blueprint", "Suggest improvements"),
    Intent.HELP: ("Show the blueprint",),
    Intent.SMALLTALK: ("Show the blueprint",),
    Intent.UNKNOWN: ("Show the blueprint", "What can you do?"),
}
_WITHOUT = {
    Intent.LIST: _BEGIN[:1],
    Intent.DESTROY: ("What is running?",),
    Intent.ROLLBACK: ("Show the deployments",),
    Intent.STATUS: ("Show the deployments", "Which requests wait for approval?"),
    Intent.TROUBLESHOOT: ("Show the deployments", "What is running?"),
    Intent.APPROVE: ("Which requests wait for approval?", *_BEGIN),
    Intent.REJECT: ("Which requests wait for approval?", *_BEGIN),
    Intent.UNKNOWN: ("Create a simple web application", "What can you do?"),
}
# How what makes resources is told apart from what is said of them as a whole.
_THING = re.compile(r"^(?:\d|the template )")
_LIMIT = re.compile(r"^at most \S+ a month$")
_SIZED = ("sized for ", "taken as given there: ")
_CHECKED = 6
_GIVEN = 3
_CHANGING = {Intent.CHANGE, Intent.MIGRATE, Intent.CREATE, Intent.UNKNOWN, Intent.SMALLTALK}


def describe(
    interpretation: Interpretation,
    blueprint: Blueprint | None,
    *,
    engine: str | None = None,
    engines: Sequence[str] = (),
    costs: Costs | None = None,
) -> str:
    """The answer in plain sentences. `blueprint` is the draft after the edits, `engine` where it would be deployed now,
    `engines` those that can be used here, and `costs` what became of its cost."""
    costs = costs or Costs()
    done = not costs.kept
    # Where a draft lands is said when it begins, and when that is spoken of.
    moves = costs.before is None or _wanted(interpretation) is not None
    parts = [
        _said(interpretation, blueprint, begins=costs.before is None) if done else "",
        assumed(interpretation) if done else "",
        _limits(interpretation) if done else "",
        describe_cost(costs) if interpretation.edits or costs.variant else "",
        _landing(interpretation, blueprint, engine, engines) if done and moves else "",
        _left_over(interpretation),
        interpretation.question or "",
    ]
    return " ".join(part for part in parts if part)


def suggested_actions(
    interpretation: Interpretation, blueprint: Blueprint | None, *, offered: bool = False
) -> tuple[str, ...]:
    """What can sensibly be said or done next, at most four. With `offered`, a cheaper variant waits to be taken."""
    actions = _actions(interpretation, blueprint)
    if not offered:
        return actions
    # What is offered is what it is about: nothing else is begun beside it.
    return (USE_CHEAPER, *(action for action in actions if action not in _BEGIN))[:4]


def _actions(interpretation: Interpretation, blueprint: Blueprint | None) -> tuple[str, ...]:
    drafted = blueprint is not None and bool(blueprint.resources)
    if interpretation.question and drafted:
        return ("Show the blueprint", "What can you do?")
    if interpretation.edits and blueprint is not None and drafted:
        first = () if interpretation.intent is Intent.DEPLOY else ("Deploy it",)
        return (*first, *_ideas(blueprint))[:4]
    if drafted:
        return _WITH_DRAFT.get(interpretation.intent, ("Show the blueprint",))
    return _WITHOUT.get(interpretation.intent, _BEGIN)


def _ideas(blueprint: Blueprint) -> list[str]:
    types = {resource.type for resource in blueprint.resources}
    ideas = []
    stores = [r for r in blueprint.resources if r.type == "database" and r.backup is None]
    machines = [r for r in blueprint.resources if r.type == "vm"]
    if stores:
        ideas.append(f"Add daily backups to {stores[0].name}")
    if len(machines) > 1 and "load_balancer" not in types:
        ideas.append("Add a load balancer")
    if machines and "database" in types and "cache" not in types:
        ideas.append("Add a redis cache")
    return ideas


def _said(interpretation: Interpretation, blueprint: Blueprint | None, *, begins: bool) -> str:
    said = _beside_limit(interpretation)
    if not interpretation.understood:
        return "" if interpretation.question else _talk(interpretation, blueprint)
    things = [words for words in said if _THING.match(words)]
    changes = interpretation.intent in {Intent.CHANGE, Intent.MIGRATE} or not interpretation.edits
    if changes or not things:
        named = _called(blueprint, things) if begins and things else ""
        # "Don't delete anything, just show me what is there": that as well.
        held = interpretation.edits or interpretation.question
        asks = not held and interpretation.intent not in _CHANGING
        shown = _talk(interpretation, blueprint) if asks and blueprint is not None else ""
        return f"Understood: {listed(said, shown=12)}. {named}{shown}".rstrip() if said else ""
    rest = [words for words in said if words not in things]
    whole = [words for words in rest if words.startswith("for ")]
    other = [words for words in rest if words not in whole]
    parts = [
        f"I'll set up {' '.join([listed(things, shown=12), *whole])}.",
        f"Understood, too: {listed(other, shown=12)}." if other else "",
        _called(blueprint, things) if begins else "",
    ]
    return " ".join(part for part in parts if part)


def _called(blueprint: Blueprint | None, things: Sequence[str]) -> str:
    """What the draft is called, unless that is the name of the only thing in it."""
    if blueprint is None or any(f"({blueprint.name})" in words for words in things):
        return ""
    return f"The draft is called {blueprint.name}."


def _beside_limit(interpretation: Interpretation) -> list[str]:
    """What was understood, without the limit where a sentence of its own tells that."""
    told = bool(_limits(interpretation))
    return [words for words in interpretation.understood if not (told and _LIMIT.match(words))]


def _talk(interpretation: Interpretation, blueprint: Blueprint | None) -> str:
    intent = interpretation.intent
    if interpretation.edits:
        return ""
    if intent is Intent.SMALLTALK and blueprint is not None and blueprint.resources:
        return f"{blueprint.name} is as it was. What should change, or shall it be deployed?"
    if intent in _TALK:
        return _TALK[intent]
    if blueprint is None or not blueprint.resources:
        return "There is no blueprint in this conversation yet. What would you like to run?"
    return _about(intent, interpretation, blueprint)


def _about(intent: Intent, interpretation: Interpretation, blueprint: Blueprint) -> str:
    names = listed([_told(resource) for resource in blueprint.resources], shown=12)
    match intent:
        case Intent.DEPLOY:
            ready = f"{blueprint.name} is ready to be planned: {names}."
            return f"{ready} A plan has to be approved before anything is touched."
        case Intent.DESTROY:
            how = "takes an approved plan like any other change"
            return f"Destroying {blueprint.name} {how}; volumes are kept unless you ask."
        case Intent.CREATE | Intent.CHANGE | Intent.UNDO:
            return f"{blueprint.name} is as it was: {names}. Nothing was changed."
        case _:
            asked = blueprint.resource(interpretation.subject or "")
            about = f" {facts(asked)}" if asked is not None else ""
            what = listed([summary(resource) for resource in blueprint.resources], shown=12)
            return f"The draft {blueprint.name} has {what}.{about} Nothing was changed."


def _told(resource: Resource) -> str:
    """`cache-1 (cache, redis)`: what it is, and what it runs."""
    runs = resource.engine or resource.image
    return f"{resource.name} ({resource.type}{f', {runs}' if runs else ''})"


def assumed(interpretation: Interpretation) -> str:
    """What was taken for granted, as a sentence to be checked; how a size was worked out, as one of its own."""
    every = interpretation.assumptions
    checks = [words for words in every if not words.startswith(_SIZED)]
    sizes = [_worked_out(words) for words in every if words.startswith(_SIZED)]
    parts = [f"Please check: {apart(checks, shown=_CHECKED)}."] if checks else []
    return " ".join([*parts, *sizes])


def _worked_out(words: str) -> str:
    head, _, rest = words.partition(": ")
    if head == "taken as given there":
        rest = listed(rest.split(", "), shown=_GIVEN)
    return f"{head[:1].upper()}{head[1:]}: {rest}."


def _limits(interpretation: Interpretation) -> str:
    """That a limit holds from now on; what the draft costs next to it is said with the costs."""
    edits = [edit for edit in interpretation.edits if isinstance(edit, SetBlueprint)]
    limits = [edit.constraints.max_monthly_cost for edit in edits if edit.constraints]
    limit = next((limit for limit in limits if limit is not None), None)
    if limit is None:
        return ""
    kept = f"The limit (budget) of {dollars(limit)} a month is kept with the blueprint"
    return f"{kept}, and every later change is held to it."


def _wanted(interpretation: Interpretation) -> tuple[str, Origin] | None:
    edits = [edit for edit in interpretation.edits if isinstance(edit, SetBlueprint)]
    return next(((e.engine, e.origin) for e in reversed(edits) if e.engine), None)


def _landing(
    interpretation: Interpretation,
    blueprint: Blueprint | None,
    engine: str | None,
    engines: Sequence[str],
) -> str:
    wanted = _wanted(interpretation)
    if blueprint is None or not interpretation.edits or not (engine or wanted):
        return ""
    if wanted is None:
        return f"It would land on {_TITLES.get(engine or '', engine)}."
    name, origin = wanted
    title, inferred = _TITLES.get(name, name), origin is Origin.INFERRED
    if engine == name or (engine is None and (not engines or name in engines)):
        why = "LXC containers are at home there" if inferred else "you said so"
        return f"It would land on {title}, because {why}."
    home = "where LXC containers are at home" if inferred else "where you want it"
    missing = f"{title} is {home}, but it is not available here"
    if engine is not None:
        return f"{missing}: it would land on {_TITLES.get(engine, engine)}."
    return f"{missing}{f' (available: {listed(list(engines))})' if engines else ''}: choose where to deploy it."


def _left_over(interpretation: Interpretation) -> str:
    if not interpretation.unused or interpretation.intent is Intent.SMALLTALK:
        return ""
    if interpretation.question and not interpretation.edits:
        return ""  # the question says what was not understood
    words = listed([f"'{word}'" for word in interpretation.unused], shown=_SHOWN)
    return f"I did not use: {words}."
