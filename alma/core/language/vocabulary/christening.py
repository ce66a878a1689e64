"""Names that stand beside what they name, without a word such as "called": `vm web 4GB`, `orders-db: postgres 16`.

English puts no noun right after "vm" or "postgres" but a name, and a label before what a line asks for is what its
writer calls it. Such words are marked as names before anything else is made of them, because most of them mean
something here as well: `vm db` is no database, and `dmz-web` no web server in two words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from alma.core.language.vocabulary.beside import HAVING, LISTED, MACHINES, NEVER, STORES, Words
from alma.core.language.vocabulary.entries import Entries
from alma.core.language.vocabulary.lexicon import singulars
from alma.core.language.vocabulary.terms import Sort
from alma.core.language.words.tokens import Kind, Token, tokenize

_ENDS = {"", ",", ";", "\n", ")", "|"}
_UNITS = frozenset(
    "c core cores cpu cpus vcpu vcpus cor cors thread threads gb g gig gigs mb".split()
)
_BULLETS = {"-", "*", "•", "–", "|"}
_SIGNS = {":", "=", "|", "-", "–", "—", "->", "→"}
_ARTICLES = frozenset("a an our my the one some its".split())
# What a label may say of what follows without being its name.
_LABELS = frozenset(
    "app application site service website software stack name type os image engine host target purpose owner need "
    "needs what who where request item system platform provider note notes comment tool tools program programs hello "
    "hi hey dear thanks question answer update subject option plan goal idea please wanted required storage "
    "also".split()
)
_MOST = 12
# What makes "redis as sessions" what it is called; "use redis as sessions" would say what it is for.
_RUNNING = frozenset("run running deploy launch start spin install host create make add".split())


def christened(tokens: Sequence[Token], words: Words, kept: Collection[str]) -> list[Token]:
    """The tokens with such words as names, after what they name. Where something is there already, called as `kept`
    says, only what can be nothing but a name is taken for one."""
    reader = _Christening(tokens, words, kept)
    return reader.run()


def sum_of(token: Token, means: Callable[[str], bool]) -> list[Token]:
    """`prometheus+grafana` as its parts, if each of them means something."""
    if token.kind is not Kind.WORD or "+" not in token.norm.strip("+"):
        return []
    parts = tokenize(token.text.replace("+", " + "))
    known = all(means(part.norm) for part in parts if part.text != "+")
    return [replace(part, start=token.start, end=token.end) for part in parts] if known else []


class _Christening(Entries):
    """Reads the tokens from left to right."""

    def run(self) -> list[Token]:
        steps = [self._after_head]
        if self.fresh:
            steps = [
                self._each, self.roster, self._label, self._several_named, self._run_as, self._after_head,
            ]  # fmt: skip
        out: list[Token] = []
        index = 0
        while index < len(self.tokens):
            found = None
            for step in steps:
                found = step(index)
                if found is not None:
                    break
            if found is None:
                out.append(self.tokens[index])
                index += 1
                continue
            said, index = found
            out += said
        return out

    # ── `vm web 4GB`, `postgres dev-db` ──────────────────────────────────────────────────────────────

    def _after_head(self, index: int) -> tuple[list[Token], int] | None:
        if not (self._machine(index) or self._store(index)) or self._several(index):
            return None
        place = index + 1
        while self._machine(index) and self.fresh and self._norm(place) in {"-", "–", "(", ":"}:
            place += 1
        if self._norm(place) in NEVER or not self._is_word(place):
            return None
        head = self.tokens[index]
        if (listed := self._names_listed(index, place)) is not None:
            return listed
        if self._bears(index, place):
            return [head, self._name(place)], self._past(index, place)
        opened = self._norm(index + 1) in {"-", "–", "("}
        told = self._tells(place + 1) or self._norm(place + 1) == ":"
        bare = self._norm(index - 1) not in _ARTICLES and place == index + 1
        alone = (self.fresh or bare) and told and not opened
        if alone and self._machine(index) and self._program(place):
            return [head, self.tokens[place], self._name(place, self.tokens[place])], place + 1
        return None

    def _several_named(self, index: int) -> tuple[list[Token], int] | None:
        """`containers alpha and beta with 2GB`: as many of a kind as there are names after it."""
        if not self._kind_of_several(index) or self._counted(index):
            return None
        place = index + 1 + (self._norm(index + 1) in {":", "("})
        names: list[int] = []
        while self._identifier(place) or self._strange(place):
            names.append(place)
            place += 1
            while self._norm(place) in LISTED and self._is_word(
                place + 1 + (self._norm(place + 1) in LISTED)
            ):
                place += 1
        if len(names) < 2 or self._norm(place - 1) in LISTED or not self._ends_list(place):
            return None
        closed = self._norm(index + 1) == "(" and self._norm(place) == ")"
        return [
            self._many(index, len(names)),
            self.tokens[index],
            *(self._name(name) for name in names),
        ], place + closed

    def _kind_of_several(self, index: int) -> bool:
        """`containers`, `postgres databases`, `servers`."""
        meant, word = self._meaning(index), self._norm(index)
        if not meant:
            return False
        type_ = meant.get(Sort.TYPE)
        plural = word.endswith("s") and singulars(word)[-1] != word
        kind = type_ is not None and type_.id in MACHINES | STORES
        return plural and (kind or Sort.COMPUTE in meant)

    def _counted(self, index: int) -> bool:
        """Whether a number or an article says how many there are, or which."""
        before = {self._norm(place) for place in range(index - 3, index)}
        return any(self._amount(place) for place in range(index - 3, index)) or bool(
            before & {"the", "our", "these", "those", "both", "all"}
        )

    def _ends_list(self, index: int) -> bool:
        """Whether a list of names ends there."""
        return self._norm(index) in _ENDS | HAVING | {
            ".",
            "each",
            "on",
            "in",
            "for",
            "running",
            "plus",
        } or (self._amount(index))

    def _many(self, index: int, number: int) -> Token:
        head = self.tokens[index]
        return replace(
            head, text=str(number), norm=str(number), kind=Kind.NUMBER, value=number, end=head.start
        )

    def _names_listed(self, index: int, place: int) -> tuple[list[Token], int] | None:
        """`lxc app1, app2 and app3`: as many of a kind as there are names like these."""
        names, end = [place], place + 1
        while self._identifier(names[-1]) and self._norm(end) in LISTED:
            following = end + 1 + (self._norm(end + 1) in LISTED)
            if not (self._is_word(following) and self._identifier(following)):
                break
            names.append(following)
            end = following + 1
        if len(names) < 2 or not self._machine(index) or self._norm(index - 1) in _ARTICLES:
            return None
        head = self.tokens[index]
        many = self._many(index, len(names))
        return [many, head, *(self._name(name) for name in names)], end

    def _bears(self, index: int, place: int) -> bool:
        """Whether the head there has the word for its name and for nothing else."""
        ends = self._tells(place + 1, apart=place > index + 1)
        ends = ends or (
            place == index + 1 and self._machine(index) and self._norm(place + 1) == ":"
        )
        if self._identifier(place):
            return ends or self._norm(place + 1) in {":", "for", "on", "in"}
        if not (self.fresh and ends):
            return False
        if self._machine(index):
            return self._role(place) or (place == index + 1 and self._pinned(place))
        return self._strange(place) or self._contents(place)

    def _past(self, index: int, place: int) -> int:
        """Where to go on: what encloses the name goes with it."""
        enclosed = place > index + 1 and self._norm(place - 1) != ":"
        return place + 1 + (enclosed and self._norm(place + 1) in {"-", "–", ")"})

    def _several(self, index: int) -> bool:
        """`2 vm web`."""
        before = self.tokens[index - 1] if index else None
        return before is not None and before.kind is Kind.NUMBER and before.value not in {1, None}

    def _tells(self, index: int, *, apart: bool = False) -> bool:
        """Whether there ends a name: an amount follows, or the next of a list, or nothing."""
        norm = self._norm(index)
        if norm in _ENDS or norm in {"(", *HAVING} or (apart and norm in {"-", "–"}):
            return True
        if norm == "." or (self._amount(index) and self._counts(index)):
            return True
        following = index + 1 + (self._norm(index + 1) in _ARTICLES)
        return norm in {"and", "&", "+", "plus"} and (
            self._machine(following) or self._store(following)
        )

    def _counts(self, index: int) -> bool:
        """Whether a number there is an amount of what was said before: `2 cores`, and not `2 servers`."""
        if self.tokens[index].kind is not Kind.NUMBER:
            return True
        return self._norm(index + 1) in _UNITS

    def _run_as(self, index: int) -> tuple[list[Token], int] | None:
        """`run node:20 as orders-api`, `postgres 16 as main-db`: what it is called, unless that is a kind of thing."""
        if self._norm(index) != "as" or not self._tells_or_goes_on(index + 2):
            return None
        before = index - 1 - (index > 1 and self.tokens[index - 1].kind is Kind.NUMBER)
        before -= before < index - 1 and self._norm(before) == ":"
        image = before >= 0 and self.tokens[before].kind is Kind.IMAGE
        if not (image or self._machine(before) or Sort.SOFTWARE in self._meaning(before)):
            return None
        if self._norm(index + 1) in NEVER | _ARTICLES:
            return None
        if not (self._identifier(index + 1) or self._run_under(index, before, image=image)):
            return None
        return [self._name(index + 1)], index + 2

    def _run_under(self, index: int, program: int, *, image: bool) -> bool:
        """`run redis as sessions`: a plain word is what an image is called, and a program that is run under it."""
        kinds = {Sort.TYPE, Sort.COMPUTE, Sort.REPLICA, Sort.GROUP, Sort.IMAGE, Sort.SOFTWARE}
        meant = self._meaning(index + 1).keys()
        if not self._is_word(index + 1) or meant & kinds:
            return False
        if image:
            return True
        run = self.fresh and _RUNNING & {self._norm(n) for n in range(program)}
        role = self._role(index + 1) or self._norm(index + 1).endswith(("ed", "ing", "ly"))
        return bool(run) and not role

    def _tells_or_goes_on(self, index: int) -> bool:
        return self._tells(index) or self._norm(index) in {"on", "in", "port", "from", "and", "-"}

    # ── `orders-db: postgres 16`, `billing-db (Postgres)` ────────────────────────────────────────────

    def _label(self, index: int) -> tuple[list[Token], int] | None:
        sign = self._norm(index + 1)
        enclosed = sign == "("
        if not (enclosed or sign in _SIGNS) or not self._begins(index, enclosed):
            return None
        if not self._called(index, enclosed):
            return None
        place = index + 2
        while self._norm(place) in _ARTICLES:
            place += 1
        end = self._thing(place)
        if end is None:
            return None if enclosed else self._machine_of(index)
        if (enclosed and self._closing(end) is None) or self._listed(end):
            return None
        said = self.tokens[place:end]
        named = [*said, self._name(index, said[-1])]
        if not enclosed:
            return named, end
        close = self._closing(end)
        assert close is not None
        return [*named, *self.tokens[end:close]], close + 1

    def _listed(self, index: int) -> bool:
        """Whether a label is of several things: `monitoring: grafana + prometheus`."""
        if self._norm(index) in {"+", "and", "&", "/"}:
            return True
        return self._norm(index) == "," and Sort.SOFTWARE in self._meaning(index + 1)

    def _machine_of(self, index: int) -> tuple[list[Token], int] | None:
        """`web01: ubuntu, 4GB`: a machine, as nothing else runs a system."""
        if not self._identifier(index) or Sort.IMAGE not in self._meaning(index + 2):
            return None
        name = self._name(index)
        machine = replace(self.tokens[index], text="vm", norm="vm", end=name.start)
        return [machine, name], index + 2

    def _begins(self, index: int, enclosed: bool) -> bool:
        before = self._norm(index - 1)
        first = before == ":" and self._norm(index + 1) == ":"  # "…:" and the first line of a list
        return (
            first or before in {"", "\n", ";", *_BULLETS} or (enclosed and before in LISTED | {":"})
        )

    def _called(self, index: int, enclosed: bool) -> bool:
        """Whether a word may be what something is called."""
        if self._norm(index) in _LABELS | NEVER:
            return False
        if self._identifier(index) or self._strange(index):
            return True
        alone = Sort.TYPE not in self._meaning(index) or self._norm(index) == "db"
        titled = self.tokens[index].text[:1].isupper()  # a form's own words: "Web: nginx"
        plain = (self._role(index) and alone) or self._contents(index)
        return plain and not (enclosed or titled)

    def _thing(self, index: int) -> int | None:
        """Where what a label names ends: one thing, with the version of it."""
        for place in range(index, index + 3):
            if place >= len(self.tokens) or self._amount(place):
                return None
            meant = self._meaning(place)
            software = Sort.SOFTWARE in meant
            image = self.tokens[place].kind is Kind.IMAGE
            if self._machine(place) or image or (software and place - index < 2):
                return place + 1 + (software and self._versioned(place + 1))
            plain = Sort.IMAGE in meant or self._norm(place) == "image"
            if not plain or not self._is_word(place):
                return None
        return None

    def _versioned(self, index: int) -> bool:
        number = 0 <= index < len(self.tokens) and self.tokens[index].kind is Kind.NUMBER
        return number and self._norm(index + 1) in {*_ENDS, "(", "with", "and"}

    def _closing(self, index: int) -> int | None:
        return next(
            (n for n in range(index, min(len(self.tokens), index + _MOST)) if self._norm(n) == ")"),
            None,
        )

    # ── `frontend, backend and worker, one VM each` ──────────────────────────────────────────────────

    def _each(self, index: int) -> tuple[list[Token], int] | None:
        """Names first, and that each is one thing of a kind."""
        if not self._begins(index, enclosed=False) or not self._is_word(index):
            return None
        names: list[int] = []
        place = index
        while self._is_word(place) and self._norm(place) not in LISTED:
            meant = self._meaning(place).keys()
            if meant & {Sort.SOFTWARE, Sort.IMAGE, Sort.COMPUTE, Sort.ENGINE, Sort.ATTRIBUTE}:
                return None
            names.append(place)
            place += 1
            if self._norm(place) not in LISTED | {":", "-"}:
                return None
            while self._norm(place) in LISTED | {":", "-"}:
                place += 1
        if len(names) < 2 or not self._one(place):
            return None
        end = place + 1
        while end < len(self.tokens) and self._norm(end) != "each" and end < place + 5:
            end += 1
        if self._norm(end) != "each" or not any(self._heads(n) for n in range(place + 1, end)):
            return None
        number = replace(
            self.tokens[place], text=str(len(names)), norm=str(len(names)),
            kind=Kind.NUMBER, value=len(names),
        )  # fmt: skip
        called = [self._name(n) for n in names]
        return [number, *self.tokens[place + 1 : end], *called], end + 1

    def _one(self, index: int) -> bool:
        return self._norm(index) in {"a", "an", "one", "1"} or (
            self._amount(index) and self.tokens[index].value == 1
        )

    def _heads(self, index: int) -> bool:
        return self._machine(index) or Sort.COMPUTE in self._meaning(index)
