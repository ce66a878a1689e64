"""All models of an installation as one: each ask goes to the models of the project it is from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack

from alma.core.model.dialogue import Ask, Partial, Reply
from alma.core.model.engine import Health
from alma.core.model.model_chain import ModelChain
from alma.core.ports import LanguageModel
from alma.llm.faults import Kind, ModelFault
from alma.llm.settings import ModelSettings, Use


class Models:
    """The `LanguageModel` of every project. `built` has them by project, "" for all that are not named; the projects
    in `without` have none."""

    def __init__(
        self,
        built: Mapping[str, tuple[ModelSettings, LanguageModel]],
        *,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self._built = dict(built)
        self._without = without

    @property
    def name(self) -> str:
        """The installation's, or the first project's."""
        _, model = self._built.get("") or next(iter(self._built.values()))
        return model.name

    def use(self, project: str) -> Use | None:
        """When that project wants its model asked; None when it has none."""
        found = self._of(project)
        return found[0].use if found else None

    def chain(self, project: str) -> ModelChain | None:
        """What people may know of that project's models; None when it has none."""
        found = self._of(project)
        return found[0].shown() if found else None

    def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """The answer of the project's model. Raises ModelFault when it has none."""
        found = self._of(ask.project)
        if found is None:
            raise ModelFault(
                f"Project '{ask.project}' has no language model",
                kind=Kind.UNCONFIGURED,
                hint="configure one, or do without",
            )
        return found[1].answer(ask)

    async def check(self) -> Health:
        """The installation's, or the first project's."""
        _, model = self._built.get("") or next(iter(self._built.values()))
        return await model.check()

    async def close(self) -> None:
        """Closes each, even if one before it fails."""
        async with AsyncExitStack() as closing:
            for _, model in self._built.values():
                closing.push_async_callback(model.close)

    def _of(self, project: str) -> tuple[ModelSettings, LanguageModel] | None:
        if project in self._without:
            return None
        return self._built.get(project) or self._built.get("")
