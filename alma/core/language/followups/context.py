"""What was said before: what "it" and "the other one" mean, and what a short answer or "same for …" completes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest

from alma.core.language.changing.targets import Focus, Targets, stem
from alma.core.language.editing.outcome import Asks
from alma.core.language.followups.anchors import anchor, as_tiers
from alma.core.language.followups.answered import chooses, chosen, misplaced, put_again
from alma.core.language.followups.consent import agrees
from alma.core.language.followups.partial import completed_names
from alma.core.language.followups.taken_up import sized
from alma.core.language.intent.act import Act
from alma.core.language.intent.acts import Acts
from alma.core.language.parsing.grammar import parse
from alma.core.language.parsing.phrases import Determiner, Phrase
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.wording.courtesy import (
    without_arrows,
    without_courtesy,
    without_greeting,
    without_numbering,
)
from alma.core.language.wording.environments import apart
from alma.core.language.wording.fronting import fronted
from alma.core.language.wording.gaps import without_gaps
from alma.core.language.wording.headings import without_headings
from alma.core.language.wording.idioms import reword
from alma.core.language.wording.introducing import introduced
from alma.core.language.wording.keeping import without_kept
from alma.core.language.wording.reasons import without_reasons
from alma.core.language.wording.reasons_to_remove import without_reasons_to_remove
from alma.core.language.wording.telling import told
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.blueprint import DATA, Blueprint, ResourceType

REMEMBERED = 3
# The same words are asked about several times while a message is read, against the very same draft.
_REMEMBERED = 64
_LONGEST_ANSWER = 3
_FIRST_WORDS = 4
_LEAST_BEFORE = 2
_CLONING = {"clone", "copy", "duplicate", "replicate"}
_ONE_NAME = seldom(r"[A-Za-z][\w.-]+")
_GIVEN = seldom(r"\b(?:call|name) (?:it|that|this) [\"'`]?(?P<name>[A-Za-z][\w.-]*)", re.IGNORECASE)
_BEGINNINGS = frozenset(
    "a an the this that these those both all every each only just my our to for of on in with at from by as one no "
    "first second third last main primary".split()
)
_TOO = {"too", "also", "likewise", "aswell"}
_SAME = {"same", "likewise", "ditto"}
_DOING = {"do", "make", "set", "give"}
_ONLY_ITS_OWN = {"remove", "destroy", "rename"}
_TOWARDS = {"for", "to", "on", "with", "goes", "thing", "of", "applies"}
_OF_A_TARGET = {Sort.TYPE, Sort.COMPUTE, Sort.ROLE, Sort.GROUP, Sort.SOFTWARE, Sort.PRODUCT}
_AROUND_A_TARGET = {
    "the",
    "a",
    "an",
    "my",
    "our",
    "both",
    "each",
    "one",
    "other",
    "of",
    "for",
    "on",
    "to",
    "from",
    "every",
    "all",
    "except",
    "excluding",
    "but",
    "besides",
}


@dataclass(frozen=True, slots=True, eq=False)
class _This:
    """One draft, told from every other by being the same object: comparing what it says would take longer."""

    blueprint: Blueprint

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and other.blueprint is self.blueprint

    def __hash__(self) -> int:
        return id(self.blueprint)


class Context:
    """Reads a person's earlier messages. `asked` gives the questions a message leads to."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        acts: Acts,
        asked: Callable[[str, Blueprint | None, Sequence[str]], Sequence[Asks]],
    ) -> None:
        self._gazetteer = gazetteer
        self._acts = acts
        self._asked = asked
        self._known = lru_cache(_REMEMBERED)(self._found)

    def tokens(self, message: str, names: Sequence[str]) -> tuple[Token, ...]:
        """A message's words as they are read."""
        return reword(self._gazetteer.prepare(tokenize(message), names).tokens)

    def worded(self, tokens: Sequence[Token], blueprint: Blueprint | None) -> tuple[Token, ...]:
        """The words put the way they are read: courtesies gone, what is there named as such, statements as orders."""
        greeted = without_greeting(tokens, self._gazetteer.means)
        plain = without_arrows(without_numbering(greeted))
        resources = blueprint.resources if blueprint else ()
        if resources:
            plain = completed_names(without_courtesy(plain), resources, self._gazetteer)
            plain = anchor(plain, resources, self._gazetteer)
        plain = reword(self._without_one(plain))
        if not resources:
            plain = fronted(without_courtesy(plain), self._gazetteer, self._begins)
            plain = without_reasons(without_headings(plain, self._gazetteer), self._gazetteer)
            return apart(introduced(plain, self._gazetteer), self._gazetteer)
        names = [resource.name for resource in resources]
        engines = {resource.engine for resource in resources}
        plain = without_reasons_to_remove(plain, self._acts.skip, self._acts.verb)
        plain = without_kept(plain, self._gazetteer, names, engines)
        plain = without_gaps(plain, self._gazetteer, self._acts.verb)
        return told(plain, self._gazetteer, resources, self._acts.skip, self._acts.verb)

    def _without_one(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """`A mysql one named wordpress`: "one" stands for what such software is, and is nothing besides."""
        return [
            token
            for place, token in enumerate(tokens)
            if token.norm != "one"
            or place < _LEAST_BEFORE
            or tokens[place - 2].norm not in {"a", "an", "another"}
            or Sort.SOFTWARE not in self._gazetteer.meaning(tokens[place - 1].norm)
        ]

    def _begins(self, tokens: Sequence[Token], index: int) -> bool:
        """Whether an order or a wish begins there."""
        place = self._acts.skip(tokens, index)[0]
        return self._acts.verb(tokens, place) is not None or self._acts.wishes(tokens, place)

    # ── completing ───────────────────────────────────────────────────────────────────────────────────

    def completed(self, message: str, blueprint: Blueprint | None, history: Sequence[str]) -> str:
        """The message, put after the requests it completes: "make it bigger" … "the database to 16GB"; or what it
        agrees to: "there is no cache: should I add one?" … "yes please"."""
        names = [resource.name for resource in blueprint.resources] if blueprint else []
        text = ""
        past = list(history[-REMEMBERED:])
        for number, said in enumerate([*past, message]):
            before = past[: max(0, number - 1)]
            may_answer = (bool(text) and not _carried_out(text, names)) and (
                agrees(said) or chooses(said) or self._fragment(said, names)
            )
            questions = self._asked(text, blueprint, before) if may_answer else ()
            offer = next((asks.offer for asks in questions if asks.offer), None)
            if offer is not None and agrees(said):
                text = offer
            elif full := _put_again(text, said, questions, blueprint) or sized(said, text):
                text = full
            elif any(asks.open for asks in questions) and self._fragment(said, names):
                answer = _with_unit(text, said)
                text = f"{_in_all(text, answer)} {answer}"
            else:
                text = said
        return text

    def folded(self, history: Sequence[str], blueprint: Blueprint | None) -> list[str]:
        """Earlier messages with the answers among them put in full: "delete the vm", "goose" as "delete goose", even
        where what was chosen is there no more."""
        said = list(history)
        for place in range(1, len(said)):
            answer = said[place]
            if len(answer.split()) > _LONGEST_ANSWER:
                continue
            full = self.completed(answer, blueprint, said[:place])
            gone = self._gone(answer, said[place - 1], blueprint, said[: place - 1])
            said[place] = gone if full == answer and gone else full
        return said

    def _gone(
        self, answer: str, request: str, blueprint: Blueprint | None, history: Sequence[str]
    ) -> str | None:
        """The request about one that its answer names and that is there no more."""
        word = answer.strip(" .!")
        if _ONE_NAME.fullmatch(word) is None or self._gazetteer.means(word.casefold()):
            return None
        questions = self._asked(request, blueprint, history)
        which = next((asks for asks in questions if asks.among and asks.about), None)
        return put_again(request, which.about, [word]) if which is not None else None

    def _fragment(self, message: str, names: Sequence[str]) -> bool:
        """Whether a message can be an answer: it begins with a thing, an amount or an article, and with no verb of any
        kind ("connect the …")."""
        acts = self._acts.read(self.tokens(message, names))
        if len(acts) != 1 or acts[0].verb is not None or not acts[0].edits:
            return False
        if self._target(acts[0]) is not None:
            return False  # "web-2 too" goes on from a request, and answers nothing
        first = next(iter(self._gazetteer.tag(acts[0].body, names)), None)
        if first is None or first.kind is not Kind.WORD or first.terms or first.existing:
            return first is not None
        return first.norm in _BEGINNINGS or first.norm not in self._gazetteer.common

    # ── the same again ───────────────────────────────────────────────────────────────────────────────

    def repeated(self, act: Act, names: Sequence[str], history: Sequence[str]) -> Act:
        """ "Same for db-2", "the other one too": the last request again, for something else."""
        target = self._target(act)
        if target is None or not any(map(_is_target, self._gazetteer.tag(target, names))):
            return act  # "the same for staging" is a copy of all of it
        for said in reversed(history[-REMEMBERED:]):
            before = [each for each in self._acts.read(self.tokens(said, names)) if each.edits]
            if not (before and before[-1].body) or self._target(before[-1]) is not None:
                continue
            if before[-1].verb in _ONLY_ITS_OWN:  # neither what went nor a new name is an amount
                return replace(before[-1], body=target)
            return replace(before[-1], body=(*target, *self._amounts(before[-1], names)))
        return act

    @staticmethod
    def _target(act: Act) -> tuple[Token, ...] | None:
        """What the same is wanted for, None if a clause does not want the same."""
        words = [token.norm for token in act.body]
        if words[-1:] == ["same"] and act.verb is None and words[-2:-1] in ([":"], ["the"], ["="]):
            return tuple(token for token in act.body[:-1] if token.norm not in {":", "the", "="})
        if not act.edits or (act.verb is not None and act.word not in _DOING):
            return None
        if words[-2:] == ["the", "same"] or (act.word == "give" and words[-1:] == ["same"]):
            return act.body[: -2 if words[-2:-1] == ["the"] else -1] or None
        same = next((place for place, word in enumerate(words[:4]) if word in _SAME), None)
        if same is not None and "as" in words[same + 1 :]:
            return None  # "same size as manager"
        if same is not None:
            rest = act.body[same + 1 :]
            while rest and rest[0].norm in _TOWARDS:
                rest = rest[1:]
            return rest or None
        tail = 2 if words[-2:] == ["as", "well"] else 1 if words and words[-1] in _TOO else 0
        return act.body[:-tail] if tail and len(words) > tail and act.verb is None else None

    def _amounts(self, act: Act, names: Sequence[str]) -> list[Token]:
        """What a request says beside its target."""
        kept: list[Token] = []
        for item in self._gazetteer.tag(act.body, names):
            gone = act.verb == "remove" and item.kind is Kind.WORD and not item.terms
            if not (_points(item) or gone):
                kept += item.tokens
        return kept

    # ── what was spoken of ───────────────────────────────────────────────────────────────────────────

    def focus(self, history: Sequence[str], blueprint: Blueprint | None) -> Focus:
        """The resources the last messages spoke of."""
        focus = Focus()
        if blueprint is None or not blueprint.resources:
            return focus
        names = [resource.name for resource in blueprint.resources]
        for said in history[-REMEMBERED:]:
            focus = focus.after(self._mentioned(said, blueprint, names, focus))
        return focus

    def spoken(self, tokens: Sequence[Token], blueprint: Blueprint, focus: Focus) -> list[str]:
        """The resources that some words of a message speak of."""
        names = [resource.name for resource in blueprint.resources]
        return self._pointed(tokens, blueprint, names, focus)

    def _mentioned(
        self, said: str, blueprint: Blueprint, names: Sequence[str], focus: Focus
    ) -> list[str]:
        return self._pointed(self.tokens(said, names), blueprint, names, focus)

    def _pointed(
        self, tokens: Sequence[Token], blueprint: Blueprint, names: Sequence[str], focus: Focus
    ) -> list[str]:
        return list(self._known(tuple(tokens), _This(blueprint), tuple(names), focus))

    def _found(
        self, tokens: tuple[Token, ...], this: _This, names: tuple[str, ...], focus: Focus
    ) -> tuple[str, ...]:
        blueprint = this.blueprint
        targets = Targets(blueprint, focus)
        cluster = any(r.type is ResourceType.KUBERNETES_CLUSTER for r in blueprint.resources)
        parsed = parse(tokens, self._gazetteer, names=names, cluster=cluster)
        as_tiers(parsed, blueprint.resources)
        found: list[str] = []
        copied = bool(_CLONING & {token.norm for token in tokens[:_FIRST_WORDS]})
        named = {phrase.existing for phrase in parsed.phrases if phrase.existing}
        after = zip_longest(parsed.phrases, parsed.phrases[1:])
        for before, (phrase, next_) in zip((None, *parsed.phrases), after, strict=False):
            if _kind_of_named(before, phrase, targets):
                continue  # "the legacy vm" is legacy
            if _new_by_name(phrase, next_, targets):
                continue  # "a VM called web-2" speaks of web-2, and not of every VM
            if named and any(a.path == "vlan" for a in phrase.attributes):
                continue  # "guest must be vlan 25"
            called = copied and phrase.link == "as"
            if not called and (phrase.link in {"as", "like"} or (named and _of_a_kind(phrase))):
                continue  # "same size as manager" speaks of something else
            if not phrase.negated and not _any_of_several(phrase, targets):
                meant = [r.name for r in targets.find(phrase)]
                if _is_one(phrase) and len(meant) > 1 and named & set(meant):
                    continue  # "his machine tom-dev": the one that is named
                found += [name for name in meant if name not in found]
        if not (
            found or parsed.phrases or copied
        ):  # "another one called notepad" is no phrase, and names it
            tagged = self._gazetteer.tag(tokens, names)
            found = [name for item in tagged if (name := item.existing) is not None]
        return tuple(found[-1:] if copied else dict.fromkeys(found))


def _new_by_name(phrase: Phrase, after: Phrase | None, targets: Targets) -> bool:
    """Whether a phrase is a new thing, of which nothing but the kind is said before its name."""
    if after is None or after.existing is None or after.joint or after.link:
        return False
    new = phrase.determiner is Determiner.INDEFINITE or phrase.count == 1
    said = phrase.existing or phrase.names or phrase.plural
    return new and not said and after.existing in {r.name for r in targets.find(phrase)}


def _put_again(
    text: str, said: str, questions: Sequence[Asks], blueprint: Blueprint | None
) -> str | None:
    """The request about those that the answer chooses among; None where it chooses none."""
    resources = blueprint.resources if blueprint else ()
    for asks in questions:
        if misplaced(said, asks.among):
            return text
        if asks.among and (names := chosen(said, asks.among, resources)):
            return put_again(text, asks.about, names)
    return None


def _of_a_kind(phrase: Phrase) -> bool:
    """`homeassistant in an LXC container instead of a VM`: what kind of thing something is to be."""
    indefinite = phrase.determiner is Determiner.INDEFINITE and phrase.existing is None
    return indefinite and phrase.link in {"in", "into", "of"}


def _carried_out(text: str, names: Sequence[str]) -> bool:
    """Whether something is there by the name that a message gave it: nothing is left to be asked about it."""
    known = {name.casefold() for name in names}
    return any(found["name"].casefold() in known for found in _GIVEN.finditer(text))


def _kind_of_named(before: Phrase | None, phrase: Phrase, targets: Targets) -> bool:
    """Whether a phrase only says what kind of thing the name right before it is of."""
    if before is None or before.existing is None or phrase.existing or phrase.joint or phrase.link:
        return False
    bare = phrase.determiner is Determiner.BARE and not (phrase.plural or phrase.count)
    named = {resource.name for resource in targets.find(before)}
    return bare and bool(named & {resource.name for resource in targets.find(phrase)})


def _is_one(phrase: Phrase) -> bool:
    """Whether a phrase is a noun for one thing, and says no more of it."""
    return not (phrase.plural or phrase.existing or phrase.selector or phrase.group or phrase.count)


def _any_of_several(phrase: Phrase, targets: Targets) -> bool:
    """`The database`, where there are several of their own: nobody knows yet which."""
    one = phrase.determiner is Determiner.DEFINITE and _is_one(phrase)
    stores = [r for r in targets.find(phrase) if r.type in DATA] if one else []
    return len({stem(r) for r in stores}) > 1 and not any(r.name in targets.focus for r in stores)


_SOME_MORE = seldom(
    r"\b(?:(?:a|some) (?:bit|little|lot) )?(?:more|extra|additional|less|bigger|larger|smaller) ",
    re.IGNORECASE,
)
_FIGURE = seldom(
    r"^\W*(?:(?:say|maybe|ok|so|well|let'?s say|i'?d say|about|perhaps|to)\W+)*(?P<n>\d+)(?:\W+(?:please|pls|then|"
    r"should do|would do|will do))*\W*$",
    re.IGNORECASE,
)
_OF_SIZE = seldom(r"\b(?:memory|ram|mem|disk|storage|space)\b", re.IGNORECASE)
_ANSWERS_AMOUNT = seldom(r"^\W*\d")


def _with_unit(text: str, answer: str) -> str:
    """`Say 8` as `8GB`, where the request was for more memory."""
    figure = _FIGURE.match(answer)
    return f"{figure['n']}GB" if figure and _OF_SIZE.search(text) else answer


def _in_all(text: str, answer: str) -> str:
    """A request without its "more", where the answer says how much there should be: "8GB" is what it should have."""
    told = _ANSWERS_AMOUNT.match(answer) is not None and "more" not in answer.casefold()
    return (
        _SOME_MORE.sub("", f"{text} ").strip()
        if told and _ANSWERS_AMOUNT.search(text) is None
        else text
    )


def _points(item: Item) -> bool:
    """Whether words point at a target rather than saying what should become of it."""
    return _is_target(item) or item.norm in _AROUND_A_TARGET


def _is_target(item: Item) -> bool:
    if item.norm in {"one", "other", "both", "first", "second", "last"}:
        return True
    return item.existing is not None or bool(item.terms.keys() & _OF_A_TARGET)
