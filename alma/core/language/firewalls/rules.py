"""Firewall rules in words: "allow 443 from anywhere", "only 10.0.0.0/8 may ssh", "block everything except http".

Rules are read before anything else, because their words mean other things elsewhere ("block storage", "drop the
database"); what was read stands in the message as one token afterwards. `source` and `target` of a rule are `any`, a
network, or what they are called, as `role:web`, `type:database` or `name:db-1`, for somebody who knows the resources.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from alma.core.language.firewalls import rule_words as words
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.base import Json

Tag = Callable[[Sequence[Token]], Sequence[Item]]


@dataclass
class _Rule:
    """A rule being read."""

    ports: list[int | str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    everything: bool = False
    traffic: bool = False
    outwards: bool = False
    only: bool = False
    last: bool = False
    exceptions: _Rule | None = None


def take_rules(tokens: Sequence[Token], tag: Tag) -> tuple[Token, ...]:
    """The tokens with each rule put into one token of kind `RULES`, whose value is the rules as JSON."""
    if not _spoken_of(tokens):
        return tuple(tokens)
    return tuple(_Reader(tokens, tag).read())


def _spoken_of(tokens: Sequence[Token]) -> bool:
    said = {token.norm for token in tokens}
    if said & words.ONLY and said & words.ACCESSING:
        return True
    return bool(said & (words.ALLOW | words.DENY | words.ONLY)) and (
        bool(
            said
            & (
                words.TRAFFIC
                | set(words.SERVICES)
                | words.ANYONE
                | words.REACHABLE
                | {"port", "firewall"}
            )
        )
        or any(token.kind in {Kind.CIDR, Kind.ADDRESS, Kind.NUMBER} for token in tokens)
    )


class _Reader:
    def __init__(self, tokens: Sequence[Token], tag: Tag) -> None:
        self.tokens = list(tokens)
        self.tag = tag
        self.firewall = any(token.norm in {"firewall", "group"} for token in tokens)

    def _norm(self, index: int) -> str:
        return self.tokens[index].norm if 0 <= index < len(self.tokens) else ""

    def read(self) -> list[Token]:
        out: list[Token] = []
        index = 0
        while index < len(self.tokens):
            found = (
                self._ordered(index, out) or self._reserved(index) or self._restricted(index, out)
            )
            if found is None:
                out.append(self.tokens[index])
                index += 1
                continue
            rules, end = found
            first, last = self.tokens[index], self.tokens[end - 1]
            text = " ".join(token.text for token in self.tokens[index:end])
            out.append(
                Token(text, text.casefold(), first.start, last.end, Kind.RULES, json.dumps(rules))
            )
            index = end
        return out

    # ── the three ways to say a rule ─────────────────────────────────────────────────────────────────

    def _ordered(self, index: int, out: list[Token]) -> tuple[list[Json], int] | None:
        """`allow only 443 from anywhere`, `block everything except http`."""
        start = index + (self._norm(index) in words.ONLY)
        word = self.tokens[start].text.casefold() if start < len(self.tokens) else ""
        norm = self._norm(start)
        allow, deny = bool({word, norm} & words.ALLOW), bool({word, norm} & words.DENY)
        deny = deny or (norm == "no" and self._norm(start + 1) in words.TRAFFIC - {"rest", "else"})
        if (
            not (allow or deny)
            or self._norm(start - 1) in words.NO_ORDER
            or self._norm(start + 1) in words.NO_OBJECT
        ):
            return None
        rule = _Rule(only=start > index)
        end = self._rest(start + 1, rule)
        loose = bool({word, norm} & words.LOOSE) and not (self.firewall or rule.sources)
        if loose or rule.outwards or not self._says_something(rule, deny=deny):
            return None
        if rule.only and allow and rule.sources and not (rule.ports or rule.targets):
            self._subject(
                out, rule
            )  # "a database that accepts connections only from the app servers"
            if rule.targets:
                return [*_allowed(rule), *_denied(replace(rule, sources=[]))], end
        rules = _made(rule, allow=allow)
        while rule.sources and self._norm(end) in {"and", ",", "&"} and self._ports(end + 1):
            rule = _Rule()
            end = self._rest(end + 1, rule)
            rules += _made(rule, allow=allow)
        return rules, end

    def _says_something(self, rule: _Rule, *, deny: bool) -> bool:
        if rule.ports or any("/" in source for source in rule.sources):
            return True
        if deny:
            return rule.traffic or bool(rule.sources and rule.targets)
        return bool(rule.sources) and (rule.traffic or bool(rule.targets))

    def _reserved(self, index: int) -> tuple[list[Json], int] | None:
        """`only 10.0.0.0/8 may ssh`, `only the web servers can reach the database`."""
        if self._norm(index) not in words.ONLY:
            return None
        rule = _Rule(only=True)
        place = self._named(index + 1, rule.sources)
        while place is not None and self._norm(place) in {"and", "or", ",", "&"}:
            place = self._named(place + 1, rule.sources)
        if place is None or not rule.sources or self._norm(place) not in words.MAY | words.REACH:
            return None
        while self._norm(place) in words.MAY - {"to"} or (
            self._norm(place) == "to" and self._norm(place + 1) in words.REACH
        ):
            place += 1
        while self._norm(place) in words.REACH - set(words.SERVICES):
            place += 1
        if self._norm(place) in {"to", "with", "on", "via", "through"}:
            place += 1
        if self._norm(place + (self._norm(place) in {"a", "an"})) == "public":
            return (
                None  # "only the load balancer should have a public IP": how it is, and no traffic
            )
        sources = list(rule.sources)
        before = place
        while (following := self._named(place, rule.targets)) is not None:
            place = following
        end = self._rest(place, rule)
        rule.sources = sources
        if end == before and not rule.targets:
            return None
        return [*_allowed(rule), *_denied(replace(rule, sources=[]))], end

    def _restricted(self, index: int, out: list[Token]) -> tuple[list[Json], int] | None:
        """`ssh only from 10.0.0.0/8`, `the database only reachable from the web servers`."""
        if self._norm(index) not in words.ONLY and not (
            self._norm(index) in {"should", "must", "is", "are", "may"}
            and self._norm(index + 1) in words.ONLY | {"be"}
        ):
            return None
        place = index
        seen = set()
        while (
            self._norm(place)
            in words.MAY
            | words.ONLY
            | words.REACHABLE
            | {
                "connections",
                "connection",
                "traffic",
            }
            and self._norm(place) != "to"
        ):
            seen.add(self._norm(place))
            place += 1
        if not seen & words.ONLY or self._norm(place) not in {"from", "by", "to", "within"}:
            return None
        rule = _Rule(only=True)
        end = self._named(place + 1, rule.sources)
        if end is None:
            return None
        while self._norm(end) in {"and", ",", "or"}:
            more = self._named(end + 1, rule.sources)
            if more is None:
                break
            end = more
        if not self._subject(out, rule):
            return None
        return [*_allowed(rule), *_denied(replace(rule, sources=[]))], end

    def _subject(self, out: list[Token], rule: _Rule) -> bool:
        """What a restriction is about: the ports (which are taken) or the thing named right before it."""
        place = len(out)
        while place and (
            out[place - 1].norm in words.SERVICES
            or out[place - 1].norm in {"access", "and", "port", "to"}
            or _port(out[place - 1])
        ):
            place -= 1
        for token in out[place:]:
            rule.ports += _ports_of(token)
        if rule.ports:
            if place and out[place - 1].norm == "with":
                place -= 1
            del out[place:]
            return True
        start = max(0, len(out) - 3)
        items = list(self.tag(out[start:]))
        names = [name for item in items if (name := _called(item))]
        rule.targets = names[-1:]
        if names and items[-1].tokens:
            self._services_to(out, len(out) - len(items[-1].tokens), rule)
        return bool(names)

    @staticmethod
    def _services_to(out: list[Token], place: int, rule: _Rule) -> None:
        """`ssh to the bastion only from …`: the services before the thing are what is restricted."""
        while place and out[place - 1].norm in {"the", "our", "my"}:
            place -= 1
        if not place or out[place - 1].norm not in {"to", "into", "on"}:
            return
        start = place - 1
        while start and (
            out[start - 1].norm in {"access", "and", ","} or _ports_of(out[start - 1])
        ):
            start -= 1
        ports = [port for token in out[start : place - 1] for port in _ports_of(token)]
        if ports:
            rule.ports = ports
            del out[start:]

    # ── their parts ──────────────────────────────────────────────────────────────────────────────────

    def _rest(self, index: int, rule: _Rule) -> int:
        """Reads what follows the verb into the rule; returns where it ends."""
        place = end = index
        while place < len(self.tokens) and not self._ends(place, index):
            part = rule.exceptions or rule
            following = self._directed(place, part)
            if following is None:
                following = self._plain(place, rule, part)
            if following is None:
                break
            meant = following > place + 1 or self._norm(place) not in words.PASSING
            place, end = following, following if meant else end
        return end

    def _ends(self, place: int, index: int) -> bool:
        token = self.tokens[place]
        over = token.norm in words.END or token.kind is Kind.RULES
        return over or (place > index and self._begins(place))

    def _directed(self, place: int, part: _Rule) -> int | None:
        """`from 10.0.0.0/8`, `to the world`, `on the web server`."""
        norm = self._norm(place)
        outside = norm == "to" and {self._norm(place + 1), self._norm(place + 2)} & words.OUTSIDE
        sourced = norm in {"from", "by"} or bool(outside)
        if not sourced and not (norm in words.TOWARDS and self._aims(place + 1)):
            return None
        return self._named(place + 1, part.sources if sourced else part.targets)

    def _plain(self, place: int, rule: _Rule, part: _Rule) -> int | None:
        """One word of a rule; None where it is none."""
        token, norm = self.tokens[place], self._norm(place)
        if found := self._ports(place):
            if part is rule and rule.sources and rule.ports:
                return None  # "http from anywhere and ssh from 10.0.0.0/8"
            part.ports += found
        elif norm in words.EXCEPT and rule.exceptions is None:
            rule.exceptions = _Rule()
        elif norm in words.OUTWARDS:
            rule.outwards = True
        elif norm in words.EVERYTHING:
            part.everything, part.traffic = True, part.traffic or norm in words.TRAFFIC
        elif norm in words.ONLY:
            rule.only, rule.last = True, bool(rule.sources and rule.ports)
        elif token.kind in {Kind.CIDR, Kind.ADDRESS}:
            part.sources.append(_network(token))
        elif norm in words.ANYONE - words.PASSING:
            part.sources.append("any")
        elif norm in {"from", "by"} or norm not in words.PASSING | words.ACCESS:
            return None
        return place + 1

    def _aims(self, place: int) -> bool:
        """Whether a thing of ours is named there."""
        named: list[str] = []
        return self._named(place, named) is not None and ":" in named[0] and "/" not in named[0]

    def _ports(self, place: int) -> list[int | str]:
        """The ports a token names; a number before a noun counts things ("50 clients")."""
        if place >= len(self.tokens):
            return []
        following = self.tokens[place + 1] if place + 1 < len(self.tokens) else None
        number = self.tokens[place].kind is Kind.NUMBER
        if (
            number
            and following is not None
            and following.kind is Kind.WORD
            and following.norm not in words.AFTER_PORT
        ):
            return []
        return _ports_of(self.tokens[place])

    def _begins(self, place: int) -> bool:
        """Whether another rule begins there."""
        word = self.tokens[place].text.casefold()
        before = self._norm(place - 1)
        verb = word in words.ALLOW | words.DENY or self._norm(place) in words.ALLOW | words.DENY
        restricts = self._norm(place) in words.ONLY and before in {",", "and"}
        return before in {",", "and", "but", "or", "\n"} and (verb or restricts)

    def _named(self, index: int, into: list[str]) -> int | None:
        """Adds who or what is named there; None if nobody is."""
        place = index
        while self._norm(place) in words.LEADING:
            place += 1
        if place >= len(self.tokens):
            return None
        token = self.tokens[place]
        if token.kind in {Kind.CIDR, Kind.ADDRESS}:
            into.append(_network(token))
            return place + 1 + (self._norm(place + 1) == ")")
        if token.norm in words.ANYONE:
            into.append("any")
            return place + 1
        items = list(self.tag(self.tokens[place : place + 4]))
        name = _called(items[0]) if items else None
        if name is None and token.kind is Kind.QUOTED:
            name = f"role:{token.value}"  # a tier by its name
        if name is None:
            return None
        used = len(items[0].tokens)
        if name.startswith("role:") and len(items) > 1 and _is_machine(items[1]):
            used += len(items[1].tokens)
        into.append(name)
        return place + used


def _is_machine(item: Item) -> bool:
    return bool(item.terms.keys() & {Sort.COMPUTE, Sort.GROUP}) or item.id_of(Sort.TYPE) == "vm"


def _called(item: Item) -> str | None:
    if item.existing:
        return f"name:{item.existing}"
    if role := item.id_of(Sort.ROLE):
        return f"role:{role}"
    if (type_ := item.id_of(Sort.TYPE)) and type_ not in {"firewall", "network"}:
        return f"type:{type_}"
    if software := item.id_of(Sort.SOFTWARE):
        return f"software:{software}"
    return "role:*" if Sort.COMPUTE in item.terms else None


def _network(token: Token) -> str:
    return token.text if token.kind is Kind.CIDR else f"{token.text}/32"


def _port(token: Token) -> bool:
    value = token.value
    return token.kind is Kind.NUMBER and isinstance(value, int) and 0 < value < 65536


def _ports_of(token: Token) -> list[int | str]:
    if _port(token):
        return [int(token.value or 0)]
    found = words.SERVICES.get(token.norm) or words.SERVICES.get(token.text.casefold())
    return list(found) if found else []


def _made(rule: _Rule, *, allow: bool) -> list[Json]:
    if allow:
        last = _denied(_Rule(ports=rule.ports if rule.last else [])) if rule.only else []
        return [*_allowed(rule), *last]
    kept = _allowed(rule.exceptions) if rule.exceptions is not None else []
    whole = rule.everything and not rule.ports
    return [*kept, *_denied(_Rule(targets=rule.targets, sources=rule.sources) if whole else rule)]


def _allowed(rule: _Rule) -> list[Json]:
    return _each("allow", rule)


def _denied(rule: _Rule) -> list[Json]:
    return _each("deny", rule)


def _each(action: str, rule: _Rule) -> list[Json]:
    ports: list[Json] = list(dict.fromkeys(rule.ports))
    return [
        {"action": action, "source": source, "target": target, "ports": ports}
        for source in dict.fromkeys(rule.sources or ["any"])
        for target in dict.fromkeys(rule.targets or ["any"])
    ]
