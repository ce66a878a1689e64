"""Who may come in: accounts, keys, sign-ins, and the token by which the command line knows its own data directory."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from alma.bootstrap.ground import Ground
from alma.config.providers import load_providers
from alma.core.model.credential import PURPOSE, DerivedKeys, Peppers
from alma.core.model.errors import InvalidInput
from alma.core.ports.providers import IdentityProvider
from alma.core.services.access import AccessChanges
from alma.core.services.accounts import Accounts
from alma.core.services.admitting import Admission
from alma.core.services.authentication import Authenticator
from alma.core.services.device_login import DeviceLogin
from alma.core.services.keys import Keys
from alma.core.services.providers import ProviderSignIn
from alma.core.services.signing_in import Lifetimes, SigningIn
from alma.core.services.slowing import Slowing
from alma.credentials.passwords import Argon2
from alma.credentials.tokens import SignedTokens
from alma.db.attempts import PURPOSE as ATTEMPTS
from alma.db.attempts import SharedCounts
from alma.oidc import open_providers
from alma.settings import variable

_SHORTEST_KEY = 16
_NOTICED = timedelta(minutes=5)
"""By then every process has noticed that there is a new data key, and signs with it."""


@dataclass(frozen=True, slots=True)
class Access:
    """The parts that know callers. `changes` is told by whoever changes what somebody may do."""

    changes: AccessChanges
    accounts: Accounts
    keys: Keys
    signing_in: SigningIn
    authenticator: Authenticator
    passwords: Argon2
    provider_sign_in: ProviderSignIn
    device_login: DeviceLogin
    derived: tuple[DerivedKeys, ...]
    slowing: Slowing


def admit_with(ground: Ground) -> Access:
    """Wires it. Raises InvalidInput for a configured key that could be guessed."""
    settings, database, clock = ground.settings, ground.database, ground.clock
    lifetime = timedelta(minutes=settings.access_token_minutes)
    credentials = database.derived(PURPOSE)
    signing = database.derived("access tokens", retired_for=lifetime + _NOTICED)
    peppers = Peppers(credentials)
    tokens = SignedTokens(signing, now=lambda: clock.now().timestamp())
    passwords, changes, slowing = Argon2(), AccessChanges(), slowing_with(ground)
    changes.watch(ground.engines.changed)
    signing_in = SigningIn(
        repositories=database,
        clock=clock,
        tokens=tokens,
        passwords=passwords,
        peppers=peppers,
        changes=changes,
        slowing=slowing,
        lifetimes=Lifetimes(
            access=lifetime,
            session=timedelta(days=settings.session_days),
        ),
    )
    return Access(
        derived=(credentials, signing),
        slowing=slowing,
        changes=changes,
        passwords=passwords,
        accounts=Accounts(
            repositories=database,
            clock=clock,
            passwords=passwords,
            changes=changes,
            slowing=slowing,
        ),
        keys=Keys(repositories=database, clock=clock, peppers=peppers, changes=changes),
        signing_in=signing_in,
        authenticator=Authenticator(
            repositories=database,
            clock=clock,
            tokens=tokens,
            peppers=peppers,
            changes=changes,
            slowing=slowing,
            configured=_checked(settings.configured_keys),
            local_token=local_token(settings.local_token_file),
            enabled=settings.auth_enabled,
        ),
        provider_sign_in=ProviderSignIn(
            repositories=database,
            clock=clock,
            providers=_providers(ground),
            admission=Admission(repositories=database, clock=clock, changes=changes),
            signing_in=signing_in,
        ),
        device_login=DeviceLogin(
            repositories=database, clock=clock, signing_in=signing_in, slowing=slowing
        ),
    )


def slowing_with(ground: Ground) -> Slowing:
    """What slows guessing down: counted in memory by a process that is alone, else with all others."""
    if ground.settings.alone:
        return Slowing()
    return Slowing(counts=SharedCounts(ground.database, ground.database.derived(ATTEMPTS)))


def _providers(ground: Ground) -> Mapping[str, IdentityProvider]:
    return open_providers(
        load_providers(ground.own), ground.settings.oidc, folder=ground.own, variable=variable
    )


def _checked(keys: tuple[str, ...]) -> tuple[str, ...]:
    if any(len(key) < _SHORTEST_KEY for key in keys):
        raise InvalidInput(
            f"a key in ALMA_API_KEY or ALMA_API_KEYS has fewer than {_SHORTEST_KEY} characters",
            hint="it may do everything: make it with `openssl rand -hex 32`",
        )
    return keys


def local_token(path: Path) -> str:
    """The token in the file, made if there is none or others could have read it. Processes that start together get the
    same one. Raises InvalidInput for a data directory that can't be written."""
    try:
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.unlink(missing_ok=True)
        if not path.exists():
            _leave(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise InvalidInput(
            f"the token of the data directory in {path} can't be used: {error.strerror}",
            hint="make the data directory writable",
        ) from error


def _leave(path: Path) -> None:
    """Whole or not at all, and from its first moment on for its owner alone."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as draft:
        draft.write(f"local.{secrets.token_hex(32)}\n".encode())
        draft.flush()
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return
