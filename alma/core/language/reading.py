"""What a message became so far, clause by clause, and the interpretation that it ends as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.intent.particulars import Particulars
from alma.core.language.wording.loads import Said
from alma.core.model.blueprint import Constraints
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Intent,
    Interpretation,
    SetBlueprint,
    SetField,
    UseTemplate,
)
from alma.core.model.sizing import Sizing

# What is done to more than a draft counts before what is changed in it.
ACTS = (
    Intent.DEPLOY,
    Intent.DESTROY,
    Intent.ROLLBACK,
    Intent.APPROVE,
    Intent.REJECT,
    Intent.UNDO,
)
_SIZES = {"specs.cpu", "specs.memory"}


@dataclass
class Reading:
    """What a message became so far. `settled`: what it wants is beyond doubt, and nothing to be weighed again."""

    acts: Sequence[Act] = ()
    edits: list[Edit] = field(default_factory=list)
    intents: list[tuple[Intent, bool]] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    questions: list[Asks] = field(default_factory=list)
    noise: list[Asks] = field(default_factory=list)
    chatter: list[Asks] = field(default_factory=list)
    sizing: Sizing | None = None
    sized: bool = False
    region: str | None = None
    unused: list[str] = field(default_factory=list)
    settled: bool = False
    subject: str | None = None
    engine: str | None = None
    named: Particulars = field(default_factory=Particulars)

    def begin(self) -> None:
        """`Use Proxmox. Build a VM`: where nothing is there yet and something is made, all of it is a beginning."""
        if Intent.CREATE in {intent for intent, _ in self.intents}:
            self.intents = [
                (Intent.CREATE if intent is Intent.CHANGE else intent, done)
                for intent, done in self.intents
            ]

    def finished(self) -> Interpretation:
        """The reading as everybody else gets it: one intent for all clauses, and nothing twice."""
        question = " ".join(dict.fromkeys(asks.question for asks in self.questions)) or None
        drafting = {Intent.CREATE, Intent.CHANGE} & {intent for intent, _ in self.intents}
        return Interpretation(
            intent=_final(self.intents, asked=question is not None),
            acts=tuple(dict.fromkeys(intent for intent, _ in self.intents)),
            edits=tuple(self.edits),
            understood=tuple(dict.fromkeys(self.understood)),
            assumptions=tuple(dict.fromkeys(self.assumptions)),
            question=question,
            unused=tuple(dict.fromkeys(self.unused)),
            subject=self.subject,
            engine=self.engine,
            ipr_id=self.named.ipr_id,
            revision=None if drafting else self.named.revision,
            deployment_id=self.named.deployment_id,
            stack=self.named.stack,
        )


def about_whole(reading: Reading, owned: Mapping[str, str], load: Said | None) -> None:
    """What was said of the whole message: whose it is, what load it bears. Noise beside what was made asks nothing."""
    makes = any(isinstance(edit, AddResource | UseTemplate) for edit in reading.edits)
    # "It is too small. Give it 6GB": the second sentence answers what the first leaves open.
    sized = {e.name for e in reading.edits if isinstance(e, SetField) and e.path in _SIZES}
    reading.questions = [asks for asks in reading.questions if asks.size_of not in sized]
    saying_nothing = {Intent.UNKNOWN, Intent.SMALLTALK, Intent.CREATE}
    telling = any(done or intent not in saying_nothing for intent, done in reading.intents)
    if makes or owned or (telling and len(reading.intents) > 1):
        reading.questions = [asks for asks in reading.questions if asks not in reading.noise]
    if reading.edits and any(act.edits and act.verb for act in reading.acts):
        reading.questions = [asks for asks in reading.questions if asks not in reading.chatter]
    said = any(isinstance(e, SetBlueprint) and e.constraints for e in reading.edits)
    if makes and reading.region is not None and not said:
        reading.edits.append(SetBlueprint(constraints=Constraints(region=reading.region)))
        reading.understood.append(f"region {reading.region}")
    if owned:
        reading.edits.append(SetBlueprint(metadata=dict(owned)))
        reading.intents.append((Intent.CHANGE, not makes))
        reading.understood += [f"{key.replace('_', ' ')} {value}" for key, value in owned.items()]
    if load is None:
        return
    if reading.sized and reading.sizing is not None:
        reading.assumptions.append(f"sized for {load.words}: {'; '.join(reading.sizing.working)}")
        assumed = [*load.assumed, *(said.partition(":")[0] for said in reading.sizing.assumptions)]
        if assumed:
            reading.assumptions.append(f"taken as given there: {', '.join(assumed)}")
    else:
        reading.assumptions.append(f"{load.words} is noted, but no size was made of it")
    if reading.edits:
        reading.edits.append(SetBlueprint(metadata={"load": load.words}))


def _final(intents: Sequence[tuple[Intent, bool]], *, asked: bool = False) -> Intent:
    """One intent for several clauses: deploying wins, then the first that changes something, then the first at all. An
    order that is `asked` about counts more than why it was given ("it's too slow, make it bigger")."""
    if not intents:
        return Intent.UNKNOWN
    for act in ACTS:
        if any(intent is act for intent, _ in intents):
            return act
    telling = [intent for intent, _ in intents if intent not in {Intent.UNKNOWN, Intent.SMALLTALK}]
    acting = [intent for intent, acted in intents if acted]
    acting = [intent for intent in acting if intent is not Intent.UNKNOWN]
    drafting = [intent for intent in telling if intent in {Intent.CREATE, Intent.CHANGE}]
    reasons = {Intent.TROUBLESHOOT, *drafting}
    if asked and not acting and drafting and set(telling) <= reasons:
        return drafting[0]
    return (acting or telling or [intent for intent, _ in intents])[0]
