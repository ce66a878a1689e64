"""Ports that are closed again, and what is taken off the internet."""

from __future__ import annotations

from alma.core.language.changing.change import Changer
from alma.core.language.editing.outcome import Asks
from alma.core.language.intent.act import Act
from alma.core.language.parsing.phrases import Parsed
from alma.core.language.vocabulary.defaults import RUNS, listed
from alma.core.language.words.tokens import Kind
from alma.core.model.base import Json
from alma.core.model.blueprint import Resource
from alma.core.model.conversation import SetField

_OUTSIDE = {"internet", "public", "outside", "world", "everyone", "everybody", "anyone", "access"}


def close(changer: Changer, act: Act, parsed: Parsed) -> None:
    """ "Close port 80 on lb-1", "close the db to the internet". Raises Asks when there is nothing to close."""
    ports = {str(token.value) for token in act.body if token.kind is Kind.NUMBER}
    pointed = [
        r for phrase in parsed.phrases for r in changer.targets.find(phrase) if r.type in RUNS
    ]
    if not ports and pointed and _OUTSIDE & {token.norm for token in act.body}:
        changer.outcome.edits += [
            SetField(name=r.name, path="network.public_ip", value=False) for r in pointed
        ]
        changer.outcome.understood.append(f"{listed([r.name for r in pointed])} not public")
        return
    if not ports and pointed and "all" in {token.norm for token in act.body}:
        ports = {port for resource in pointed for port in _ports(resource)}
    if not ports:
        raise Asks("Which port should be closed, and on what?", open=True)
    listening = [r for r in pointed or changer.blueprint.resources if _ports(r) & ports]
    if not listening:
        where = f" on {listed([r.name for r in pointed])}" if pointed else ""
        raise Asks(f"Port {listed(sorted(ports))} is not open{where}. What should be closed?")
    for resource in listening:
        left: list[Json] = [
            p.dump() for p in resource.network.ports if _number(p.dump()) not in ports
        ]
        path = "network.ports"
        changer.outcome.edits.append(SetField(name=resource.name, path=path, value=left or None))
    said = listed([r.name for r in listening])
    changer.outcome.understood.append(f"port {listed(sorted(ports))} closed on {said}")


def _ports(resource: Resource) -> set[str]:
    return {_number(port.dump()) for port in resource.network.ports}


def _number(port: Json) -> str:
    """The port outside: 8080 of `8080:80`, 53 of `53/udp`."""
    return str(port).partition("/")[0].partition(":")[0]
