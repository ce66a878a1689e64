"""Lists of names with what each has: `two VMs: alpha with 4GB and beta with 8GB`, as one thing after another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from alma.core.language.vocabulary.beside import (
    HAVING,
    LISTED,
    MACHINES,
    NEVER,
    PLACES,
    STORES,
    Beside,
)
from alma.core.language.vocabulary.lexicon import singulars
from alma.core.language.vocabulary.terms import Sort
from alma.core.language.words.tokens import Kind, Token

_MOST = 12


class Entries(Beside):
    """Finds such lists in the tokens of one message."""

    def roster(self, index: int) -> tuple[list[Token], int] | None:
        """Each of several by its name and with its own amounts: as many things."""
        token = self.tokens[index]
        counted = token.kind is Kind.NUMBER and isinstance(token.value, int)
        wanted = token.value if counted and isinstance(token.value, int) else 0
        if (counted and not 1 < wanted <= _MOST) or not (counted or self._plural(index)):
            return None
        start = index + counted
        sign = self._sign(start)
        if sign is None or not any(self._plural(n) for n in range(start, sign)):
            return None
        if not counted and self._norm(sign) != ":":
            return None
        heads = [n for n in range(start, sign) if self._plural(n)]
        entries = self._entries(sign + 1, self._bearers(heads[-1]))
        many = len(entries) == wanted if counted else len(entries) > 1
        many = many and len({self._norm(entry) for entry in entries}) == len(entries)
        amounts = any(not _bare(entry) for entry in self._parts(entries))
        if not many or not amounts or self._of_stores(entries):
            return None
        return self._written_out(start, heads[-1], sign, entries), self._end(entries[-1])

    def _of_stores(self, entries: Sequence[int]) -> bool:
        """`three LXCs: web (512 MB), db (MariaDB)`: what is said of an entry makes another kind of thing of it."""
        last = self._end(entries[-1])
        return any(self._store(n) for n in range(entries[0], last) if n not in entries)

    def _bearers(self, head: int) -> Collection[str]:
        """The kinds of things that words of any meaning may name: not `servers`, as a role says what those are for."""
        type_ = self._meaning(head).get(Sort.TYPE)
        kinds = next((kinds for kinds in (MACHINES, PLACES) if type_ and type_.id in kinds), None)
        return kinds or ()

    def _plural(self, index: int) -> bool:
        """`VMs`, `databases`, `servers`."""
        meant = self._meaning(index)
        if not meant:
            return False
        type_ = meant.get(Sort.TYPE)
        kinds = {*MACHINES, *STORES, *PLACES}
        thing = (type_ is not None and type_.id in kinds) or Sort.COMPUTE in meant
        return thing and singulars(self._norm(index))[-1] != self._norm(index)

    def _sign(self, start: int) -> int | None:
        """Where the list opens, not far behind its head."""
        for place in range(start, min(len(self.tokens), start + 8)):
            if self._norm(place) in {":", ",", "(", "-", "–"}:
                return place if place > start else None
            if self._norm(place) in {".", "\n", "and", "!", "?", "for"}:
                return None
        return None

    def _entries(self, start: int, bearers: Collection[str]) -> list[int]:
        """Where the entries of a list begin: names that are told something of. `bearers` may have any word for one."""
        places: list[int] = []
        place = start
        while self._norm(place) in {"\n", "-", "*", "•"}:
            place += 1
        while place < len(self.tokens):
            if not self._entry(place, bearers):
                break
            places.append(place)
            place = self._next_entry(place + 1, bearers)
        return places

    def _entry(self, index: int, bearers: Collection[str]) -> bool:
        token = self.tokens[index]
        named = token.kind is Kind.QUOTED or self._identifier(index) or self._strange(index)
        plain = self._is_word(index) and not self._meaning(index).keys() - {Sort.CONTENT}
        after = self._norm(index + 1)
        told = after in {"(", ":", "=", "-", *HAVING} or self._amount(index + 1)
        told = told or (after == "of" and self._amount(index + 2))
        titled = self._role(index) or self._program(index)
        plain = plain or (bool(bearers) and titled)
        plain = plain or (bearers is PLACES and self._is_word(index))
        if named and (told or after in {*LISTED, "", "."}):
            return True
        return plain and told and self._norm(index) not in NEVER | HAVING

    def _next_entry(self, index: int, bearers: Collection[str]) -> int:
        """Behind the joint after which the next name stands."""
        place = index
        while place < len(self.tokens) and self._norm(place) not in {".", "!", "?"}:
            if self._norm(place) in LISTED:
                following = place + 1
                while self._norm(following) in {*LISTED, "-", "*", "•"}:
                    following += 1
                if following < len(self.tokens) and self._entry(following, bearers):
                    return following
            place += 1
        return len(self.tokens)

    def _end(self, entry: int) -> int:
        """Where what is said of the last entry ends."""
        place, depth = entry + 1, 0
        while place < len(self.tokens):
            norm = self._norm(place)
            depth += (norm == "(") - (norm == ")")
            if depth < 0:
                return place + 1  # what enclosed the whole list
            amount = self._amount(place + 1)
            if depth == 0 and norm in {".", "!", "?", "\n", ";"}:
                return place
            if depth == 0 and norm in {",", "and", "&", "+"} and not amount:
                return place
            place += 1
        return place

    def _parts(self, entries: Sequence[int]) -> list[list[Token]]:
        ends = [*entries[1:], self._end(entries[-1])] if entries else []
        return [self.tokens[begin:end] for begin, end in zip(entries, ends, strict=True)]

    def _written_out(self, start: int, head: int, sign: int, entries: Sequence[int]) -> list[Token]:
        """`two ubuntu VMs: a with 4GB …` as `one ubuntu VM "a" with 4GB …`."""
        before, after = self.tokens[start:head], self.tokens[head + 1 : sign]
        one_norm = singulars(self._norm(head))[-1]
        runs = self._bearers(head) is not PLACES
        out: list[Token] = []
        for place, part in zip(entries, self._parts(entries), strict=True):
            near = part[0]
            at = near.start

            def word(text: str, near: Token = near) -> Token:
                return replace(near, text=text, norm=text, kind=Kind.WORD, end=near.start)

            one = replace(word("one"), kind=Kind.NUMBER, value=1)
            value = str(near.value or near.text)
            name = replace(near, kind=Kind.QUOTED, value=value, norm=near.norm)
            shared = [replace(t, start=at, end=at) for t in before]
            more = [replace(t, start=at, end=at) for t in after if t.norm not in NEVER]
            program = [word(near.text.casefold())] if runs and self._program(place) else []
            rest = _opened(part[1:])
            while rest and rest[-1].norm in LISTED | {"-", "*", "•"}:
                rest = rest[:-1]
            joint = [word("and")] if out else []
            out += [*joint, one, *shared, word(one_norm), *program, name, *more, *rest]
        return out


def _bare(entry: Sequence[Token]) -> bool:
    return not any(token.kind in {Kind.SIZE, Kind.NUMBER} for token in entry)


def _opened(rest: Sequence[Token]) -> list[Token]:
    """What is said of an entry without the brackets or the colon that opened it."""
    said = [token for token in rest if token.norm not in {"(", ")"}]
    return said[1:] if said and said[0].norm in {":", "=", "-", "of"} else said
