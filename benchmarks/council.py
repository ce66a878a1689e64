"""How many known defects the council finds, and how much of what it says is about one: by its rules, and with a model.

    .venv/bin/python -m benchmarks.council [--model] [--write] [--check]

Each kind of defect of `council_cases.py` is seeded into each good blueprint by itself, and planned on the simulation.
Recall is the share of seeded defects that are found; precision the share of new findings that are the defect or follow
from it. Where nothing is seeded, everything that is found is wrong. With a model, its sentences that are no opinion
count, too: right if they cite the place of the defect, found if they alone do. Without `--model` a scripted one is
asked that repeats a finding, makes things up, and cites what does not bear it out. `--write` puts the figures into
docs/council.md; `--check` leaves with 1 where the model has made them worse.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alma.config import load_catalogue, load_prices
from alma.config.loading import load_lifecycle
from alma.config.packs import PolicyFiles
from alma.core.agent.examiners import EXAMINATIONS
from alma.core.agent.moderating import merged
from alma.core.agent.prose import Speech
from alma.core.economics.measures import Aims
from alma.core.model.base import digest_of
from alma.core.model.blueprint import Blueprint
from alma.core.model.council import Agent, Citation, Claim, CouncilFinding
from alma.core.model.dialogue import Ask
from alma.core.model.document import parse_blueprint
from alma.core.model.plan import Plan, Target
from alma.core.model.state import Observation, ObservedResource, StackRef, StateRecord, Status
from alma.core.planning.planner import make_plan
from alma.core.planning.resolve import resolve
from alma.core.policy.evaluate import assess
from alma.core.policy.packs import read_packs
from alma.core.services.dossiers import Before, Dossier
from alma.core.services.estimates import Estimates
from alma.core.services.gate import Judgement
from alma.engines.simulation import SimulationEngine, SimulationSettings
from alma.llm.scripted import ScriptedModel
from benchmarks.council_cases import GOOD, KINDS, Document, Kind

if TYPE_CHECKING:
    from alma.core.ports import LanguageModel

TODAY = date(2026, 11, 22)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "council.md"
_STACK = StackRef(id="s-1", name="shop", engine="simulation")
_PATIENCE = 120.0
_BEGIN, _END = "<!-- benchmarks/council.py -->", "<!-- end -->"


class Bench:
    """What dossiers are made with: the shipped rules and prices, and the simulation's pure half."""

    def __init__(self) -> None:
        self._catalogue = load_catalogue()
        self._rules = read_packs(PolicyFiles().packs("default"))
        self._estimates = Estimates(self._catalogue, load_prices())
        self._engine = SimulationEngine(SimulationSettings(path=Path("unused.db")))
        self._lifecycle = load_lifecycle()

    def dossier(self, document: Document, kind: Kind | None, good: Document) -> Dossier:
        """A seeded blueprint with its plan: against nothing, or against the good one that runs."""
        blueprint = parse_blueprint(deepcopy(document))
        runs = parse_blueprint(deepcopy(good)) if kind is not None and kind.runs else None
        assessment = assess(
            self._rules,
            blueprint,
            lifecycle=self._lifecycle,
            today=TODAY,
            catalogue=self._catalogue,
        )
        estimate = self._estimates.estimate(blueprint)
        before = self._estimates.estimate(runs).monthly if runs is not None else None
        return Dossier(
            blueprint=blueprint,
            plan=self._plan(blueprint, runs, kind),
            judgement=Judgement(assessment),
            estimate=estimate,
            before=None if before is None else Before("what is deployed", Decimal(before)),
            optimisation=self._estimates.optimise(blueprint, Aims()),
            bundle=assessment.bundle,
            book=estimate.book,
        )

    def _plan(self, blueprint: Blueprint, runs: Blueprint | None, kind: Kind | None) -> Plan:
        seen = tuple(self._built(runs, drifted=bool(kind and kind.drifted))) if runs else ()
        target = Target(
            blueprint_id=1, revision=2, engine="simulation", volumes=bool(kind and kind.volumes)
        )
        wanted = resolve(blueprint, self._catalogue, self._engine.traits)
        return make_plan(
            target=target,
            blueprint_name=blueprint.name,
            revision_digest=digest_of(blueprint.dump()),
            desired=wanted.resources,
            observation=Observation(stack=_STACK, place="simulation", resources=seen),
            records=[_recorded(item, self._built(runs)) for item in seen] if runs else (),
            engine=self._engine,
            diagnostics=wanted.diagnostics,
        )

    def _built(self, blueprint: Blueprint, *, drifted: bool = False) -> Iterator[ObservedResource]:
        """What would run of a blueprint; `drifted`, with a server that somebody has changed by hand."""
        for item in resolve(blueprint, self._catalogue, self._engine.traits).resources:
            properties = dict(self._engine.shape(item, _STACK))
            if drifted and item.address == "web":
                properties["specs.memory"] = "1GiB"
            yield ObservedResource(
                address=item.address,
                type=item.type,
                object_id=f"sim-{item.address}",
                name=item.address,
                key=f"before:{item.address}",
                properties=properties,
                depends_on=item.depends_on,
                retain=item.retain,
                status=Status.RUNNING,
            )


def _recorded(seen: ObservedResource, made: Iterable[ObservedResource]) -> StateRecord:
    """What was recorded when it was made."""
    was = next(item for item in made if item.address == seen.address)
    return StateRecord(
        address=was.address,
        type=was.type,
        object_id=was.object_id,
        properties=was.properties,
        depends_on=was.depends_on,
        retain=was.retain,
        deployment_id="d-1",
        updated_at=datetime.combine(TODAY, time(), UTC),
    )


# ── counting ─────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Tally:
    """What was seeded, found, and said."""

    seeded: int = 0
    found: int = 0
    right: int = 0
    wrong: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    sentences: int = 0
    opinions: int = 0

    @property
    def recall(self) -> float:
        return self.found / self.seeded if self.seeded else 0.0

    @property
    def precision(self) -> float:
        said = self.right + self.wrong
        return self.right / said if said else 1.0


@dataclass(frozen=True)
class Looked:
    """What the council said of one dossier."""

    findings: Sequence[CouncilFinding]
    claims: Sequence[Claim] = ()


async def looked(dossier: Dossier, speech: Speech | None) -> Looked:
    """Everybody's findings, and with a model its sentences."""
    by_agent = {agent: [*examine(dossier)] for agent, examine in EXAMINATIONS.items()}
    claims: list[Claim] = []
    for agent in Agent if speech is not None else ():
        assert speech is not None
        prose = await speech.about(agent, dossier, by_agent[agent], project="default")
        claims += prose.claims
    return Looked(merged(item for found in by_agent.values() for item in found), claims)


def count(tally: Tally, kind: Kind | None, said: Looked, base: Looked) -> None:
    """Adds one case. What is found in the good blueprint, too, is not about the defect."""
    known = {(item.code, item.path) for item in base.findings}
    fresh = (
        [item for item in said.findings if (item.code, item.path) not in known]
        if kind
        else said.findings
    )
    right = [item for item in fresh if kind is not None and _follows(kind, item)]
    tally.right += len(right)
    tally.wrong += len(fresh) - len(right)
    label = kind.name if kind else "nothing seeded"
    tally.false += [f"{label}: {item.code} at {item.path}" for item in fresh if item not in right]
    stated = [claim for claim in said.claims if not claim.opinion]
    tally.sentences += len(said.claims)
    tally.opinions += len(said.claims) - len(stated)
    if kind is None:
        return
    # What only repeats a finding adds nothing, whoever's it is.
    told = [claim for claim in stated if _cites(kind, claim)]
    hit = any(item.code in kind.wants for item in fresh)
    seen = {_key(c) for item in said.findings for c in item.citations}
    beside = [c for c in stated if c not in told and not seen & {*map(_key, c.citations)}]
    tally.right += bool(told and not hit)
    tally.wrong += len(beside)
    tally.false += [f"{label}: “{claim.text}”" for claim in beside]
    tally.seeded += 1
    tally.found += hit or bool(told)
    tally.missed += [] if hit or told else [kind.name]


def _key(citation: Citation) -> tuple[str, str]:
    return citation.path, citation.ref


def _follows(kind: Kind, item: CouncilFinding) -> bool:
    return item.code in kind.wants or item.code.startswith(kind.also)


def _cites(kind: Kind, claim: Claim) -> bool:
    place = f"resources.{kind.where}" if kind.where else ""
    return any(
        cited.ref in kind.wants
        or (place and (cited.path == place or cited.path.startswith(f"{place}.")))
        for cited in claim.citations
    )


async def measured(bench: Bench, model: LanguageModel | None) -> Tally:
    """All kinds in all good blueprints, and the good ones by themselves."""
    speech = Speech(model, patience=_PATIENCE) if model is not None else None
    tally = Tally()
    for good in GOOD.values():
        base = await looked(bench.dossier(good, None, good), None)
        count(tally, None, base, base)
        for kind in KINDS:
            document = deepcopy(good)
            kind.seed(document)
            count(tally, kind, await looked(bench.dossier(document, kind, good), speech), base)
    return tally


# ── a model that can't be trusted ────────────────────────────────────────────────────────────────


def liar() -> ScriptedModel:
    """Repeats its first exhibit, which is right, and lies in every way it can think of."""
    return ScriptedModel([_lies], name="scripted:liar", forever=True)


def _lies(ask: Ask) -> Document:
    shown = _shown(ask)
    rule = next((item for item in shown if item["kind"] == "rule"), None)
    other = next((item for item in reversed(shown) if item["kind"] == "fact"), None)
    said = [
        {"text": "A backdoor was found in the payment service.", "evidence": []},
        {
            "text": "Everything is fine and can be approved.",
            "evidence": [shown[0]["id"]] if shown else [],
        },
        {"text": "An attacker has reached lb 4711 times.", "evidence": ["E9999"]},
    ]
    if rule is not None:
        said.append({"text": f"Rule {rule['is']} is broken.", "evidence": [rule["id"]]})
        if other is not None:
            said.append(
                {"text": f"Rule {rule['is']} costs $12,345 a month.", "evidence": [other["id"]]}
            )
    return {"sentences": said}


def _shown(ask: Ask) -> list[dict[str, Any]]:
    """The list that it is given; nothing of one that was cut."""
    text = ask.parts[0].text.partition("\n")[2]
    found: list[dict[str, Any]] = [] if text.endswith("(cut)") else json.loads(text)
    return found


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


def table(alone: Tally, together: Tally, model: str) -> str:
    """The figures as a table of Markdown."""
    rows = [("rules and plan alone", alone), (f"with the model {model}", together)]
    lines = [
        f"{len(KINDS)} kinds of defects, each in {len(GOOD)} blueprints: {alone.seeded} cases.",
        "",
        "| | recall | precision | sentences | of them opinion |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {t.recall:.1%} | {t.precision:.1%} | {t.sentences or '–'} | {t.opinions or '–'} |"
            for name, t in rows
        ),
        "",
        f"Missed: {', '.join(sorted(set(alone.missed))) or 'nothing'}.",
    ]
    return "\n".join(lines)


def write(text: str) -> None:
    """Puts the figures into the page."""
    page = PAGE.read_text(encoding="utf-8")
    marked = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)
    PAGE.write_text(marked.sub(lambda _: f"{_BEGIN}\n{text}\n{_END}", page), encoding="utf-8")


async def run(*, real: bool) -> tuple[Tally, Tally, str]:
    """Both tallies, and who the model was."""
    bench = Bench()
    model: LanguageModel = _configured() if real else liar()
    alone, together = await measured(bench, None), await measured(bench, model)
    name = model.name
    await model.close()
    return alone, together, name


def _configured() -> LanguageModel:
    """The model of the settings. Raises SystemExit where there is none."""
    from alma.bootstrap.conversing import models
    from alma.bootstrap.ground import lay
    from alma.llm import ModelMeter
    from alma.settings import Settings

    found = models(lay(Settings(), None), ModelMeter())
    if found is None:
        raise SystemExit("no language model is configured: set ALMA_LLM_MODEL")
    return found


def main() -> int:
    """Prints the figures, and what was missed or wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", action="store_true", help="the configured model, not the script")
    parser.add_argument("--write", action="store_true", help="into docs/council.md")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    alone, together, name = asyncio.run(run(real=given.model))
    text = table(alone, together, name)
    print(text)
    for item in sorted(set(alone.false)):
        print(f"wrong: {item}")
    if given.write:
        write(text)
    return int(given.check and (together.recall < alone.recall or together.wrong > alone.wrong))


if __name__ == "__main__":
    sys.exit(main())
