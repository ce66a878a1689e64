"""Cases read as a conversation reads them that has a language model: by the same code, with data of its own."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alma.bootstrap.conversing import converse_with
from alma.bootstrap.ground import Ground, lay
from alma.bootstrap.reckoning import reckon_with, toolbox
from alma.bootstrap.reviewing import review_with
from alma.bootstrap.running import Later, Running, run_with
from alma.config import load_models
from alma.core.agent.parts import Given, Parts, read_offline
from alma.core.agent.turns import TurnWork
from alma.core.model.conversation import Interpretation, Turn
from alma.core.model.errors import InvalidInput
from alma.core.model.principal import LOCAL
from alma.core.services.conversations import Conversations
from alma.core.services.drafting import Draft
from alma.db.usage_ledger import UsageLedger
from alma.llm import PROVIDERS, ModelMeter, Models, Surroundings, build_models
from alma.llm.keys import with_keys
from alma.llm.secrets import Redaction
from alma.llm.settings import overridden
from alma.settings import Settings, variable
from benchmarks.understanding_cases import State
from benchmarks.understanding_reading import Heard

_NONE = frozenset({"", "none", "off"})
# What is configured of other places than the folder of one's own: nothing of it is wanted here.
_APART: Mapping[str, Any] = {
    **dict.fromkeys(("database_url", "otlp_endpoint", "secret_key", "secret_key_command")),
    "default_engine": "simulation",
    "proxmox": {},
    "kubernetes": {},
}


class WithModel:
    """Reads messages offline and with a model, and counts what the model made of them."""

    def __init__(self, parts: Parts, name: str, loop: asyncio.Runner) -> None:
        self._parts = parts
        self._name = name
        self._loop = loop
        self._heard: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

    def read(self, message: str, state: State) -> Heard:
        """What became of a message. A model that fails is counted, and what was read offline stands."""
        try:
            turn = self._parts.conversations.new_turn(message, uuid.uuid4().hex)
        except InvalidInput:  # empty or too long: no conversation takes it
            self._heard["not_asked"] += 1
            draft = _draft(state)
            return Heard(read_offline(self._parts.interpreter, message, draft)[0])
        outcome = self._loop.run(self._interpreted(turn, _draft(state)))
        self._count(outcome)
        offered = {"intent": "change", "edits": outcome["offer"]}
        return Heard(
            Interpretation.model_validate(outcome["interpretation"]),
            words=outcome["words"],
            offer=Interpretation.model_validate(offered).edits,
        )

    def report(self) -> dict[str, Any]:
        """Who was asked, how many messages the model answered, and why it did not answer others."""
        return {
            "name": self._name,
            "messages": self._heard.total(),
            "answered": self._heard["answered"],
            "fell_back": self._heard["fell_back"],
            "not_asked": self._heard["not_asked"],
            "reasons": dict(self._reasons.most_common()),
        }

    async def _interpreted(self, turn: Turn, begun: Draft) -> Mapping[str, Any]:
        offline, draft = read_offline(self._parts.interpreter, turn.message, begun)
        given = Given(begun=begun, draft=draft, offline=offline)
        try:
            return await TurnWork(self._parts, LOCAL, "cases", turn, given=given).interpret()
        finally:
            self._parts.live.forget(turn.id)

    def _count(self, outcome: Mapping[str, Any]) -> None:
        if outcome["fallback"]:
            self._heard["fell_back"] += 1
            self._reasons[outcome["fallback"]] += 1
        else:
            self._heard["answered" if outcome["model"] else "not_asked"] += 1


def _draft(state: State) -> Draft:
    return Draft(
        LOCAL.project,
        blueprint=state.blueprint,
        origins=state.origins,
        turns=tuple(state.said),
        number=len(state.said),
    )


@contextmanager
def reading_with(name: str) -> Iterator[WithModel]:
    """Reads with the model of that name of the configured provider, or with `provider:model`. Nothing of the
    installation is read but its settings of models. Raises InvalidInput where no such model is configured."""
    configured = Settings()
    chosen = chosen_model(name, configured)
    with TemporaryDirectory(prefix="alma-cases-") as folder, asyncio.Runner() as loop:
        ground = lay(Settings(home=Path(folder), **_APART), None)
        model = _model(chosen, ground, configured.home / "config")
        ground.database.migrate()
        parts, running = _wired(ground, model)
        talkative = logging.getLogger("alma.llm")
        talkative.setLevel(logging.ERROR)  # the report has every reason, and how often
        try:
            yield WithModel(parts, model.name, loop)
        finally:
            talkative.setLevel(logging.NOTSET)
            loop.run(_given_back(ground, running, model))


def chosen_model(name: str, settings: Settings) -> dict[str, Any]:
    """The settings of that model alone: who is configured to be asked after it is left out, for it is the one that is
    measured. Another provider than the configured one gets neither its key nor its address."""
    own = settings.home / "config"
    keyed = partial(with_keys, folder=own, variable=variable)
    values = keyed(settings.llm)
    values = overridden(values, keyed(load_models(own).get(LOCAL.project, {})))
    there = str(values.get("provider", "")).strip().casefold().replace("_", "-")
    provider, model = _split(name, there)
    if provider in _NONE:
        raise InvalidInput(
            f"no language model is configured, so '{name}' can't be asked",
            hint="set ALMA_LLM_PROVIDER (docs/models.md), or name the provider, too: --model ollama:qwen3:8b",
        )
    if provider != there:
        values = overridden(values, {"provider": provider, "model": model})
    elif model != values.get("model"):
        values = overridden(values, {"model": model})
    return {key: value for key, value in values.items() if key != "fallbacks"}


def _split(name: str, there: str) -> tuple[str, str]:
    """Provider and model. A model's name may have a ':' of its own, so only a known provider is taken for one."""
    provider, colon, model = name.partition(":")
    known = provider.strip().casefold().replace("_", "-")
    return (known, model) if colon and known in PROVIDERS else (there, name)


def _model(chosen: Mapping[str, Any], ground: Ground, folder: Path) -> Models:
    around = Surroundings(
        clock=ground.clock,
        ledger=UsageLedger(ground.database),
        counts=ModelMeter(ground.telemetry.meters),
    )
    model = build_models(chosen, around, folder=folder, variable=variable)
    assert model is not None  # it has a provider
    return model


def _wired(ground: Ground, model: Models) -> tuple[Parts, Running]:
    reckoning = reckon_with(ground)
    running = run_with(ground, Later(), review_with(ground, reckoning, model))
    conversations = Conversations(
        repositories=ground.database, clock=ground.clock, hide=Redaction().open()
    )
    tools = toolbox(ground, running, reckoning)
    parts = converse_with(
        ground, running, reckoning, conversations=conversations, tools=tools, model=model
    )
    return parts, running


async def _given_back(ground: Ground, running: Running, model: Models) -> None:
    async with AsyncExitStack() as closing:
        closing.callback(ground.database.close)
        closing.push_async_callback(ground.engines.close)
        closing.callback(running.queue.close)
        closing.push_async_callback(model.close)
        closing.callback(ground.telemetry.close)
