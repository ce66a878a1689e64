"""What a mistyped word was meant to be: a word of the vocabulary that is near it, never one of English."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from alma.core.language.vocabulary.lexicon import english, singulars, stems

SHORTEST_TYPO = 4
"""Letters. Shorter words are near too many others."""
_CUTOFF = 80
# English, but what is near them is said so much more often here that they are slips all the same.
_SLIPS = frozenset("sever sublet clod clutter widow bloc".split())


class Mending:
    """Knows words that a typo may have meant: `targets` of things, and the `verbs` of orders. What is in `common` is no
    typo."""

    def __init__(
        self, targets: Iterable[str], verbs: Iterable[str], common: Collection[str]
    ) -> None:
        self._common = common
        self._by_first: dict[str, list[str]] = {}
        for target in sorted(_mendable(targets)):
            self._by_first.setdefault(target[0], []).append(target)
        self._verbs_by_first: dict[str, list[str]] = {}
        self._verbs_by_letters: dict[str, list[str]] = {}
        for verb in sorted(_mendable(verbs)):
            self._verbs_by_first.setdefault(verb[0], []).append(verb)
            self._verbs_by_letters.setdefault(_letters(verb), []).append(verb)

    def mended(self, word: str) -> str:
        """The word that was meant, or the word itself."""
        if any(form in self._common for form in stems(word)):
            return word
        meant = self._meant(word)
        return word if _is_english(word) and not _akin(word, meant) else meant

    def _meant(self, word: str) -> str:
        anagrams = self._verbs_by_letters.get(_letters(word), ())
        if slip := next((verb for verb in anagrams if OSA.distance(word, verb) == 1), None):
            return slip  # "sclae": the letters of a verb in the wrong order
        near = [t for t in self._by_first.get(word[0], ()) if abs(len(t) - len(word)) <= 2]
        return _nearest(word, near) or self._verb(word)

    def _verb(self, word: str) -> str:
        """English is full of words near a verb ("purpose", "propose"): one slip of the finger, no more."""
        verbs = self._verbs_by_first.get(word[0], ())
        return next((verb for verb in verbs if OSA.distance(word, verb) == 1), word)


def _is_english(word: str) -> bool:
    """Whether people write that word and mean it: a "basket" is no "base", and "sports" are no "spot"."""
    forms = frozenset(stems(word))
    return not forms.isdisjoint(english()) and forms.isdisjoint(_SLIPS)


def _akin(word: str, other: str) -> bool:
    """Whether one is a form of the other: "cached" of "cache"."""
    return not frozenset(stems(word)).isdisjoint(stems(other))


def _nearest(word: str, near: Collection[str]) -> str | None:
    """The target that a word or its singular is most like; one with two letters the other way round."""
    forms = [form for form in singulars(word) if len(form) >= SHORTEST_TYPO]
    best = [
        process.extractOne(form, near, scorer=fuzz.ratio, score_cutoff=_CUTOFF) for form in forms
    ]
    found = max((hit for hit in best if hit is not None), key=lambda hit: hit[1], default=None)
    if found is not None:
        return str(found[0])
    return next((t for t in near if len(t) == len(word) and _swapped(word, t)), None)


def _mendable(words: Iterable[str]) -> list[str]:
    return [word for word in words if len(word) >= SHORTEST_TYPO and word.isalpha()]


def _letters(word: str) -> str:
    return "".join(sorted(word))


def _swapped(word: str, target: str) -> bool:
    """`dsik`: two letters next to each other in the wrong order."""
    return _letters(word) == _letters(target) and OSA.distance(word, target) == 1
