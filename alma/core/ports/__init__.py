"""What the core asks of the outside: a port is a protocol that an adapter implements and `alma/bootstrap` hands in.

A port speaks the model's nouns, says which errors it raises, and names no library. The core imports ports and never an
adapter; an adapter imports ports and the model, and nothing else of the core. Everybody imports them from this package;
its files part them by what is outside: places, language models, storage, and what surrounds a run.
"""

from alma.core.ports.access import (
    AccessTokens,
    AccountRepository,
    ApiKeyRepository,
    Claims,
    PasswordHashes,
    SessionRepository,
)
from alma.core.ports.engines import (
    ApplyContext,
    Engine,
    EngineConnections,
    Engines,
    Imports,
    Prepares,
    ReadsLogs,
    SavedConnections,
    Undoes,
    Weighs,
)
from alma.core.ports.language_models import LanguageModel, UsageLedger
from alma.core.ports.projects import MemberRepository, ProjectRepository
from alma.core.ports.renderers import MachineTypes, Renderer, Renderers
from alma.core.ports.running import Clock, DeploymentQueue, EventBus, Examiner
from alma.core.ports.storage import (
    BlueprintRepository,
    ConnectionRepository,
    ConversationRepository,
    DeploymentRepository,
    ExecutorRepository,
    IPRRepository,
    SecretRepository,
    StackRepository,
    WaiverRepository,
)
from alma.core.ports.transactions import Repositories, Transaction

__all__ = [
    "AccessTokens",
    "AccountRepository",
    "ApiKeyRepository",
    "ApplyContext",
    "BlueprintRepository",
    "Claims",
    "Clock",
    "ConnectionRepository",
    "ConversationRepository",
    "DeploymentQueue",
    "DeploymentRepository",
    "Engine",
    "EngineConnections",
    "Engines",
    "EventBus",
    "Examiner",
    "ExecutorRepository",
    "IPRRepository",
    "Imports",
    "LanguageModel",
    "MachineTypes",
    "MemberRepository",
    "PasswordHashes",
    "Prepares",
    "ProjectRepository",
    "ReadsLogs",
    "Renderer",
    "Renderers",
    "Repositories",
    "SavedConnections",
    "SecretRepository",
    "SessionRepository",
    "StackRepository",
    "Transaction",
    "Undoes",
    "UsageLedger",
    "WaiverRepository",
    "Weighs",
]
