"""Who acts. Until users and roles arrive every caller is the local operator of the default project."""

from __future__ import annotations

from alma.core.model.base import Frozen


class Principal(Frozen):
    """An authenticated caller and the project it acts in. `may_approve` is asked before any approval counts."""

    id: str
    display: str | None = None
    project: str = "default"
    may_approve: bool = True


LOCAL = Principal(id="local")
