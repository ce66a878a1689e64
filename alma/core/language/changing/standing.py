"""What holds for a blueprint as a whole: limits that are lifted again, where it has to be, and "the same but for
staging"."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.relative import FACTORS
from alma.core.language.editing.outcome import Outcome
from alma.core.language.intent.act import Act
from alma.core.language.vocabulary.defaults import ENVIRONMENTS
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.environments import ENVIRONMENT_WORDS
from alma.core.language.words.naming import valid
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import Blueprint, Constraints
from alma.core.model.conversation import Intent, SetBlueprint

_LIFTING = (
    r"(?:forget|remove|drop|lift|clear|delete|lose|scrap|cancel|ignore|get rid of|no|without|unlimited|unset|reset|"
    r"don't need|no longer need|no longer have|no longer has|don't have|don't have|do not have|isn't|is "
    r"not|there's no|take off|abolish|never mind)"
)
_LIMIT = (
    r"(?:budget|(?:cost|price|spending|money|monthly|financial|spend) (?:limit|cap|ceiling|constraint|restriction|"
    r"maximum)|{})"
)
_ADJECTIVES = r"(?: (?:the|my|our|any|that|this|a|an|current|monthly|more|on|for|all|old|such|of))*"
_LIFTED = seldom(
    rf"\b{_LIFTING}\b{_ADJECTIVES} {_LIMIT.format('limits?|cap|ceiling|constraints?|price limit')}\b"
)
_NO_OBJECT = seldom(
    r"\b(?:money|cost|price|budget|costs|spending) (?:is|are) (?:no object|unlimited|no issue|no concern|no problem|"
    r"not? (?:an? )?(?:issue|problem|concern|limited|relevant)|irrelevant|gone)|\b(?:money|costs?|price|budget) "
    r"(?:doesn't|does not|don't|do not|no longer) (?:matters?|applies|apply|counts?)|spend (?:whatever|as much)"
)
_REGION_LIFTED = seldom(
    rf"\b{_LIFTING}\b{_ADJECTIVES} regions?(?: (?:limit|constraint|restriction|requirement))?\b|"
    r"\bregions? (?:doesn't|does not|no longer) matters?|\b(?:any|whatever) region\b|"
    r"\banywhere (?:is )?(?:fine|goes|ok|okay)"
)
_PLACING = frozenset(
    (
        "must has have should needs need stay stays live lives only keep everything all it data region put located "
        "be want hosted host run"
    ).split()
)
_COPYING = frozenset(
    (
        "same copy clone duplicate replicate version identical twin again mirror replica variant another copies "
        "exactly"
    ).split()
)
_WHOLE = {"this", "it", "everything", "all", "that", "same", "whole", "blueprint", "stack", "setup", "set", "thing",
          "environment", "infrastructure", "again", "version", "variant", "one", "identical"}  # fmt: skip
# … whatever parts are named beside it: "copy everything with its database as shop-2".
_SURELY_WHOLE = _WHOLE - {"this", "it", "that", "same", "set", "thing", "again", "version", "variant", "one",
                          "identical"}  # fmt: skip
_CALLED = {"as", "into"}
_PASSED = {",", "but", "with", "and", "only", "too", "as", "well", "please", "environment", "version", "setup", "stack",
           "instead", "though", "of", "this", "it", "that", "the", "now"}  # fmt: skip
_THINGS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.PRODUCT}


def standing(
    act: Act, gazetteer: Gazetteer, draft: Blueprint | None
) -> tuple[Outcome, tuple[Token, ...]] | None:
    """What a clause says about the whole, and what is left of it to be read; None if it speaks of parts."""
    if draft is None or act.forbidden:
        return None
    words = " ".join(
        [*act.word.split(), *(token.text.casefold().replace("’", "'") for token in act.body)]
    )
    amounts = {token.kind for token in act.body}
    asked = _asked(act, words)
    lifted = _LIFTED.search(words) or _NO_OBJECT.search(words)
    if Kind.MONEY not in amounts and lifted and not asked:
        return _lifted(draft, "max_monthly_cost", "a limit on cost"), ()
    if Kind.REGION not in amounts and _REGION_LIFTED.search(words) and not asked:
        return _lifted(draft, "region", "a region it has to be in"), ()
    items = gazetteer.tag(act.body, [resource.name for resource in draft.resources])
    return _placed(act, items) or _copied(act, items, draft)


def _asked(act: Act, words: str) -> bool:
    """Whether a clause asks rather than tells: "is there no limit?"."""
    looks = act.asks and act.verb not in {None, "decrease", "increase", "set"}
    return looks or words.split(maxsplit=1)[:1] in (["is"], ["do"], ["does"], ["did"], ["have"])


def _lifted(draft: Blueprint, field: str, what: str) -> Outcome:
    outcome = Outcome(intent=Intent.CHANGE)
    if getattr(draft.constraints, field, None) is None:
        outcome.understood.append(f"there is no longer {what}, and there was none")
        return outcome
    outcome.edits.append(SetBlueprint(cleared=(f"constraints.{field}",)))
    outcome.understood.append(f"no longer {what}")
    return outcome


def _placed(act: Act, items: Sequence[Item]) -> tuple[Outcome, tuple[Token, ...]] | None:
    """ "Everything has to be in eu-west-1"."""
    region = next((item for item in items if item.kind is Kind.REGION), None)
    tells = act.verb in {None, "create"} and not (
        act.asks or any(item.terms.keys() & _THINGS and item.norm != "host" for item in items)
    )
    said = {*act.word.split(), *(item.norm for item in items)}
    if region is None or not tells or not _PLACING & said:
        return None
    outcome = Outcome(intent=Intent.CHANGE)
    outcome.edits.append(SetBlueprint(constraints=Constraints(region=region.text)))
    outcome.understood.append(f"region {region.text}")
    return outcome, ()


# ── copies ───────────────────────────────────────────────────────────────────────────────────────────


def _copied(
    act: Act, items: Sequence[Item], draft: Blueprint
) -> tuple[Outcome, tuple[Token, ...]] | None:
    """ "Same but for staging", "clone this as shop-test": the blueprint by another name, its resources as they are."""
    said = {item.norm for item in items}
    words = {*act.word.split(), *said}
    name = _own_name(
        [token for token in act.body if draft.resource(str(token.value or token.text)) is None]
    )
    parts = any(item.existing or item.terms.keys() & _THINGS for item in items)
    plain = {item.norm for item in items if item.existing is None}  # what is called "everything"
    whole = plain & (_WHOLE if not parts else _SURELY_WHOLE)
    if name and words & _COPYING and whole and not act.asks:
        return _copy(draft, name, None), ()
    as_well = words & {"too", "also", "well"} and words & _WHOLE
    if act.asks or act.verb in {"deploy", "destroy", "remove"} or not (words & _COPYING or as_well):
        return None
    place = next(
        (n for n, item in enumerate(items) if item.id_of(Sort.MODIFIER) in ENVIRONMENTS), None
    )
    before = items if place is None else items[:place]
    if any(item.terms.keys() & _THINGS or item.existing for item in before):
        return None
    following = items[place + 1 : place + 2] if place is not None else ()
    if following and act.verb in {"add", "create"} and following[0].terms.keys() & {Sort.COMPUTE}:
        return None  # "two more dev boxes like those"
    if place is not None:
        environment = str(items[place].id_of(Sort.MODIFIER))
        spoken = items[place].norm
        rest = _left(items[place + 1 :])
        if rest and FACTORS.keys() & {token.norm for token in rest}:
            rest = (*rest, Token("everything", "everything", rest[-1].end, rest[-1].end, Kind.WORD))
        telling = {*_THINGS, Sort.ATTRIBUTE}
        asked = any(
            item.kind not in {Kind.WORD, Kind.PUNCTUATION}
            or item.terms.keys() & telling
            or item.norm in FACTORS
            for item in items[place + 1 :]
        )
        return _copy(draft, _named(draft.name, spoken), environment), rest if asked else ()
    return None


def _copy(draft: Blueprint, name: str, environment: str | None) -> Outcome:
    outcome = Outcome(intent=Intent.CHANGE)
    metadata = {"environment": environment} if environment else {}
    outcome.edits.append(SetBlueprint(name=name, metadata=metadata, copied=True))
    meant = f" for {environment}" if environment else ""
    outcome.understood.append(f"the same as {draft.name}{meant}, called {name}; {draft.name} stays")
    return outcome


def _named(name: str, spoken: str) -> str:
    """`shop-staging` after `shop` or `shop-prod`."""
    spoken = spoken.split(maxsplit=1)[0]
    short = {"production": "prod", "development": "dev", "testing": "test"}.get(spoken, spoken)
    head, dash, tail = name.rpartition("-")
    apart = dash and tail.casefold() in {*ENVIRONMENT_WORDS, "preprod"}
    return f"{head if apart else name}-{short}"


def _own_name(body: Sequence[Token]) -> str | None:
    quoted = next((token for token in body if token.kind is Kind.QUOTED), None)
    if quoted is not None:
        return valid(str(quoted.value))
    place = next((n for n, token in enumerate(body) if token.norm in _CALLED), None)
    named = [token.text for token in body[place + 1 :]] if place is not None else []
    if named and named[0].casefold() in {"the", "our", "my", "a", "an", "it", "that"}:
        return None  # "the same memory as the ledger" names nothing
    single = all(token.glued for token in body[place + 2 :]) if place is not None else False
    return valid("-".join(named)) if named and single else None


def _left(items: Sequence[Item]) -> tuple[Token, ...]:
    """What follows the environment: `… with just one web server`."""
    rest = list(items)
    while rest and rest[0].norm in _PASSED:
        rest = rest[1:]
    return tuple(token for item in rest for token in item.tokens)
