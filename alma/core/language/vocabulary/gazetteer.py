"""What words can mean: the phrases of `gazetteer.yaml` and of the software catalogue, found in a message.

Tagging is generous (a phrase keeps all its meanings) and deciding is the grammar's business. Typos are mended against
this vocabulary only, never against English, so that "cache" stays "cache" and ordinary words are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from alma.core.language.vocabulary.beside import Words
from alma.core.language.vocabulary.christening import christened, sum_of
from alma.core.language.vocabulary.lexicon import REMEMBERED, load_data, singulars, stems
from alma.core.language.vocabulary.mending import SHORTEST_TYPO, Mending
from alma.core.language.vocabulary.terms import Item, Prepared, Sort, Term
from alma.core.language.words.budgets import mark_budgets
from alma.core.language.words.naming import mark_names
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.blueprint import ResourceType
from alma.core.model.software import Catalogue

__all__ = ["Gazetteer", "Item", "Prepared", "Sort", "Term"]

# Messages that are remembered with their words mended, and how many words those have at most: a message is read in
# several ways, and with it those before it.
_MESSAGES, _MOST_WORDS = 256, 200
_GENERAL = {Sort.TYPE, Sort.COMPUTE, Sort.GROUP, Sort.ROLE, Sort.ATTRIBUTE, Sort.ENGINE}
_FLAT = {"compute": Sort.COMPUTE, "group": Sort.GROUP, "replica": Sort.REPLICA}
_LISTS = {
    "types": Sort.TYPE,
    "images": Sort.IMAGE,
    "modifiers": Sort.MODIFIER,
    "contents": Sort.CONTENT,
}
_ENTRIES = {
    "roles": Sort.ROLE,
    "software": Sort.SOFTWARE,
    "products": Sort.PRODUCT,
    "attributes": Sort.ATTRIBUTE,
    "capabilities": Sort.CAPABILITY,
    "engines": Sort.ENGINE,
}
_TELLING = frozenset(
    {Sort.TYPE, Sort.COMPUTE, Sort.GROUP, Sort.ROLE, Sort.SOFTWARE, Sort.IMAGE, Sort.PRODUCT}
)
_SAYING = frozenset(
    {Sort.TYPE, Sort.SOFTWARE, Sort.IMAGE, Sort.ENGINE, Sort.MODIFIER, Sort.ATTRIBUTE}
)
# Words of their longer phrases are rare enough in English to be what a typo meant.
_DISTINCT = {Sort.TYPE, Sort.SOFTWARE, Sort.IMAGE, Sort.ATTRIBUTE, Sort.COMPUTE, Sort.GROUP}
_GLUED = re.compile(r"^([a-z]{2,})((?:[5-9]|[1-9]\d)(?:\.\d{1,2})?)$")
_AMBIGUOUS = {"maria", "uptime", "dashboards", "notebook", "elastic", "s3"}


class Gazetteer:
    """All phrases of the data file and of one software catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.data = load_data()
        self.software: dict[str, Mapping[str, Any]] = dict(self.data["software"])
        self._phrases: dict[str, list[tuple[tuple[str, ...], Term]]] = {}
        # The phrases of several words, by the first and the second of them.
        self._longer: dict[str, dict[str, list[tuple[tuple[str, ...], Term]]]] = {}
        self._words: set[str] = set()
        self._mendable: set[str] = set()
        self._load()
        self._add_catalogue(catalogue)
        self._singular()
        verbs = {
            word
            for group in self.data["verbs"].values()
            for phrase in group
            for word in phrase.split()
        }
        spoken = [
            phrase
            for key in ("openers", "desires", "questions", "facts", "smalltalk", "helps")
            for phrase in self.data[key]
        ]
        for key in ("topics", "reports"):
            spoken += [phrase for group in self.data[key].values() for phrase in group]
        self._spoken = verbs | {word for phrase in spoken for word in str(phrase).split()}
        self.common = (
            frozenset(self.data["common"].split())
            | {w for phrase in spoken for w in phrase.split()}
            | verbs
        )
        self.keepers = frozenset(self.data["keepers"])
        self._bundles = self._read_bundles()
        self._bundled = {words[0] for words, _ in self._bundles}
        self._costs, self._bounds = frozenset(self.data["costs"]), frozenset(self.data["bounds"])
        self._mending = Mending(self._mendable, verbs, self.common)
        self.meaning = lru_cache(REMEMBERED)(self._meaning)
        self.norm = lru_cache(REMEMBERED)(self._norm)
        self._telling = lru_cache(REMEMBERED)(self._is_telling)
        self._saying = lru_cache(REMEMBERED)(self._is_saying)
        self._prepared = lru_cache(_MESSAGES)(self._prepare)

    def _load(self) -> None:
        for key, sort in _FLAT.items():
            self._add(Term(sort, key), self.data[key])
        self._add(Term(Sort.CLOUD, "cloud"), self.data["clouds"])
        for key, sort in _LISTS.items():
            for id_, phrases in self.data[key].items():
                self._add(Term(sort, id_), phrases)
        for key, sort in _ENTRIES.items():
            for id_, entry in self.data[key].items():
                self._add(Term(sort, id_, entry), entry["phrases"])

    def _add_catalogue(self, catalogue: Catalogue) -> None:
        known = self.data["software"]
        for id_, entry in catalogue.software.items():
            data = {
                "type": str(entry.types[0]),
                **known.get(id_, {}),
                "title": entry.title,
                "known": True,
                "balances": ResourceType.LOAD_BALANCER in entry.types,
            }
            self.software[id_] = data
            aliases = [
                alias
                for alias in entry.aliases
                if alias not in _AMBIGUOUS and not self._generic(alias)
            ]
            self._add(Term(Sort.SOFTWARE, id_, data), [id_, *aliases])
            self._add(Term(Sort.SOFTWARE, id_, data), known.get(id_, {}).get("phrases", ()))

    def _generic(self, alias: str) -> bool:
        """Whether an alias is built of general words: "web server" says what a machine is for, not what it runs."""
        words = alias.casefold().replace("-", " ").split()
        return len(words) > 1 and all(
            any(
                phrase == (word,) and term.sort in _GENERAL
                for phrase, term in self._phrases.get(word, ())
            )
            for word in words
        )

    def _add(self, term: Term, phrases: Iterable[str]) -> None:
        for phrase in phrases:
            words = tuple(str(phrase).casefold().replace("-", " ").split())
            entries = self._phrases.setdefault(words[0], [])
            entries[:] = [
                entry for entry in entries if not (entry[0] == words and entry[1].sort is term.sort)
            ]
            entries.append((words, term))
            self._words.update(words)
            if not term.data.get("app") and (len(words) == 1 or term.sort in _DISTINCT):
                self._mendable.update(words)

    def _read_bundles(self) -> list[tuple[tuple[str, ...], tuple[Token, ...]]]:
        """The combinations by their phrases, the longest first, with the tokens they are read as."""
        bundles = [
            (tuple(phrase.split()), tokenize(parts))
            for parts, phrases in self.data["bundles"].items()
            for phrase in phrases
        ]
        return sorted(bundles, key=lambda bundle: -len(bundle[0]))

    def _unbundled(self, tokens: Sequence[Token]) -> list[Token]:
        """`a LAMP stack` as its parts, each standing where the combination stood."""
        norms = [token.norm for token in tokens]
        if self._bundled.isdisjoint(norms):
            return list(tokens)
        for words, parts in self._bundles:
            for start in range(len(tokens) - len(words) + 1):
                if tuple(norms[start : start + len(words)]) == words:
                    span = tokens[start : start + len(words)]
                    begin = start - (start > 0 and norms[start - 1] in {"a", "an", "the"})
                    here = [replace(p, start=span[0].start, end=span[-1].end) for p in parts]
                    return [*tokens[:begin], *here, *tokens[start + len(words) :]]
        return list(tokens)

    def _meaning(self, word: str) -> Mapping[Sort, Term]:
        """What one word can mean by itself."""
        return {term.sort: term for words, term in self._phrases.get(word, ()) if words == (word,)}

    def _singular(self) -> None:
        """Brings every phrase into the form that messages are brought into, the longest phrases first."""
        plain = {word: self._stem(word) for word in self._words}
        self._words = set(plain.values())
        self._mendable = {plain[word] for word in self._mendable}
        found: dict[str, dict[tuple[tuple[str, ...], Sort], Term]] = {}
        for entries in self._phrases.values():
            for words, term in entries:
                forms = tuple(plain[word] for word in words)
                found.setdefault(forms[0], {}).setdefault((forms, term.sort), term)
        self._phrases = {
            first: sorted(
                ((words, term) for (words, _), term in terms.items()), key=lambda e: -len(e[0])
            )
            for first, terms in found.items()
        }
        for entries in self._phrases.values():
            for words, term in entries:
                if len(words) > 1:
                    longer = self._longer.setdefault(words[0], {})
                    longer.setdefault(words[1], []).append((words, term))

    def _stem(self, word: str) -> str:
        """The shortest form of a word that is listed itself. A phrase of its own stays: `https` is no plural."""
        if any(words == (word,) for words, _ in self._phrases.get(word, ())):
            return word
        return next((form for form in reversed(singulars(word)) if form in self._words), word)

    # ── words ────────────────────────────────────────────────────────────────────────────────────────

    def prepare(self, tokens: Sequence[Token], names: Iterable[str] = ()) -> Prepared:
        """Splits hyphenated words the vocabulary knows, and mends plurals and typos. `names` are left as they are."""
        kept = frozenset(name.casefold() for name in names)
        words = tuple(tokens)
        short = len(words) <= _MOST_WORDS
        return self._prepared(words, kept) if short else self._prepare(words, kept)

    def _prepare(self, words: tuple[Token, ...], kept: frozenset[str]) -> Prepared:
        tokens: Sequence[Token] = words
        tokens = mark_budgets(self._unbundled(tokens), costs=self._costs, bounds=self._bounds)
        out: list[Token] = []
        mended: list[tuple[str, str]] = []
        images = {n + 1 for n, token in enumerate(tokens) if token.norm == "image"}
        tokens = [
            part
            for n, token in enumerate(tokens)
            for part in ([token] if n in images else self._listed(token))
        ]
        known = Words(self.meaning, self._ordinary, self.norm)
        tokens = christened(tokens, known, kept)
        named = mark_names(
            tokens, self._ordinary, self._telling, saying=self._saying, fresh=not kept
        )
        for token in named:
            for part in self._split(token, kept):
                norm = (
                    part.norm
                    if part.norm in kept or part.kind is not Kind.WORD
                    else self.norm(part.norm)
                )
                if norm != part.norm and norm not in singulars(part.norm):
                    mended.append((part.text, norm))
                out.append(part if norm == part.norm else replace(part, norm=norm))
        return Prepared(tuple(out), tuple(mended))

    def _listed(self, token: Token) -> Sequence[Token]:
        """`run web/app`, `deploy redis/postgres`: two things with a stroke between them, and no image."""
        if summed := sum_of(token, self.means):
            return summed
        owner, stroke, image = token.norm.partition("/")
        if (
            token.kind is not Kind.IMAGE
            or not stroke
            or "/" in image
            or ":" in image
            or "." in owner
        ):
            return [token]
        stored = [
            Sort.SOFTWARE in (meant := self.meaning(word.replace("-", " ").split()[0]))
            and meant[Sort.SOFTWARE].data.get("type") != ResourceType.SERVICE
            for word in (owner, image)
        ]
        general = [
            self.means(word) and Sort.SOFTWARE not in self.meaning(word) for word in (owner, image)
        ]
        if not (general[0] or (general[1] and self.means(owner)) or stored[1]):
            return [token]  # nobody knows an "acme": it publishes images
        return [
            replace(part, start=part.start + token.start, end=part.end + token.start)
            for part in tokenize(token.text)
        ]

    def _split(self, token: Token, kept: Collection[str]) -> list[Token]:
        if token.kind is not Kind.WORD or token.norm.isalpha():
            return [token]
        glued = _GLUED.match(token.norm)
        if glued and token.norm not in kept and self._versioned(glued[1]):
            cut = token.start + len(glued[1])
            return [
                Token(token.text[: len(glued[1])], glued[1], token.start, cut, Kind.WORD),
                *(replace(t, start=cut, end=token.end) for t in tokenize(glued[2])),
            ]
        parts = re.split("[-_]", token.norm)
        if len(parts) == 1 or token.norm in kept or token.norm in self.common:
            return [token]
        if len(parts[-1]) == 1:  # "app-a"
            return [token]
        if not all(
            (part.isalpha() or part == "s3") and (self._known(part) or part in self.common)
            for part in parts
        ):
            return [token]
        out, start = [], token.start
        for part in parts:
            text = token.text[start - token.start :][: len(part)]
            out.append(
                Token(text, part, start, start + len(part), Kind.WORD, glued=start > token.start)
            )
            start += len(part) + 1
        return out

    def _versioned(self, word: str) -> bool:
        """Whether a number right after the word is its version: `debian12`, `pg16`."""
        return bool({Sort.IMAGE, Sort.SOFTWARE} & self.meaning(word).keys())

    def _ordinary(self, word: str) -> bool:
        """Whether a word has a meaning of its own, and is therefore less likely to be one more name."""
        return word in self.common or self._known(word)

    def _known(self, word: str) -> bool:
        return any(form in self._words for form in singulars(word))

    def _is_telling(self, word: str) -> bool:
        """Whether a word alone says what a thing is, and is therefore hardly what it is called."""
        return any(self.meaning(form).keys() & _TELLING for form in singulars(word))

    def _is_saying(self, word: str) -> bool:
        """Whether a word says which program a thing runs, which kind it is of or how it is, and not what it is for."""
        return any(self.meaning(form).keys() & _SAYING for form in singulars(word))

    def kind(self, word: str) -> str | None:
        """The type of resource that a word names, or that a program called so is; None for every other word."""
        meaning = self.meaning(word)
        if software := meaning.get(Sort.SOFTWARE):
            return str(software.data.get("type"))
        return meaning[Sort.TYPE].id if Sort.TYPE in meaning else None

    def means(self, word: str) -> bool:
        """Whether a word is English as far as is known here, or belongs to the vocabulary."""
        return word in self.common or self._known(word)

    def familiar(self, word: str) -> bool:
        """Whether a word or what it is made from is known: `removed` is, with `remove`."""
        return any(form in self.common or form in self._words for form in stems(word))

    def _norm(self, word: str) -> str:
        """The vocabulary's form of a word: its singular, what a typo meant, or the word itself."""
        if word in self._words:
            return word
        forms = [
            form
            for form in singulars(word)
            if len(form) >= SHORTEST_TYPO or word not in self.common
        ]
        known = [form for form in forms if form in self._words] or [
            f for f in forms if f in self._spoken and (f == word or len(f) > 2)
        ]
        found = known[0] if known else None
        if found is not None:
            return found
        if (
            word in self.common
            or len(word) < SHORTEST_TYPO
            or not word.isalpha()
            or not word.isascii()
        ):
            return word
        return self._mending.mended(word)

    # ── phrases ──────────────────────────────────────────────────────────────────────────────────────

    def tag(self, tokens: Sequence[Token], names: Iterable[str] = ()) -> tuple[Item, ...]:
        """The message as items, the longest phrases first. `names` are the blueprint's resources."""
        existing = {name.casefold(): name for name in names}
        items: list[Item] = []
        index = 0
        while index < len(tokens):
            token = tokens[index]
            length, terms = self._phrase(tokens, index) if token.kind is Kind.WORD else (1, {})
            if length == 1:
                name = _existing(token, existing) if existing else None
                items.append(Item((token,), terms, name, _is_plural(token)))
            else:
                span = tuple(tokens[index : index + length])
                items.append(Item(span, terms, None, _is_plural(span[-1])))
            index += length
        return tuple(items)

    def _phrase(self, tokens: Sequence[Token], index: int) -> tuple[int, Mapping[Sort, Term]]:
        """How many words the longest phrase has that begins there, and what it can mean."""
        norm = tokens[index].norm
        longer = self._longer.get(norm)
        if longer is None or index + 1 >= len(tokens):
            return 1, self.meaning(norm)
        length, terms = 1, {}
        for words, term in longer.get(tokens[index + 1].norm, ()):
            if len(words) < length:
                break
            if _follow(tokens, index, words):
                length = len(words)
                terms[term.sort] = term
        return (length, terms) if terms else (1, self.meaning(norm))


def _follow(tokens: Sequence[Token], index: int, words: tuple[str, ...]) -> bool:
    """Whether these words stand there, the first two of which do."""
    if len(tokens) - index < len(words):
        return False
    return all(tokens[index + n].norm == words[n] for n in range(2, len(words)))


def _existing(token: Token, existing: Mapping[str, str]) -> str | None:
    if token.kind is not Kind.WORD and token.kind is not Kind.QUOTED:
        return None
    return existing.get(str(token.value or token.text).casefold().removesuffix("'s"))


def _is_plural(token: Token) -> bool:
    if token.kind is not Kind.WORD or token.text == token.norm:
        return False
    text = token.text.casefold()
    return text != token.norm and text.endswith("s") and not text.endswith(("'s", "’s"))
