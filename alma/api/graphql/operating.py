"""What those ask who look after an installation: its figures, its language models, and the keys that its secrets are
sealed with."""

from __future__ import annotations

import strawberry

from alma.api.graphql.context import Info, read
from alma.api.graphql.deriving import noun, shown, taken
from alma.api.routes.secrets import ReencryptBody, RotateBody
from alma.core.model import sealing
from alma.core.services import language_models, monitoring


@noun(monitoring.MetricsSummary)
class MetricsSummary:
    """The last minutes in figures; `window` says which minutes."""


@noun(language_models.ModelsInUse)
class ModelsInUse:
    """The language models that the project asks, in their order, and what this month has cost so far."""


@noun(sealing.Sealing)
class SecretKeys:
    """The keys that secrets are encrypted with, by their ids, and how many values are under each."""


@noun(sealing.Resealed)
class ReencryptedSecrets:
    """One batch of values that were encrypted again; go on with `after` until it is null."""


@taken(RotateBody)
class RotateSecrets:
    """Which keys are to be new."""


@taken(ReencryptBody)
class ReencryptSecrets:
    """One batch."""


@strawberry.type
class Queries:
    """What is asked about an installation."""

    @strawberry.field(description="Requests, latencies, models, tools, deployments in figures.")
    async def metrics_summary(self, info: Info) -> MetricsSummary:
        found = await info.context.ask(info.context.alma.monitoring.summary)
        return shown(MetricsSummary, found)

    @strawberry.field(description="The project's language models, their limits and costs.")
    async def language_models(self, info: Info) -> ModelsInUse:
        return shown(ModelsInUse, await info.context.ask(info.context.alma.language_models.show))

    @strawberry.field(description="The keys that secrets are encrypted with. Secrets never.")
    async def secret_keys(self, info: Info) -> SecretKeys:
        return shown(SecretKeys, await info.context.ask(info.context.alma.secret_keys.status))


@strawberry.type
class Mutations:
    """What is done for an installation."""

    @strawberry.mutation(description="Renews keys. Nothing that was written before is lost.")
    async def rotate_secrets(self, info: Info, input: RotateSecrets | None = None) -> SecretKeys:
        body, rotate = read(RotateBody, input), info.context.alma.secret_keys.rotate
        found = await info.context.ask(rotate, master=body.master, data_key=body.data_key)
        return shown(SecretKeys, found)

    @strawberry.mutation(description="Encrypts one batch of values under the current key.")
    async def reencrypt_secrets(
        self, info: Info, input: ReencryptSecrets | None = None
    ) -> ReencryptedSecrets:
        body, reseal = read(ReencryptBody, input), info.context.alma.secret_keys.reseal
        found = await info.context.ask(reseal, limit=body.limit, after=body.after)
        return shown(ReencryptedSecrets, found)
