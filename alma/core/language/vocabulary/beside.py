"""What a word beside another may be: what it names, its name, or what is said of it.

Facts about the tokens of one message before they are mended, for the readers of names that stand without "called".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from alma.core.language.vocabulary.defaults import ENVIRONMENTS
from alma.core.language.vocabulary.lexicon import singulars
from alma.core.language.vocabulary.terms import Sort, Term
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import DATA

MACHINES = {"vm", "container"}
STORES = {str(type_) for type_ in DATA}
PLACES = {"network", "volume"}
LISTED = {",", "and", "&", "+", ";", "\n"}
HAVING = frozenset("with has having gets needs at".split())
# Right after a machine these say how it is, or begin what is said of it.
NEVER = frozenset(
    "host template image cluster server farm pool platform setup please pls plz thanks thx small medium large tiny big "
    "number count size name type disk ram memory cpu cores ip only daily nightly weekly per each both all same now "
    "names hostname hostnames named called specs spec today instance app or as to of by via plus using running hosting "
    "from before usual planned needed ever always yet".split()
)
_AMOUNTS = {Kind.SIZE, Kind.NUMBER, Kind.ADDRESS, Kind.CIDR}
_IDENTIFIER = re.compile(r"^[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)+$|^[a-z]{1,12}\d{1,4}[a-z]?$")
_VERSION = re.compile(r"^(?:v|x|×|pg|ver)\d|^\d")
_NO_NAMES = {"s3", "k3s", "k8s", "x86", "x64", "arm64", "ipv4"}
_SHORTEST = 3
# What is kept in stores, and is no plural.
_KEPT = frozenset(
    "analytics billing inventory auth reporting tracking accounting payroll telemetry audit".split()
)
_NO_CONTENTS = frozenset(
    "please pls thanks thx this its plus needs has gets runs uses stores always perhaps minus cores gigs nodes copies "
    "works fails dies crashes helps looks sounds seems makes takes comes becomes sucks means costs says tells sits "
    "lives "
    "lets stays keeps goes does wants besides towards less class access https yes across".split()
)

# What a word beside a machine is when it is no name, whatever follows: "a vm today, 4 cores".
_LOOSE = frozenset(
    "linux unix there here too also asap soon tomorrow tonight instead again maybe first total altogether "
    "accordingly in for on at with without and but so then this that these those it is are be should must will "
    "can not no any some a an the my our more less like about around under over inside behind between public "
    "private internal external only just really already still ready alone together needed required wanted size "
    "sized spec based".split()
)

Meaning = Callable[[str], Mapping[Sort, Term]]


@dataclass(frozen=True, slots=True)
class Words:
    """What the vocabulary says of single words: their meanings, whether they are ordinary, and what typos meant."""

    meaning: Meaning
    ordinary: Callable[[str], bool]
    mended: Callable[[str], str]


class Beside:
    """The tokens of one message; `kept` are the names there are already, without which everything is new."""

    def __init__(self, tokens: Sequence[Token], words: Words, kept: Collection[str]) -> None:
        self.tokens = list(tokens)
        self.words = words
        self.kept = kept
        self.fresh = not kept
        self._norms = [token.norm for token in self.tokens]
        self._meanings: dict[int, Mapping[Sort, Term]] = {}

    def _norm(self, index: int) -> str:
        return self._norms[index] if 0 <= index < len(self._norms) else ""

    def _is_word(self, index: int) -> bool:
        return 0 <= index < len(self.tokens) and self.tokens[index].kind is Kind.WORD

    def _meaning(self, index: int) -> Mapping[Sort, Term]:
        found = self._meanings.get(index)
        if found is None:
            found = self._meanings[index] = self._looked_up(index)
        return found

    def _looked_up(self, index: int) -> Mapping[Sort, Term]:
        if not self._is_word(index):
            return {}
        forms = singulars(self._norm(index))
        return next((found for form in forms if (found := self.words.meaning(form))), {})

    def _machine(self, index: int) -> bool:
        """`vm`, `lxc`, `virtual machine`: one of them, and not several."""
        type_ = self._meaning(index).get(Sort.TYPE)
        word = self._norm(index)
        if type_ is not None and type_.id in MACHINES and singulars(word)[-1] == word:
            return True
        return word == "machine" and self._norm(index - 1) == "virtual"

    def _store(self, index: int) -> bool:
        """`postgres`, `redis`, and `database` where only a name can follow."""
        meant = self._meaning(index)
        type_ = meant.get(Sort.TYPE)
        if type_ is not None and type_.id in STORES and self._identifier(index + 1):
            return True
        software = meant.get(Sort.SOFTWARE)
        return software is not None and str(software.data.get("type")) in STORES

    def _identifier(self, index: int) -> bool:
        """`dmz-web`, `m1`: no English word, and no system with its version."""
        word = self._norm(index)
        shaped = _IDENTIFIER.match(word) and not _VERSION.match(word)
        if not self._is_word(index) or not shaped or word in self.kept:
            return False
        parts = re.split(r"[-_.]|(?<=[a-z])(?=\d)", word)
        first = self.words.meaning(parts[0])
        system = Sort.IMAGE in first or (Sort.SOFTWARE in first and parts[1].isdigit())
        typed = len(parts) == 2 and Sort.TYPE in self.words.meaning(" ".join(parts))
        return not (system or typed or word in _NO_NAMES)

    def _strange(self, index: int) -> bool:
        """A word that means nothing here, and is no slip for one that does."""
        word = self._norm(index)
        plain = self._is_word(index) and word.isascii() and word.isalpha()
        known = self.words.ordinary(word) or self._meaning(index)
        return plain and len(word) >= _SHORTEST and not known and self.words.mended(word) == word

    def _contents(self, index: int) -> bool:
        """`orders`, `sessions`, `analytics`: what is kept in a store, and says which one it is."""
        word, meant = self._norm(index), self._meaning(index)
        if not self._is_word(index) or meant.keys() - {Sort.CONTENT, Sort.PRODUCT}:
            return False
        many = word.endswith("s") and not word.endswith("ss") and len(word) > 3
        return word in _KEPT or (many and word not in _NO_CONTENTS)

    def _role(self, index: int) -> bool:
        meant = self._meaning(index)
        other = {Sort.COMPUTE, Sort.GROUP, Sort.REPLICA, Sort.PRODUCT, Sort.IMAGE, Sort.ENGINE}
        role = Sort.ROLE in meant or self._norm(index) in {"db", "proxy", "cache", "queue", "test"}
        return role and not meant.keys() & other and self._norm(index) not in NEVER

    def _pinned(self, index: int) -> bool:
        """`vm build, 8 cores`, `vm dev, vm staging`: any word that an amount or the next of a kind follows."""
        meant, word = self._meaning(index), self._norm(index)
        other = {
            Sort.IMAGE,
            Sort.SOFTWARE,
            Sort.COMPUTE,
            Sort.TYPE,
            Sort.ENGINE,
            Sort.ATTRIBUTE,
            Sort.GROUP,
        }
        if not self._is_word(index) or word in NEVER | _LOOSE or meant.keys() & other:
            return False
        modifier = meant.get(Sort.MODIFIER)
        if modifier is not None:
            return modifier.id in ENVIRONMENTS
        after = index + 1 + (self._norm(index + 1) in {",", "(", ":", "-"})
        return word.isalpha() and len(word) >= _SHORTEST and self._amount(after)

    def _program(self, index: int) -> bool:
        """`grafana`, `mosquitto`: software that a machine may be called after, and which is no database."""
        software = self._meaning(index).get(Sort.SOFTWARE)
        return software is not None and str(software.data.get("type")) != "database"

    def _amount(self, index: int) -> bool:
        return 0 <= index < len(self.tokens) and self.tokens[index].kind in _AMOUNTS

    def _name(self, index: int, after: Token | None = None) -> Token:
        token, place = self.tokens[index], after or self.tokens[index]
        value = str(token.value) if token.kind is Kind.QUOTED else token.text.rstrip(".")
        start = token.start if after is None else place.end
        return replace(
            token, kind=Kind.QUOTED, value=value, norm=value.casefold(), start=start, end=place.end
        )
