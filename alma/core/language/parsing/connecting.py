"""What stands between noun phrases: links, joints, brackets and denials, and what each does to what was read so far."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.parsing.assembly import Pending
from alma.core.language.parsing.heads import is_at_least, is_limit
from alma.core.language.parsing.modifiers import Modifiers
from alma.core.language.parsing.phrases import Phrase
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind

_LINKS = frozenset(
    "with for to on onto in into inside from of behind at by as using including running runs run hosting host "
    "than via having has serving namely across".split()
)
_ASIDE = frozenset("so because since that which who where when while if whenever until".split())
_PROGRAMS = {"service", "app", "application", "tool", "program"}
_NEGATIONS = {"no", "without", "not", "except"}
_MACHINES_OF = frozenset({"specs.nodes", "specs.workers", "specs.control_plane", "network.ports"})
_JOINTS = frozenset("> , and plus & + / : ( ) – — - = or but then also | → ; • \n".split(" "))


class Connecting(Modifiers):
    """Steps of the reader for what connects phrases; `opener` is what a bracket was opened behind."""

    items: Sequence[Item]
    opener: Phrase | None = None

    def _connector(self, index: int, item: Item) -> int:
        norm = item.norm
        if norm == "instead":
            self.flush()
            following = self._at(index + 1)
            self.parsed.instead = True
            self.pending.negated = following is not None and following.norm in {"of", "from"}
            self.link = None
            return 2 if self.pending.negated else 1
        if used := self._bound(index) or self._therefore(index, norm):
            return used
        if norm in _NEGATIONS:
            self.flush()
            self.pending.negated, self.link = True, None
            self.pending.excepted = norm == "except"
        elif norm == "per":
            return self._per(index)
        elif norm in _JOINTS:
            titled = norm == ":" and not self._measured(index + 1)
            if titled and self.pending.count is None and not self.pending.software:
                self.parsed.title = self.pending.role  # "Three-tier app: 2 web servers …"
                self.pending.role = None
            self.flush()
            self.pending = Pending()
            self.aside = self.aside and norm != ";"
            self._enclose(norm)
            if norm == "(":
                self._open()
                return 1
            self.link = "and" if self.link in {None, "and"} or norm != "and" else self.link
            self.joint = norm
        elif norm in _LINKS:
            self.flush()
            self.link = "front" if (self.link, norm) == ("front", "of") else norm
        elif norm in _ASIDE and self._norm(index + 1) != ":":  # "an environment like so: …"
            self.flush()
            self.aside = self.aside or norm not in {"that", "which"} or self.current is None
            self.link = None
        else:
            return 0
        return 1

    def _per(self, index: int) -> int:
        """`4 cores per node`, `a VM per service`."""
        self.flush()
        following = self._at(index + 1)
        if self._norm(index + 1) in _PROGRAMS and self.current is not None:
            self.parsed.each, self.parsed.each_after = True, self.current
        return 2 if following is not None and following.terms else 1

    def _enclose(self, norm: str) -> None:
        """Keeps whether brackets are open after a joint."""
        self.opened = norm == "(" or (self.opened and norm not in {")", ";", "\n"})
        if norm == ")":
            self._close()

    def _open(self) -> None:
        """`a database server for the CRM (MySQL 8, 32GB)`: what is in brackets is said of the server."""
        self.link = self.joint = "("
        if self.current is not None and not self.known:
            self.current = self._bearer(self.current)
        self.opener = self.current

    def _close(self) -> None:
        """`1 vm (CentOS, legacy app), 4GB`: what follows the brackets is said of the one thing before them."""
        opener, current = self.opener, self.current
        inner = current is not None and current.enclosed and bool(current.role) and current.generic
        inner = inner and current is not None and not (current.count or current.software)
        if inner and opener is not None and opener.creates and (opener.count or 1) == 1:
            self.current = opener if not opener.plural else current
        self.opener = None

    def _flush_image(self) -> None:
        """`lxc alpine x4`: the system of what was said right before, which the number counts."""
        plain = self.pending.image and not (self.pending.software or self.pending.role)
        if plain and self.link is None and self.current is not None and not self.current.image:
            self.flush()

    def _measured(self, index: int) -> bool:
        """Whether an amount stands there: `api: 4 cores` says what the api has."""
        amount, noun = self._at(index), self._at(index + 1)
        if amount is None or amount.kind is not Kind.NUMBER:
            return amount is not None and amount.kind is Kind.SIZE
        return noun is not None and noun.id_of(Sort.ATTRIBUTE) is not None

    def _bound(self, index: int) -> int:
        """How many items say that a number is a limit: `no more than`, `at least`."""
        ahead = self.items[index : index + 4]
        if is_limit(ahead):
            self.flush()
            # A limit on money is kept with the blueprint.
            if len(ahead) < 4 or ahead[3].kind is not Kind.MONEY:
                self.parsed.bounded = None if self._size_after(index + 3) else "limit"
            return 3
        if not is_at_least(ahead):
            return 0
        self.parsed.bounded = self.parsed.bounded or "number"
        self.parsed.notes.append(f"'at {ahead[1].text} {ahead[2].text}' is read as {ahead[2].text}")
        return 2

    def _size_after(self, index: int) -> bool:
        """`a vm, no more than 1 core`: what something new has at most is what it gets."""
        noun = self._at(index + 1)
        path = noun.id_of(Sort.ATTRIBUTE) if noun is not None else None
        return not self.known and self._measured(index) and path not in _MACHINES_OF

    def _bearer(self, phrase: Phrase) -> Phrase:
        """`a database for the web shop called shop-db`: what something is for has no name."""
        if not phrase.purpose or phrase.creates or phrase.existing is not None:
            return phrase
        made = [p for p in self.parsed.phrases if p.creates]
        return made[-1] if made and not made[-1].names else phrase
