"""What a message makes of a draft: edits applied and validated, landed on an engine, and kept within its limits.

Nothing is saved here, and nothing is read but what the caller brings: the same draft and reading give the same result,
so that a turn may be answered again after a crash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from alma.core.language.editing.edits import apply_edits, flatten
from alma.core.model.blueprint import Blueprint, Constraints, Origin, Revision, dump_plain
from alma.core.model.conversation import (
    Edit,
    Intent,
    Interpretation,
    Said,
    SetBlueprint,
    SetField,
    Turn,
    TurnContext,
    UseTemplate,
)
from alma.core.model.cost import Estimate, Variant
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import AlmaError, BlueprintInvalid, InvalidInput, NotFound
from alma.core.model.plain import check_values
from alma.core.services.estimates import Estimates
from alma.core.services.known import Known
from alma.core.services.plans import Plans
from alma.core.services.templates import Templates

_GUESSES = frozenset({Origin.DEFAULT, Origin.INFERRED, Origin.TEMPLATE, Origin.MODEL})


@dataclass(frozen=True)
class Draft:
    """Where a conversation stands before a message. `turns` are the latest that were answered, without their drafts;
    `past` are turns with them, as far back as undoing looks; `number` is how many there are at all. `recent` is, for a
    conversation that begins, the draft that the same person spoke of just before, under an id that ALMA made up."""

    project: str
    blueprint: Blueprint | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    revision: Revision | None = None
    turns: tuple[Said, ...] = ()
    past: tuple[Turn, ...] = ()
    number: int = 0
    recent: Draft | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """The person's messages before this one."""
        return tuple(turn.message for turn in self.turns)

    @property
    def offer(self) -> tuple[Edit, ...]:
        """What the last answer offered to do."""
        return self.turns[-1].offer if self.turns else ()


@dataclass(frozen=True)
class Edited:
    """What a message made of a draft. `refused` says why its edits were not applied, `offer` are edits that would be
    done if the person agrees. `variant` is how the draft was, or could be, brought under its cost limit; `over` says
    that it was not, and `estimate` is then of what was asked for. `kept`: for that reason the draft is as it was.
    `stays`: there is nothing to act on. `copied`: it is another blueprint from now on; `back_to`: that one again."""

    blueprint: Blueprint | None
    origins: Mapping[str, Origin]
    engine: str | None
    refused: str | None = None
    note: str | None = None
    warnings: tuple[str, ...] = ()
    estimate: Estimate | None = None
    before: Estimate | None = None
    variant: Variant | None = None
    offer: tuple[Edit, ...] = ()
    over: bool = False
    kept: bool = False
    stays: bool = False
    copied: bool = False
    back_to: int | None = None


class Drafting:
    """Applies readings to drafts. `diagnosed` are the remarks on the latest drafts, for all who ask for them."""

    def __init__(
        self,
        *,
        templates: Templates,
        plans: Plans,
        estimates: Estimates,
        diagnosed: Known[tuple[Diagnostic, ...]],
    ) -> None:
        self._templates = templates
        self._diagnosed = diagnosed
        self._plans = plans
        self._estimates = estimates
        self._estimated = Known(estimates.estimate)

    def edited(
        self, draft: Draft, reading: Interpretation, context: TurnContext | None = None
    ) -> Edited:
        """The draft after a message, valid or as it was. Never raises for what a person may say."""
        if reading.intent is Intent.UNDO and not reading.edits:
            return self._undone(draft)
        edits = self._with_context(reading.edits, context or TurnContext())
        if not edits:
            return self._unchanged(draft)
        try:
            edited = self._applied(draft, edits)
        except (InvalidInput, NotFound) as error:
            return self.refused(draft, error)
        return self._within_limits(draft, edits, edited)

    def refused(self, draft: Draft, error: AlmaError) -> Edited:
        """The draft as it is, and why nothing could be made of it."""
        return self._unchanged(draft, refused=_reason(error))

    def gone_back(self, draft: Draft, earlier: Revision | None) -> Edited:
        """The draft as an earlier revision of it was."""
        if draft.blueprint is None or earlier is None:
            kept = self._unchanged(draft, note="Nothing ran before that could be gone back to.")
            return replace(kept, stays=True)
        blueprint, engine = self._landed(draft.project, earlier.blueprint)
        return Edited(
            blueprint,
            earlier.origins,
            engine,
            note=f"{blueprint.name} is drafted as in revision {earlier.number} again.",
            estimate=self.estimate(blueprint),
            before=self.estimate(draft.blueprint),
        )

    def estimate(self, blueprint: Blueprint | None) -> Estimate | None:
        """What the blueprint costs a month; None where nothing is in it."""
        if blueprint is None or not blueprint.resources:
            return None
        return self._estimated.of(blueprint)

    # ── edits ────────────────────────────────────────────────────────────────────────────────────

    def _with_context(self, edits: Sequence[Edit], context: TurnContext) -> tuple[Edit, ...]:
        """What came along with the words is as if it had been said; an engine only where there is something to land."""
        along: list[Edit] = []
        if context.engine and edits:
            along.append(SetBlueprint(engine=context.engine))
        if context.constraints is not None:
            along.append(SetBlueprint(constraints=context.constraints))
        return (*edits, *along)

    def _applied(self, draft: Draft, edits: Sequence[Edit]) -> Edited:
        blueprint, origins = apply_edits(
            draft.blueprint, edits, origins=draft.origins, templates=self._templates.customize
        )
        blueprint, engine = self._landed(draft.project, blueprint)
        self._check(blueprint)
        origins = dict(origins) | self._said_in_parameters(edits)
        if blueprint.engine is None:
            origins.pop("engine", None)
        return Edited(
            blueprint,
            origins,
            engine,
            warnings=tuple(self._unkept(blueprint, engine)),
            copied=any(isinstance(edit, SetBlueprint) and edit.copied for edit in edits),
        )

    def _check(self, blueprint: Blueprint) -> None:
        """Holds a draft against what any document is held against. Its fields were checked when they were set. Raises
        BlueprintInvalid."""
        check_values(blueprint.dump())
        errors = [item for item in self._diagnosed.of(blueprint) if item.severity is Severity.ERROR]
        if errors:
            raise BlueprintInvalid(errors)

    def _said_in_parameters(self, edits: Sequence[Edit]) -> dict[str, Origin]:
        """What a template was given as a parameter are the person's words."""
        return {
            path: origin
            for edit in edits
            if isinstance(edit, UseTemplate)
            for path, origin in self._templates.origins(edit.template, edit.parameters).items()
            if origin is Origin.WORDS
        }

    def _unchanged(
        self, draft: Draft, *, refused: str | None = None, note: str | None = None
    ) -> Edited:
        engine = self._landed(draft.project, draft.blueprint)[1] if draft.blueprint else None
        estimate = self.estimate(draft.blueprint)
        return Edited(
            draft.blueprint,
            draft.origins,
            engine,
            refused=refused,
            note=note,
            estimate=estimate,
            before=estimate,
        )

    def _undone(self, draft: Draft) -> Edited:
        """The draft before the last message that changed it, and so on: undoing twice goes back twice."""
        states = _states(draft.past, draft.blueprint)
        earlier = states[-1] if states else None
        if earlier is None or earlier.blueprint is None:
            return self._unchanged(draft, note="There is no earlier draft to go back to.")
        blueprint, engine = self._landed(draft.project, earlier.blueprint)
        elsewhere = draft.revision is not None and earlier.blueprint_id not in {
            None,
            draft.revision.id,
        }
        note = f"{blueprint.name} is as it was before the last change."
        if elsewhere and draft.blueprint is not None:
            note = f"This is about {blueprint.name} again; {draft.blueprint.name} stays as it is."
        return Edited(
            blueprint,
            earlier.origins,
            engine,
            note=note,
            estimate=self.estimate(blueprint),
            before=self.estimate(draft.blueprint),
            back_to=earlier.blueprint_id if elsewhere else None,
        )

    def _landed(self, project: str, blueprint: Blueprint) -> tuple[Blueprint, str]:
        """The draft and its engine. One that is not here, or that nobody has said how to reach, is taken out, and told:
        it would make every plan fail."""
        with suppress(InvalidInput):
            engine = self._plans.engine_for(project, blueprint)
            if blueprint.engine is None or engine in self._plans.engine_names(project):
                return blueprint, engine
        document = {key: value for key, value in blueprint.dump().items() if key != "engine"}
        landed = parse_blueprint(document)
        return landed, self._plans.engine_for(project, landed)

    # ── limits ───────────────────────────────────────────────────────────────────────────────────

    def _within_limits(self, draft: Draft, edits: Sequence[Edit], edited: Edited) -> Edited:
        """Kept under the limit on cost: ALMA's own guesses give way at once, and that is told. The person's words never
        do: where they would have to, the nearest that fits is offered instead."""
        blueprint, estimate = edited.blueprint, self.estimate(edited.blueprint)
        edited = replace(edited, estimate=estimate, before=self.estimate(draft.blueprint))
        limit = limit_of(blueprint)
        if blueprint is None or estimate is None or limit is None or estimate.monthly <= limit:
            return edited
        variant = self._estimates.cheaper(blueprint, limit, origins=edited.origins)
        if variant.within and all(_guessed(edit, edited) for edit in variant.edits):
            narrowed, origins = apply_edits(blueprint, variant.edits, origins=edited.origins)
            cost = self.estimate(narrowed)
            return replace(
                edited, blueprint=narrowed, origins=origins, estimate=cost, variant=variant
            )
        if draft.blueprint is not None and limit_of(draft.blueprint) != limit:
            # The limit is what is new: it holds from now on, and the draft waits for a decision.
            offer = variant.edits if variant.within else ()
            return replace(edited, variant=variant, offer=offer, over=True)
        offer = (*edits, *variant.edits) if variant.within else ()
        kept = self._unchanged(draft)
        return replace(kept, estimate=estimate, variant=variant, offer=offer, over=True, kept=True)

    def _unkept(self, blueprint: Blueprint, engine: str | None) -> Sequence[str]:
        """Limits that this engine can't keep: said, because they would otherwise look kept."""
        constraints = blueprint.constraints or Constraints()
        if constraints.region is None:
            return ()
        kept = f"The region {constraints.region} is kept with the blueprint"
        return [f"{kept}, but {engine} knows no regions: it stands where that engine stands."]


def limit_of(blueprint: Blueprint | None) -> float | None:
    """The most that a blueprint may cost a month, in US dollars."""
    constraints = blueprint.constraints if blueprint else None
    return constraints.max_monthly_cost if constraints else None


def _guessed(edit: Edit, edited: Edited) -> bool:
    """Whether what an edit sets was ALMA's own guess: marked as such, or not there at all."""
    if not isinstance(edit, SetField) or edited.blueprint is None:
        return False
    origin = edited.origins.get(f"resources.{edit.name}.{edit.path}")
    if origin is not None:
        return origin in _GUESSES
    resource = edited.blueprint.resource(edit.name)
    return resource is not None and edit.path not in set(flatten(dump_plain(resource)))


def says_where_back(past: Sequence[Turn], blueprint: Blueprint | None) -> bool:
    """Whether these latest turns say what undoing goes back to, whatever was before them. The first of them may only
    repeat a draft of before, so that it says nothing by itself."""
    return len(_states(past, blueprint)) > 1


def _states(turns: Sequence[Turn], blueprint: Blueprint | None) -> list[Turn]:
    """The turns that changed the draft and were not undone, up to the one before the draft as it is now."""
    states: list[Turn] = []
    for turn in turns:
        if turn.intent is Intent.UNDO:
            while states and states[-1].blueprint != turn.blueprint:
                states.pop()
        elif turn.blueprint is not None and (not states or turn.blueprint != states[-1].blueprint):
            states.append(turn)
    if states and states[-1].blueprint == blueprint:
        states.pop()
    return states


def _reason(error: AlmaError) -> str:
    if isinstance(error, BlueprintInvalid):
        return "; ".join(str(item) for item in error.diagnostics)
    return f"{error.message} ({error.hint})" if error.hint else error.message
