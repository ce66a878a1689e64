"""Where one clause of a message ends and the next begins: "add a cache and remove web-2" are two, "2 servers and a
database" is one."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.phrasebook import Phrases
from alma.core.language.words.tokens import Kind, Token

CREATING = {"create", "deploy", "add"}
CONDITIONS = {"if", "unless", "once"}
_ENDS = {".", "!", "?", ";", "…"}
_JOINTS = {"and", ",", "then", "but", "also", "&", "\n"}
_SPLITTING = frozenset(
    "create deploy add remove destroy disable rename scale increase decrease set rollback undo show list compare "
    "troubleshoot explain approve reject audit close operate keep".split()
)
# Verbs that are nouns or describe a thing as often as they order something: they never start a clause in the middle
# of a sentence.
_NOT_SPLITTING = frozenset(
    "run running host hosting order use using keep give call name put plus include report review project release open "
    "limit cap want turn halve double triple lose enable protect attach configure".split()
) | {"make a", "make an", "start a", "start an", "scale automatically"}
# … but after an order about what is there, these do.
_SPLITTING_LATER = frozenset(
    "put give use call name open enable protect attach move configure turn limit cap include plus lose".split()
)
_WISHING = frozenset("need want like love require prefer rather forgot missing should".split())
_DASHES = {"-", "–", "—"}
_ASKING = {"what", "what's", "how", "why", "is", "does", "will", "would", "can", "should"}
_POLITE = {"can you", "could you", "would you", "will you", "can we", "could we", "can i", "could i", "can you please",
           "could you please", "would you please"}  # fmt: skip


class Clausing:
    """Cuts sentences into clauses."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        data = gazetteer.data
        self.verbs = Phrases.grouped(data["verbs"])
        self.desires = Phrases.flat(data["desires"])
        self.questions = Phrases.flat(data["questions"])
        self.suppositions = Phrases.flat(data["suppositions"])
        self.helps = Phrases.flat(data["helps"])
        self._openers = Phrases.flat(data["openers"])

    def clauses(self, sentence: Sequence[Token]) -> list[Sequence[Token]]:
        cuts = [0]
        for index, token in enumerate(sentence[:-1]):
            joins = token.norm in _JOINTS or token.norm in _DASHES
            spoken = any(each.norm not in _JOINTS for each in sentence[cuts[-1] : index])
            if joins and spoken and self._cuts(sentence, cuts[-1], index):
                cuts.append(index)
        return [
            sentence[start:end] for start, end in zip(cuts, [*cuts[1:], len(sentence)], strict=True)
        ]

    def _cuts(self, sentence: Sequence[Token], start: int, joint: int) -> bool:
        """Whether another clause begins after a joint. What is asked how to do is one question: "how do I add a cache
        and remove web-2?"."""
        begin, polite = self.skip(sentence, start)
        if sentence[begin : begin + 1] and sentence[begin].norm in CONDITIONS:
            return False
        words = [token.norm for token in sentence[begin : begin + 2]]
        forbids = (
            2 if words == ["do", "not"] else int(words[:1] in (["don't"], ["dont"], ["never"]))
        )
        asks = not (polite or forbids) and (
            self.suppositions.at(sentence, begin) or self.questions.at(sentence, begin)
        )
        if asks and set(self.verbs.groups(sentence[begin:joint])) & _SPLITTING:
            return False
        if self.starts_question(sentence, joint + 1):
            return True
        if self._forbids(sentence, self.skip(sentence, joint + 1)[0]):
            return True
        if sentence[joint].norm in _DASHES:
            return False
        verb = self.verbs.at(sentence, begin + forbids)
        return self._starts_order(sentence, joint, after=verb[1] if verb else None)

    def _forbids(self, sentence: Sequence[Token], index: int) -> bool:
        """`… - don't add a load balancer`."""
        words = [token.norm for token in sentence[index : index + 2]]
        length = 2 if words == ["do", "not"] else int(words[:1] in [["don't"], ["dont"], ["never"]])
        verb = self.verbs.at(sentence, index + length) if length else None
        return verb is not None and verb[1] in CREATING

    def starts_question(self, sentence: Sequence[Token], index: int) -> bool:
        start, polite = self.skip(sentence, index)
        hit = self.questions.at(sentence, start)
        return hit is not None and not polite and hit[0].split()[0] in _ASKING

    def _starts_order(self, sentence: Sequence[Token], joint: int, *, after: str | None) -> bool:
        """Whether an order begins after a joint; `after` is the group of the verb before it."""
        index, before = self.skip(sentence, joint + 1)[0], sentence[joint].norm
        index += index < len(sentence) - 1 and sentence[index].norm in {"just", "only", "simply"}
        desire = self.desires.at(sentence, index)
        if desire is not None and _WISHING & set(desire[0].split()):
            return before in {"and", ",", "but", "\n"}
        verb = self.verbs.at(sentence, index)
        if "then" in {token.norm for token in sentence[joint : joint + 2]}:
            after = "set"  # "first add a queue, then connect api to it"
        if verb is None or not (before == "\n" or self._splits(sentence, index, verb, after)):
            return False
        return index + verb[2] < len(sentence) or verb[1] in {
            "deploy",
            "rollback",
            "undo",
            "approve",
        }

    @staticmethod
    def _splits(
        sentence: Sequence[Token], index: int, verb: tuple[str, str, int], after: str | None
    ) -> bool:
        """Whether a verb in the middle of a sentence starts a clause there."""
        phrase, group, length = verb
        if phrase in {"double", "triple", "halve", "quadruple"}:
            return True
        following = sentence[index + length].norm if index + length < len(sentence) else ""
        named = index + length < len(sentence) and sentence[index + length].kind is Kind.QUOTED
        if phrase == "give" and (named or following in {"the", "my", "our"}):
            return True
        settled = after not in {*CREATING, None}
        if settled and (phrase in _SPLITTING_LATER or group in {"connect", "close"}):
            return True
        return group in _SPLITTING and phrase not in _NOT_SPLITTING and not phrase.endswith("ing")

    def skip(self, tokens: Sequence[Token], index: int) -> tuple[int, bool]:
        """Past the words that open a request, and whether they made a polite question of it."""
        polite = False
        while index < len(tokens):
            hit = self._openers.at(tokens, index)
            if hit is not None and not self._longer_elsewhere(tokens, index, hit[2]):
                polite = polite or hit[0] in _POLITE
                index += hit[2]
            elif (
                tokens[index].norm in {",", ":", "-", "–", "—", "and", "but", "\n"}
                or not tokens[index].norm.isascii()
            ):
                index += 1
            else:
                break
        return index, polite

    def _longer_elsewhere(self, tokens: Sequence[Token], index: int, length: int) -> bool:
        others = (
            self.desires.at(tokens, index),
            self.helps.at(tokens, index),
            self.suppositions.at(tokens, index),
        )
        return any(other is not None and other[2] > length for other in others)


def sentences(tokens: Sequence[Token]) -> list[tuple[Sequence[Token], bool]]:
    """Sentences, and whether each ends with a question mark."""
    found: list[tuple[Sequence[Token], bool]] = []
    start = 0
    for index, token in enumerate(tokens):
        if token.text not in _ENDS or token.kind is not Kind.PUNCTUATION:
            continue
        if index > start:
            found.append((tokens[start:index], token.text == "?"))
        start = index + 1
    if start < len(tokens):
        found.append((tokens[start:], False))
    return found
