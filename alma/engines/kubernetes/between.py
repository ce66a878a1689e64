"""What resources of one stack mean for each other in a cluster, and one of them alone does not tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.model.blueprint import ResourceType
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import existing, kinds, reach
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.options import ENGINE, options_of
from alma.engines.kubernetes.settings import KubernetesSettings


def faults_between(
    desired: Sequence[DesiredResource], settings: KubernetesSettings, served: Served
) -> list[Diagnostic]:
    """Faults and warnings about what would not work together. Paths begin with an address."""
    return [
        *_unreached(desired),
        *_unseen_balancers(desired),
        *_shared_doors(desired, settings, served),
    ]


def _unreached(desired: Sequence[DesiredResource]) -> Iterator[Diagnostic]:
    """What was imported has no Service of the stack's, so nobody is led to it by its address."""
    imported = {i.address: place for i in desired if (place := existing.place_of(i))}
    for item in desired:
        for address in sorted({backend.address for backend in item.backends} & imported.keys()):
            yield Diagnostic(
                code="backend_imported",
                path=f"{item.address}.backends",
                message=f"{item.address} can't spread over {address}: {imported[address]} was imported, and nothing "
                "of this stack leads to its pods",
                hint="let the Service that leads to it already do that, or make it anew in this stack",
            )


def _unseen_balancers(desired: Sequence[DesiredResource]) -> Iterator[Diagnostic]:
    """Who comes by way of a Service is seen as itself, so a rule that lets the Service in lets nobody in."""
    plain = {
        item.address
        for item in desired
        if item.type is ResourceType.LOAD_BALANCER and kinds.is_plain(item)
    }
    for item in desired:
        for source in sorted({rule.source for rule in item.rules} & plain):
            yield Diagnostic(
                severity=Severity.WARNING,
                code="balancer_unseen",
                path=f"{item.address}.rules",
                message=f"'{source}' becomes a Service, which has no address of its own: a rule about it matches "
                f"nobody who asks {item.address}",
                hint=f"name the software of '{source}' (engine: haproxy), or let in whoever may come by way of it",
            )


def _shared_doors(
    desired: Sequence[DesiredResource], settings: KubernetesSettings, served: Served
) -> Iterator[Diagnostic]:
    """Of two that answer to the same name, one gets all that is asked."""
    first: dict[tuple[str, str | None], str] = {}
    for item in desired:
        door = reach.door_of(item, settings, served)
        if door is None:
            continue
        host = options_of(item).host
        other = first.setdefault((door, host), item.address)
        if other != item.address:
            name = f"'{host}'" if host else "every name"
            yield Diagnostic(
                severity=Severity.WARNING,
                code="shared_door",
                path=f"{item.address}.options.{ENGINE}.host",
                message=f"{item.address} and {other} are both asked by {name}, and one of them gets all of it",
                hint="give each a host of its own",
            )
