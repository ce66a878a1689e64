"""The Docker engine: a stack is a set of containers, networks and named volumes on one Docker Engine."""

from alma.engines.docker.engine import DockerEngine
from alma.engines.docker.settings import DockerSettings

__all__ = ["DockerEngine", "DockerSettings"]
