"""What a model is given to cite, by number, and whether a sentence of its really follows what it cites.

A citation is a number out of a list that ALMA has made. So a place that does not exist can't be cited, and a sentence
about something else than what it cites is found out by its figures and names. Sentences that judge are opinions
whatever they cite: judging is done by rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from pydantic import Field, ValidationError

from alma.core.agent.opinions import cleaned, figures_of, marked, sentences
from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Resource
from alma.core.model.council import Agent, Citation, Claim, CouncilFinding, Evidence
from alma.core.model.plan import Change
from alma.core.services.dossiers import Dossier

MOST = 60
SENTENCES = 6
_LONG = 400
_CITED = 6
_TEXT = 160
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+\b")
_NUMBER = re.compile(r"(?<![\w.-])\d[\d,]*(?:\.\d+)?(?![\w-])")
_JUDGES = re.compile(
    r"\b(?:approv\w*|reject\w*|waiv\w*|lgtm|ship it|go ahead|safe(?:ly)? to|ready to|good to go|ignor\w*"
    r"|overrid\w*|lift\w*|acceptable|no (?:\w+ )?(?:risks?|issues?|problems?|concerns?|findings?|violations?))\b",
    re.IGNORECASE,
)


class Sentence(Frozen):
    """One sentence as a model gives it, with the numbers of what bears it out."""

    text: str = Field(max_length=_LONG)
    evidence: tuple[str, ...] = Field(default=(), max_length=_CITED)


class Words(Frozen):
    """A model's whole answer."""

    sentences: tuple[Sentence, ...] = Field(max_length=SENTENCES)


class Exhibits:
    """The numbered list for one of the council. What is found comes first, then what is planned and said."""

    def __init__(self, agent: Agent, dossier: Dossier, findings: Sequence[CouncilFinding]) -> None:
        cited = dict.fromkeys(map(_frozen, _all(agent, dossier, findings)))
        self._by_id = {f"E{n}": Citation.model_validate_json(c) for n, c in enumerate(cited, 1)}
        self._names = frozenset(resource.name for resource in dossier.blueprint.resources)

    @property
    def shown(self) -> list[Json]:
        """The list as a model sees it."""
        return [
            {"id": id_, "kind": c.kind.value, "at": c.path, "is": c.ref, "value": _short(c.value)}
            for id_, c in self._by_id.items()
        ]

    def claims(self, words: Words) -> Iterator[Claim]:
        """The sentences, each with what it cites, or marked as opinion. Of several sentences in one, only the first
        can have been meant by the citation."""
        for said in words.sentences:
            first = True
            for text in sentences(cleaned(said.text)):
                yield self._claim(text, said.evidence if first else ())
                first = False

    def _claim(self, text: str, ids: Sequence[str]) -> Claim:
        known = tuple(self._by_id[id_] for id_ in ids if id_ in self._by_id)
        borne_out = bool(known) and len(known) == len(ids) and self._follows(text, known)
        return Claim(text=text, citations=known, opinion=not borne_out)

    def _follows(self, text: str, cited: Sequence[Citation]) -> bool:
        if _JUDGES.search(text):
            return False
        plain = [[c.path, c.ref, c.value] for c in cited]
        if marked(text, figures_of(plain))[1]:
            return False
        codes = {c.ref for c in cited}
        without = _CODE.sub(" ", text)
        return (
            set(_CODE.findall(text)) <= codes
            and _numbers(without) <= _numbers(str(plain))
            and self._named(without) <= self._named(str(plain))
        )

    def _named(self, text: str) -> set[str]:
        """Resources that a text names: also within a path."""
        words = {word.strip(".-_") for word in _NAME.findall(text)}
        parts = {part for word in words for part in word.split(".")}
        return set(self._names & (words | parts))


def read_words(document: Mapping[str, Json]) -> Words | None:
    """A model's answer; None where it is none."""
    try:
        return Words.model_validate(document)
    except ValidationError:
        return None


def resolves(citation: Citation, dossier: Dossier, rules: Collection[str]) -> bool:
    """Whether what is cited is there: a known rule, a place of the blueprint, the plan or the estimate."""
    if citation.kind is Evidence.RULE and citation.ref not in rules:
        return False
    top, _, rest = citation.path.partition(".")
    match top:
        case "resources":
            return not rest or any(
                rest == resource.name or rest.startswith(f"{resource.name}.")
                for resource in dossier.blueprint.resources
            )
        case "plan":
            return dossier.plan is not None
        case "estimate":
            return dossier.estimate is not None
        case _:
            return True  # of the blueprint as a whole: metadata.owner, constraints


# ── what is shown ────────────────────────────────────────────────────────────────────────────────


def _all(agent: Agent, dossier: Dossier, findings: Sequence[CouncilFinding]) -> Iterable[Citation]:
    found = chain.from_iterable(item.citations for item in findings)
    facts = chain(_money(agent, dossier), _changes(agent, dossier), _resources(dossier))
    return islice(chain(islice(found, MOST * 2 // 3), facts), MOST)


def _money(agent: Agent, dossier: Dossier) -> Iterator[Citation]:
    if agent is not Agent.FINOPS or dossier.estimate is None:
        return
    estimate = dossier.estimate
    yield _figure("estimate.monthly", estimate.book, float(estimate.monthly))
    if dossier.before is not None:
        yield _figure("estimate.before", dossier.before.what, float(dossier.before.monthly))
    for name, monthly in estimate.by_resource.items():
        yield _figure(f"resources.{name}", "monthly", float(monthly))


def _changes(agent: Agent, dossier: Dossier) -> Iterator[Citation]:
    if agent is Agent.ARCHITECT and dossier.plan is not None:
        yield from map(_change, dossier.plan.effective)


def _change(change: Change) -> Citation:
    return _fact(f"plan.changes.{change.address}", "action", change.action.value)


def _resources(dossier: Dossier) -> Iterator[Citation]:
    for resource in dossier.blueprint.resources:
        yield _fact(f"resources.{resource.name}", "resource", _described(resource))


def _described(resource: Resource) -> dict[str, Json]:
    """What is said of a resource in values: no text in which somebody could write what they like."""
    specs, network = resource.specs, resource.network
    told: dict[str, Json] = {
        "type": resource.type.value,
        "engine": resource.engine,
        "version": resource.version,
        "count": resource.count,
        "cpu": specs.cpu,
        "memory": str(specs.memory) if specs.memory else None,
        "disk": str(specs.disk) if specs.disk else None,
        "ports": [str(port) for port in network.ports],
        "public": network.public_ip is not False,
        "depends_on": list(resource.depends_on),
        "backends": list(resource.backends),
        "backup": resource.backup is not None,
    }
    return {key: value for key, value in told.items() if value not in (None, [], False)}


def _fact(path: str, ref: str, value: Json) -> Citation:
    return Citation(kind=Evidence.FACT, path=path, ref=ref, value=value)


def _figure(path: str, ref: str, value: float) -> Citation:
    return Citation(kind=Evidence.FIGURE, path=path, ref=ref, value=value)


def _frozen(citation: Citation) -> str:
    return citation.model_dump_json()


def _short(value: Json) -> Json:
    """A value without what is too long to be one: a text that long may be somebody's instructions."""
    return f"{value[:_TEXT]} …" if isinstance(value, str) and len(value) > _TEXT else value


def _numbers(text: str) -> set[str]:
    return {f"{float(found.replace(',', '')):g}" for found in _NUMBER.findall(text)}
