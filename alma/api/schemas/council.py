"""The council as it is asked and as it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import AliasChoices, ConfigDict, Field

from alma.core.model.base import Frozen, Json
from alma.core.model.council import (
    CALLS_FOR,
    CONCERNS,
    TITLES,
    Agent,
    Convened,
    CouncilReport,
    CouncilVerdict,
    Matter,
)
from alma.core.model.document import parse_blueprint


class CouncilCall(Frozen):
    """What the council is to look at: exactly one of words, a blueprint, the number of a saved one, or the number of a
    request."""

    model_config = ConfigDict(json_schema_extra={"example": {"request": "web app with database"}})

    request: str | None = Field(
        default=None,
        min_length=1,
        max_length=8_000,
        validation_alias=AliasChoices("request", "description"),
        description="In words; `description` is the same.",
    )
    blueprint: Mapping[str, Json] | None = None
    blueprint_id: int | None = Field(default=None, ge=1, description="Its newest revision.")
    ipr_id: int | None = Field(default=None, ge=1, description="The request's plan, as of today.")
    engine: str | None = Field(
        default=None,
        max_length=64,
        description="Where it would land; as the blueprint says if unset.",
    )

    def matter(self) -> Matter:
        """As the core takes it. Raises BlueprintInvalid."""
        document = parse_blueprint(dict(self.blueprint)) if self.blueprint is not None else None
        return Matter(
            words=self.request,
            document=document,
            blueprint_id=self.blueprint_id,
            ipr_id=self.ipr_id,
            engine=self.engine,
        )


class CouncilView(CouncilReport):
    """What the council says. `summary` is that in two sentences, `blueprint` what was looked at."""

    summary: str
    blueprint: Mapping[str, Json]


class Seat(Frozen):
    """One of the council."""

    agent: Agent
    title: str
    concerns: str


class CouncilInfo(Frozen):
    """Who sits in the council, and what findings call for. What breaks a mandatory rule that nobody answers for, and
    what can't run, is `block`."""

    agents: Sequence[Seat]
    verdicts: Sequence[CouncilVerdict] = Field(description="The mildest first.")
    calls_for: Mapping[str, CouncilVerdict] = Field(description="By the severity of a finding.")


def council_view(convened: Convened) -> CouncilView:
    """The answer."""
    return CouncilView.model_construct(
        **dict(convened.report),
        summary=convened.summary,
        blueprint=convened.blueprint.dump(),
    )


def council_info() -> CouncilInfo:
    """The council by itself."""
    return CouncilInfo(
        agents=[Seat(agent=a, title=TITLES[a], concerns=CONCERNS[a]) for a in Agent],
        verdicts=[*CouncilVerdict],
        calls_for={gravity.value: verdict for gravity, verdict in CALLS_FOR.items()},
    )
