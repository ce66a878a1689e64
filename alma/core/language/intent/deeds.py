"""Which messages may act: only a plain order of the person who wrote it, said for now and for sure.

What a message wants is told from many ways to say it; that is right for what is answered and for what is drafted. What
approves, deploys, destroys or takes back is held to more: its verb begins the sentence or follows an order, and nothing
around it doubts, forbids, reports, supposes, asks or puts it off. Everything else is asked about, and nothing is done.
The list of what holds an act back is open at that end on purpose: a word that is not known costs a question at most.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from alma.core.language.intent.clausing import Clausing
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.phrasebook import Phrases
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.conversation import AddResource, Intent, Interpretation, UseTemplate

DEEDS: Mapping[Intent, frozenset[str]] = {
    Intent.APPROVE: frozenset({"approve"}),
    Intent.REJECT: frozenset({"reject"}),
    Intent.DEPLOY: frozenset({"deploy", "create"}),
    Intent.DESTROY: frozenset({"destroy", "remove", "disable"}),
    Intent.ROLLBACK: frozenset({"rollback", "undo", "scale", "operate"}),
    Intent.UNDO: frozenset({"undo", "rollback"}),
}
"""What acts, and the groups of verbs that order it."""
# Words for it that are no verb of the grammar, or come apart around what they are about.
_APART = (
    ("roll", "out"), ("push", "live"), ("take", "live"), ("get", "live"), ("put", "live"), ("make", "live"),
    ("bring", "live"), ("push", "out"), ("get", "deployed"), ("kick", "off"),
)  # fmt: skip
_THAT = ("it", "this", "that", "them", "everything")
_SAYINGS = Phrases.grouped(
    {
        "deploy": [f"{verb} {what} {way}" for verb, way in _APART for what in _THAT],
        "destroy": [f"{verb} it all down" for verb in ("burn", "tear", "take", "shut")],
        "undo": ["put that back", "change it back", "take it back", "never mind", "nevermind"],
        "undo rollback": ["put it back"],
        "rollback": ["bring back"],
    }
)
_DECISIONS = frozenset({Intent.APPROVE, Intent.REJECT})
# What an approval or a rejection may be of: the one request that is meant, and nothing that would have to be found.
_DECIDABLE = frozenset(
    "it this that the a my our your of on to for request requests ipr pr mr change changes plan proposal deployment "
    "pull merge number no nr # : - . ! ? please now right then thanks thank you again as shown exactly so".split()
)
# What a deed without anything new in it is done to, beside names.
_TARGETS = _DECIDABLE | frozenset(
    "them those these everything all both stack stacks draft blueprint environment env staging production prod test "
    "dev development on in at onto from back before was revision version rev last previous earlier latest current "
    "release rollout run live out down up whole entire complete completely deployed running infrastructure infra thing "
    "things setup system but and with engine cluster resources one ran worked step edit edits immediately today ahead "
    "go we i way how what just made did said be want you me us there again whatever state good known working".split()
)
_POINTING = frozenset("it this that them everything all".split())
_MOST_NAMES = 2
_OPENING = Phrases.flat(
    "please|pls|plz|kindly|ok|okay|k|yes|yep|yeah|yup|sure|great|perfect|cool|fine|right|good|excellent|awesome|nice|"
    "thanks|thank you|thx|now|then|and|so|well|alright|all right|hey|hi|hello|alma|just|also|finally|actually|lgtm|"
    "looks good|looks good to me|looks fine|looks right|looks great|sounds good|that looks good|it looks good|all good|"
    "go ahead|go ahead and|let's|lets|let us|can you|could you|would you|can you please|could you please|"
    "would you please|will you please|can we|could we|i want to|we want to|i'd like to|we'd like to|i would like to|"
    "we would like to|i want you to|i need you to|i need to|we need to|i|we|i hereby|we hereby|hereby|you can|you may|"
    "you can now|you may now|time to|it's time to|it is time to|do|no|no way|nope|oops|oh|ah|uh|um|hmm|sorry|"
    "never mind|nevermind|everything is ready|i'm happy with it|i am happy with it|i'm happy with the draft|"
    "i'm happy with that|that is all|that's all|that's it|done|alright then|first|next|immediately|quickly".split(
        "|"
    )
)
_POLITE = seldom(
    r"^\W*(?:(?:please|hey|hi|hello|ok|okay|so|and|then|now|alma|great|thanks)\W+)*(?:please\W+)?"
    r"(?:can|could|would|will) you\b",
    re.IGNORECASE,
)
_JOINTS = frozenset({"and", ",", "then", ";", "&", "\n", "-", "–", "—", "."})
# Doubted, put off, conditional, reported, supposed or told of: wherever that stands beside an act, it is not plain.
_DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_NOT = r"n['’]t\b|\b(?:dont|cant|wont|didnt|doesnt|shouldnt|wouldnt|couldnt|isnt|wasnt|mustnt|havent|hasnt)\b"
_DOUBTED = seldom(
    r"(?<![\w-])(?:if|unless|once|until|till|whether|when|whenever|after|before|as soon as|as long as|in case|provided|"
    r"providing|assuming|assume|suppose|supposing|supposed|hypothetical(?:ly)?|imagine|pretend|say we|theoretically|"
    r"maybe|perhaps|possibly|probably|might|may|should|shall|ought|wonder(?:ing)?|whatever|eventually|someday|"
    r"tomorrow|tonight|yesterday|later|soon|afterwards|meanwhile|in advance|"
    rf"(?:next|last|this|every|each|one) (?:day|week|weekend|month|year|morning|evening|night|time|{_DAY})|"
    rf"(?:on|by|until|every|only) {_DAY}s?|at (?:noon|midnight|night|\d{{1,2}}(?::\d\d)?\s*(?:[ap]m|h|o'clock)?\b)|"
    r"in (?:an?|the|\d+|a few|some|two|three) (?:minutes?|hours?|days?|weeks?|months?|moment|morning|evening|while)|"
    r"yet|never|not|nobody|none|neither|nor|cannot|without|instead|rather|avoid|except|"
    r"cancel(?:led)?|abort|refuse[sd]?|forbid(?:den)?|stop|wait(?:ing)?|hold|kidding|joking|joke|jk|mistakes?|"
    r"mistaken(?:ly)?|wrong(?:ly)?|accident(?:ally)?|oops|already|just now|"
    r"said|says?|saying|wrote|writes?|written|told|tells?|asks?|asked|asking|wants|wanted|claims?|claimed|suggests?|"
    r"suggested|insists?|demands?|reads|according|quote[ds]?|remind(?:er)?s?|explain|mean[st]?|define|"
    r"was|were|had|did|(?:read|heard|saw|know|think|believe|guess) that|tried|tries|trying|forgot|failed|fails|"
    r"used to|going to|about to|plan(?:s|ned|ning)? to|thinking|afraid|hope|hoping|allowed|able|risky|too|early|"
    r"need to know|how|why|what|who|whose|where|which|or|he|she|they|him|her|them to|someone|somebody|anybody|anyone|"
    rf"everybody|boss|colleague|manager|customer|following|below|summari[sz]e|translate|proofread|example|"
    rf"dry[- ]run|scratch|guess|i think|theory|either|y/n|for {_DAY}s?)(?![\w-])|\be\.g\.|\bthis is a test\b|"
    rf"(?<!\w)--\w|^\s*[-=*_]{{3,}}\s*$|{_NOT}",
    re.IGNORECASE | re.MULTILINE,
)
# The few of these that hold back even where new things are asked for together with the act, and much else is said.
_PUT_OFF = seldom(
    r"\b(?:if|unless|maybe|perhaps|hypothetical(?:ly)?|tomorrow|tonight|yesterday|later|next (?:week|month|year|time)|"
    r"kidding|joking|either|simulate|schedule|as soon as|in case|not yet|don't do it|do not do it|no wait|"
    r"suppose|imagine|pretend)\b",
    re.IGNORECASE,
)
# What holds back an order that follows in the same sentence.
_FORBIDDEN = seldom(
    r"\b(?:not|never|nobody|cannot|avoid|refuse|impossible|instead of|rather than|before|after|said|says?|told|wants|"
    r"wanted|ask\w*|wrote|tr(?:y|ies|ied|ying)|should|could|may|might|when|unless|once|whether|how|why|what)\b|"
    + _NOT,
    re.IGNORECASE,
)
# A sentence of nothing but these takes back what was said beside it, if one of the first kind is in it.
_TAKING_BACK = frozenset(
    "no nope wait hold stop cancel abort not don't dont never kidding joking jk mistake forget scratch changed".split()
)
_BESIDE = frozenset(
    "on yet do just only joke it that this oops sorry please i was am i'm a my mind actually sure rather".split()
)
_SEEN = seldom(
    r"^\W*(?:i|we)(?:'ve|’ve| have)? (?:just )?(?:checked|reviewed|looked at|read|seen|compared)\b|"
    r"^\W*(?:that|this|it|all|everything|the (?:plan|draft|price|cost|request))(?:'s| is| looks) "
    r"(?:all )?(?:good|fine|right|ok|okay|great|perfect|ready|better|final|what i want)\b",
    re.IGNORECASE,
)
_NUMBER = seldom(r"#?\d+|ipr-?\d+|[vr]\d+")
_ENDING = frozenset({"and", ",", ";", "then", "&", "\n", "because", "as"})
_LISTED = seldom(r"(?:^|\s)1[.)]\s.*\s2[.)]\s", re.DOTALL)
_SENTENCE = seldom(r"(?<=[.!?;\n])\s+")


class Deeds:
    """Tells plain orders from everything else. `clausing` knows the verbs."""

    def __init__(self, gazetteer: Gazetteer, clausing: Clausing) -> None:
        self._gazetteer = gazetteer
        self._verbs = clausing.verbs
        self._approvals = Phrases.flat(gazetteer.data["approvals"])

    def held(self, message: str, text: str, read: Interpretation) -> Interpretation:
        """The reading; where it would act, and the message is no plain order to, with a question and no act. `text` is
        what was read of the message."""
        wanted = [act for act in dict.fromkeys((*read.acts, read.intent)) if act in DEEDS]
        if not wanted or read.question:
            return read
        made = any(isinstance(edit, AddResource | UseTemplate) for edit in read.edits)
        among = made and set(wanted) == {Intent.DEPLOY}
        # A refusal is said with "can't" and "won't", and put plainly by then.
        said = text if wanted == [Intent.REJECT] else message
        if not _put_off(said, wanted, among) and self._plain(text, wanted, read):
            return read
        acts = tuple(act for act in read.acts if act not in DEEDS)
        return read.model_copy(
            update={
                "acts": acts or (Intent.UNKNOWN,),
                "intent": Intent.UNKNOWN if read.intent is Intent.UNDO else read.intent,
                "edits": (),
                "understood": (),
                "question": _question(wanted[0]),
            }
        )

    def _plain(self, text: str, wanted: Sequence[Intent], read: Interpretation) -> bool:
        """Whether every act that is wanted is plainly ordered, and no sentence takes it back."""
        if _LISTED.search(text) or text.lstrip().startswith((">", "|")):
            return False
        sentences = _sentences(text)
        mine = sentences[1:] if {Intent.UNDO, Intent.REJECT} & set(wanted) else sentences
        if any(map(_takes_back, mine)):
            return False
        ordered: set[Intent] = set()
        for sentence in sentences:
            ordered |= self._ordered(sentence, wanted, bool(read.edits))
        return ordered >= set(wanted)

    def _ordered(self, sentence: str, wanted: Sequence[Intent], edits: bool) -> set[Intent]:
        """The acts that one sentence orders. After something else they count only where that was done as well, or only
        says that all is well."""
        if sentence.rstrip().endswith("?") and not _POLITE.match(sentence):
            return set()
        tokens = self._gazetteer.prepare(tokenize(sentence)).tokens
        found: set[Intent] = set()
        for start in _starts(tokens):
            begin = self._opened(tokens, start, wanted, edits)
            acts = self._acts_at(tokens, begin, wanted, edits)
            regret = _REGRET.match(sentence) if Intent.UNDO in wanted else None
            before = sentence[regret.end() if regret else 0 : tokens[start].start]
            follows = start == 0 or found or edits or regret or _SEEN.match(sentence)
            if follows and not (start and _FORBIDDEN.search(before)):
                found |= acts
        return found

    def _opened(
        self, tokens: Sequence[Token], index: int, wanted: Sequence[Intent], edits: bool
    ) -> int:
        """Past the words that begin an order and mean nothing themselves."""
        while index < len(tokens) and not self._acts_at(tokens, index, wanted, edits):
            hit = _OPENING.at(tokens, index)
            if hit is not None:
                index += hit[2]
            elif tokens[index].norm in {",", "\n", "!", "-", "–", "—"}:
                index += 1
            else:
                break
        return index

    def _approves(self, tokens: Sequence[Token], index: int) -> bool:
        """`Go ahead`, `ship it`: a whole clause, and not the beginning of another order."""
        hit = self._approvals.at(tokens, index)
        return hit is not None and self._decidable(tokens[index + hit[2] :])

    def _acts_at(
        self, tokens: Sequence[Token], begin: int, wanted: Sequence[Intent], edits: bool
    ) -> set[Intent]:
        """The acts that are ordered from there on. Where `edits` came of the message, what is acted upon is in them."""
        verb = self._verbs.at(tokens, begin) or ("", "", 0)
        said = _SAYINGS.at(tokens, begin) or ("", "", 0)
        rest = tokens[begin + max(verb[2], said[2]) :]
        found = {act for act in wanted if verb[1] in DEEDS[act] or act in said[1].split()}
        if not self._decidable(rest):
            found -= _DECISIONS
        if not edits and not _aimed(rest):
            found &= _DECISIONS | {Intent.UNDO}
        if Intent.APPROVE in wanted and self._approves(tokens, begin):
            found.add(Intent.APPROVE)
        return found

    @staticmethod
    def _decidable(rest: Sequence[Token]) -> bool:
        """Whether nothing is named but one request, up to the next clause."""
        clause = _clause(rest)
        numbers = sum(_is_number(token) for token in clause)
        named = (token.norm in _DECIDABLE or _is_number(token) for token in clause)
        return numbers <= 1 and all(named)


def _clause(rest: Sequence[Token]) -> Sequence[Token]:
    """Up to where another clause begins; `3 and 4` is none."""
    for place, token in enumerate(rest):
        if token.norm in _ENDING and not any(map(_is_number, rest[place + 1 : place + 2])):
            return rest[:place]
    return rest


def _is_number(token: Token) -> bool:
    return token.kind is Kind.NUMBER or _NUMBER.fullmatch(token.norm) is not None


def _aimed(rest: Sequence[Token]) -> bool:
    """Whether what follows a verb only says upon what it acts: `it to docker`, `the staging stack`."""
    names, before = 0, ""
    pointed = any(token.norm in _POINTING for token in _clause(rest))
    for token in _clause(rest):
        known = token.norm in _TARGETS or _is_number(token)
        placed = before in {"on", "onto", "to", "in", "from"}
        if not known and (token.kind is Kind.PUNCTUATION or (pointed and not placed)):
            return False
        names += not known
        before = token.norm
    return names <= _MOST_NAMES


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if part.strip()]


def _takes_back(sentence: str) -> bool:
    """`No, wait.`"""
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", sentence.casefold().replace("’", "'"))
    return bool(_TAKING_BACK & set(words)) and set(words) <= _TAKING_BACK | _BESIDE


def _starts(tokens: Sequence[Token]) -> list[int]:
    """Where a clause may begin."""
    return [0, *(n + 1 for n, token in enumerate(tokens[:-1]) if token.norm in _JOINTS)]


def _put_off(message: str, wanted: Collection[Intent], made: bool) -> bool:
    """Whether the words around an act put it off, or tell of it. Where something new is `made` as well, much is said
    that is about that."""
    text = _NEVER_MIND.sub(" ", message)
    if {Intent.UNDO, Intent.ROLLBACK} & set(wanted):
        text = _BACK_THEN.sub(" ", text)
    if Intent.UNDO in wanted:
        text = _OUTCOME.sub("", _REGRET.sub(" ", text))
    return (_PUT_OFF if made else _DOUBTED).search(text) is not None


# Why a change is taken back, said after it: "undo that, everybody would be logged out".
_OUTCOME = seldom(
    r"(?<=[a-z]),\s*(?:because |since |as )?(?:everybody|everyone|nobody|somebody|people|users|"
    r"customers|it|that|this|they|we)(?:'d|'ll| would| will| might| could| can't| cannot| need| needs| still need)\s+"
    r"(?!(?:(?:be |like |want )?(?:undo|revert|later|tomorrow|said|told))\b)[^.!?\n,]{3,60}$",
    re.IGNORECASE,
)
_NEVER_MIND = seldom(r"\bnever ?mind\b", re.IGNORECASE)
_BACK_THEN = seldom(
    rf"\b(?:that|which|what|version|release) (?:(?:we )?(?:ran|was|were|had|worked))\b(?: (?:running|live|there|up|"
    rf"deployed|in use|in production|before|earlier|yesterday|this morning|last (?:week|month|night|time)|"
    rf"(?:on |last )?{_DAY})){{0,2}}\W*$|"
    r"\b(?:(?:that|which|what|version) (?:ran|was running|worked|was there) before|(?:the )?way it was|how it was|"
    r"as it was|(?:was )?before|from (?:yesterday|last (?:week|month|night)))\W*$|"
    r"\bto (?:how|what) it was\b|^\W*oops\b",
    re.IGNORECASE,
)
_REGRET = seldom(
    r"^\W*(?:(?:oh|ah|no|oops|sorry|ugh|damn)\W+)*(?:"
    r"(?:i|we)(?:'ve| have)? (?:did|made) an? (?:\w+ )?(?:mistake|error)\W|"
    r"i did(?:n['’]t| not) mean (?:to do )?(?:that|it|this)\b|"
    r"(?:that|it|this) was (?:a mistake|wrong|an accident|not right)\W)|"
    r"^\W*(?:(?:no|wait|stop|oops|cancel)\W+)+|[,.;–-]\s*(?:it|that|this) was (?:a mistake|wrong|an accident)\W*$|"
    r"\bcancel (?:the|my|that|this) (?:last |latest |previous )?(?:change|edit)\b|"
    r"(?:\bcancel )?\bwhat i (?:just )?(?:said|changed|did|added|edited)\b|^\W*(?:cancel|forget) (?:that|it|my|the)\b",
    re.IGNORECASE,
)
_SAID = {
    Intent.APPROVE: ("approve a request", "approve request 3"),
    Intent.REJECT: ("reject a request", "reject request 3"),
    Intent.DEPLOY: ("deploy something", "deploy it"),
    Intent.DESTROY: ("remove what runs", "destroy it"),
    Intent.ROLLBACK: ("go back to what ran before", "roll back"),
    Intent.UNDO: ("take back the last change", "undo that"),
}


def _question(act: Intent) -> str:
    what, words = _SAID[act]
    return f"Should I {what}? I do so only when it is said plainly and for now: say for example '{words}'."
