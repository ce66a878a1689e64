"""How people introduce what they want in a first message: "data goes to postgres", "it is a Rails app", "five pieces".

Where nothing is there yet, a sentence that tells where data will live, or what the thing is, asks for it as much as "I
need" does. Such sentences are put as the noun phrases that the grammar reads; the questions among them stay whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.wording.slips import without_slips
from alma.core.language.wording.subjects import order_word
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import DATA

_ENDS = {".", "!", "?", ";", "…"}
_JOINTS = {",", "and", "but", "while", "\n", ";", "-", "–", "—"}
_SUPPOSING = frozenset("if whether unless when why how what which who where".split())
_PERSONS = frozenset("i we you they he she i'm we're i'd we'd".split())
_AUXILIARIES = frozenset(
    "is are be been being will would should shall must can could may gets get has have to need needs all just then "
    "also always then both".split()
)
# What becomes of data, and where: "are kept in", "goes to", "passed through".
_KEPT = frozenset(
    "stored kept saved held queued cached passed sent written persisted buffered published handled served routed "
    "logged put powered exchanged delivered processed streamed pushed indexed archived tracked managed transported "
    "proxied balanced authenticated hosted collected shipped dumped placed based built located".split()
)
_GOING = frozenset(
    "runs run go goes live lives sit sits flow flows land lands end ends pass passes come comes belong belongs".split()
)
_KEEPING = frozenset(
    "stores keeps saves writes puts sends pushes publishes persists caches queues indexes streams reads uses talks "
    "connects logs authenticates consumes pulls fetches loads queries subscribes listens polls uploads gets takes "
    "storing keeping saving writing putting sending pushing publishing persisting caching queueing queuing indexing "
    "streaming reading talking connecting logging authenticating consuming pulling fetching loading querying "
    "subscribing listening polling uploading getting taking".split()
)
# The same of several, which would be orders where nothing relates them: "workers that read from Kafka".
_KEEP = frozenset(
    "store keep save write put send push publish persist cache queue index stream read talk connect log authenticate "
    "consume pull fetch load query subscribe listen poll upload get take".split()
)
_ASKING = frozenset("queries query querying polls poll polling consumes consume consuming".split())
_RELATING = frozenset("that which who".split())
_NEEDING = frozenset("needs wants requires uses".split())
_ANDS = {",", "and", "-", "–", "—", ";"}
_TOWARDS = frozenset(
    "in into to on onto through via by over with inside using up from against".split()
)
_ARTICLES = frozenset("a an some our its their one".split())
_STORES = {str(type_) for type_ in DATA} | {"object_store", "volume"}
_THINGS = {Sort.SOFTWARE, Sort.PRODUCT, Sort.COMPUTE, Sort.TYPE, Sort.ROLE}
# What is put somewhere, and is no thing to run although a thing may be called like it.
_CONTENTS = frozenset(
    "file files log logs message messages session sessions job jobs static image images mail mails email emails site "
    "backup backups upload uploads event events task tasks cache queue data user users".split()
)
_UNITS = frozenset("instance instances copy copies replica replicas node nodes".split())
_HAVING = frozenset(
    "gets get needs need has have should must will with is runs uses takes : - – = (".split()
)
_ALL = frozenset("each everything all".split())
_THEM = frozenset("it them that those this these".split())
_RUNNING = _PERSONS | set("run have start with want would need like use".split())
_ENOUGH = frozenset(
    "will would is are do be enough fine suffice ok okay should please plenty".split()
)
_IS = (("is",), ("will", "be"), ("would", "be"), ("should", "be"), ("was",))
_ITSELF = {"it's": 1, "that's": 1, "its": 1}
_TARGETS = frozenset(
    "target platform hypervisor engine provider destination virtualization virtualisation".split()
)
_SUITING = frozenset("fine ok okay good enough preferred best great perfect".split())
_BEING = frozenset("is would be will should totally perfectly just".split())
_PLANNING = frozenset("so and then please plan add make create include reserve attach use".split())
_REASONS = frozenset("so because".split())
# After such an order, a bare noun would be what it is about.
_CHANGING = frozenset("give keep make set put enable use let expose publish".split())
_NEAR = 4
_LONGEST_OBJECT = 5


def introduced(tokens: Sequence[Token], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """The tokens of a first message with such sentences as noun phrases. Others stay as they are."""
    out: list[Token] = []
    counted = without_slips(tuple(_named_again(tokens)), gazetteer)
    for sentence, end in _sentences(counted):
        if end is not None and end.text == "?":
            out += [*sentence, end]
            continue
        said = _without_reason(sentence, gazetteer)
        if not _SUPPOSING & {token.text.casefold() for token in said[:1]}:
            placed = _placed(said, gazetteer)
            changes = any(token.norm in _CHANGING for token in out)
            begins = bool(placed) and placed is not said and placed[0] is not said[0]
            if changes and begins and "need" not in {token.norm for token in placed[:1]}:
                placed = (order_word("need", placed[0]), *placed)  # not what was last changed
            placed = _with_needs(placed, gazetteer)
            said = _units(_targeted(_identified(_sized(placed, gazetteer), gazetteer), gazetteer))
        out += [*said, *([end] if end is not None else [])]
    return tuple(out)


def _sentences(tokens: Sequence[Token]) -> Iterator[tuple[tuple[Token, ...], Token | None]]:
    start = 0
    for index, token in enumerate(tokens):
        if token.kind is Kind.PUNCTUATION and token.text in _ENDS:
            yield tuple(tokens[start:index]), token
            start = index + 1
    if start < len(tokens):
        yield tuple(tokens[start:]), None


def _word(tokens: Sequence[Token], index: int) -> str:
    if not 0 <= index < len(tokens):
        return ""
    return tokens[index].text.casefold().replace("’", "'")


def _named_again(tokens: Sequence[Token]) -> Iterator[Token]:
    """Names that were given before, where a sentence is about what bears them: `prod gets 6 nodes`."""
    given: dict[str, str] = {}
    for index, token in enumerate(tokens):
        begins = index == 0 or tokens[index - 1].norm in _ENDS | _JOINTS
        name = given.get(_word(tokens, index)) if token.kind is Kind.WORD and begins else None
        if name is not None and _word(tokens, index + 1) in _HAVING:
            yield replace(token, kind=Kind.QUOTED, value=name)
            continue
        if token.kind is Kind.QUOTED:
            given[str(token.value).casefold()] = str(token.value)
        yield token


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _units(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """`we'd run four instances of it` as `, four replicas`; one of each is what there is anyway."""
    for index, token in enumerate(tokens):
        if token.kind is not Kind.NUMBER or _word(tokens, index + 1) not in _UNITS:
            continue
        if token.value == 1 and _single(tokens, index):
            return _before(tokens, index)
        of = _word(tokens, index + 2) == "of"
        whom = _word(tokens, index + 2 + of)
        end = index + 3 + of
        if whom in _ALL and token.value == 1:
            rest = {_word(tokens, place) for place in range(end, len(tokens))}
            return _before(tokens, index) if rest <= _ENOUGH else tokens
        if of and whom in _ALL:
            each = [order_word("of", token), order_word("everything", token)]
            return (*_before(tokens, index), token, *each, *tokens[end:])
        if of and whom in _THEM:
            copies = replace(tokens[index + 1], norm="replica", text="replicas")
            return (*_before(tokens, index), token, copies, *tokens[end:])
    return tokens


def _single(tokens: tuple[Token, ...], index: int) -> bool:
    """`nothing fancy, one instance is enough`: there is one anyway."""
    rest = {_word(tokens, place) for place in range(index + 2, len(tokens))}
    alone = index == 0 or tokens[index - 1].norm in _JOINTS | {"just", "only"}
    return _word(tokens, index + 1) in {"instance", "copy", "replica"} and alone and rest <= _ENOUGH


def _before(tokens: tuple[Token, ...], index: int) -> tuple[Token, ...]:
    """The tokens up to a place, without the words that say that somebody would run it."""
    end = index
    while end and _word(tokens, end - 1) in _RUNNING:
        end -= 1
    return tokens[:end]


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _without_reason(tokens: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`uptime kuma please, so I see what broke`: why somebody wants it is no part of the wish."""
    for index, token in enumerate(tokens):
        if not index or token.norm not in _REASONS:
            continue
        person = _word(tokens, index + 1 + (_word(tokens, index + 1) == "that"))
        rest = tokens[index + 1 :]
        said = any(t.kind not in {Kind.WORD, Kind.PUNCTUATION} for t in rest)
        things = any(item.terms.keys() & _THINGS for item in gazetteer.tag(rest))
        if (person in _PERSONS or token.norm == "because") and not (said or things):
            end = index - (tokens[index - 1].norm in {",", "and"})
            return tokens[:end]
    return tokens


def _placed(tokens: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`sessions live in redis and jobs are queued in rabbitmq` as `redis and rabbitmq`."""
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        hit = _predicate(tokens, index)
        start = _subject(tokens, index)
        elided = index > 0 and tokens[index - 1].norm in {"and", ","}  # "… and should live in s3"
        if hit is None or not (start < index or elided) or not _stores(tokens[hit:], gazetteer):
            out.append(tokens[index])
            index += 1
            continue
        subject = tokens[start:index]
        machines = _machines(subject, gazetteer)
        program = _is_program(tokens[hit:], gazetteer)
        kept = (
            machines
            or _word(tokens, hit - 1) == "of"
            or (_runs(subject, gazetteer) and not program)
        )
        counted = any(t.kind is Kind.NUMBER for t in subject) and not machines
        if _persons(subject) or counted:
            out.append(tokens[index])
            index += 1
            continue
        if kept:
            while out and out[-1].norm in _RELATING:
                out.pop()
            out.append(order_word("," if machines else "with", tokens[index]))
        else:
            del out[len(out) - len(subject) :]
        index = hit
    return tuple(out)


def _sized(tokens: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`scans will be about 700 GB, so plan a volume for that` as `plan a volume with 700 GB`."""
    sizes = [n for n, token in enumerate(tokens) if token.kind is Kind.SIZE]
    if len(sizes) != 1:
        return tokens
    place = sizes[0]
    end = place + 1
    while end < len(tokens) and tokens[end].norm not in _JOINTS:
        end += 1
    before = gazetteer.tag(tokens[:end])
    if end >= len(tokens) or any(
        item.terms.keys() & (_THINGS | {Sort.ATTRIBUTE}) for item in before
    ):
        return tokens
    rest = tokens[end + 1 :]
    while rest and rest[0].norm in _PLANNING:
        rest = rest[1:]
    index = 0
    for item in gazetteer.tag(rest):
        index += len(item.tokens)
        if item.id_of(Sort.TYPE) in {"volume", "object_store"}:
            return (*rest[:index], order_word("with", tokens[place]), tokens[place], *rest[index:])
    return tokens


def _subject(tokens: Sequence[Token], index: int) -> int:
    """Where the noun phrase begins that ends right before a place, with what it has in brackets."""
    start, depth = index, 0
    while start:
        before = tokens[start - 1].norm
        ends = before in _JOINTS or _predicate(tokens, start - 1) is not None
        if depth == 0 and before != ")" and ends:
            break
        depth = max(0, depth + (before == ")") - (before == "("))
        start -= 1
    return start if depth == 0 else index


def _persons(subject: Sequence[Token]) -> bool:
    return any(_word(subject, place) in _PERSONS for place in range(len(subject)))


def _predicate(tokens: Sequence[Token], index: int) -> int | None:
    """Where what it is put into begins, if a predicate stands there: `are kept in`, `goes to`, `stores its data in`."""
    place = index
    while _word(tokens, place) in _AUXILIARIES:
        place += 1
    word = _word(tokens, place)
    if word in _KEPT or word in _GOING:
        return _after_towards(tokens, place + 1)
    if place > index and word in {"in", "on"}:
        return place + 1
    towards = _word(tokens, place + 1) in _TOWARDS
    if word in _ASKING and not towards and _word(tokens, place - 1) in _RELATING | {","}:
        return place + 1
    if word in _KEEPING or (word in _KEEP and _related(tokens, place)):
        for end in range(place + 1, min(len(tokens), place + 2 + _LONGEST_OBJECT)):
            if _word(tokens, end) in _TOWARDS:
                return _after_towards(tokens, end)
            if tokens[end].norm in _JOINTS or tokens[end].kind not in {Kind.WORD, Kind.QUOTED}:
                return None
    return None


def _related(tokens: Sequence[Token], index: int) -> bool:
    """Whether what stands there is told of something, and not ordered: `that read`, `that read … and write`."""
    if _word(tokens, index - 1) in _RELATING:
        return True
    return _word(tokens, index - 1) == "and" and any(
        _word(tokens, place) in _RELATING for place in range(index - 1)
    )


def _machines(subject: Sequence[Token], gazetteer: Gazetteer) -> bool:
    """Whether a subject is machines or containers: what they read from does not run in them."""
    return any(
        Sort.COMPUTE in item.terms
        or item.id_of(Sort.TYPE) in {"vm", "container"}
        or item.id_of(Sort.ROLE) == "worker"
        for item in gazetteer.tag(subject)
    )


def _after_towards(tokens: Sequence[Token], index: int) -> int | None:
    if tuple(_word(tokens, index + n) for n in range(3)) == ("in", "front", "of"):
        return index + 3
    place = index
    while _word(tokens, place) in _TOWARDS:
        place += 1
    return place if place > index else None


def _stores(tokens: Sequence[Token], gazetteer: Gazetteer) -> bool:
    """Whether software, or a new place for data, begins there: `postgres 15`, `a bucket`, and not `the database`."""
    article = _word(tokens, 0) in _ARTICLES
    items = gazetteer.tag(tokens[article : article + _NEAR])
    first = items[0] if items else None
    if first is None:
        return False
    spacious = first.id_of(Sort.TYPE) == "object_store"  # needs no article: "object storage"
    return Sort.SOFTWARE in first.terms or spacious or (article and _keeps(items))


def _keeps(items: Sequence[Item]) -> bool:
    return any(
        item.id_of(Sort.TYPE) in _STORES or Sort.SOFTWARE in item.terms for item in items[:2]
    )


def _with_needs(tokens: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`Ghost, needs MySQL 8` as `Ghost, MySQL 8`: the program is wanted as much as what it needs."""
    article = _word(tokens, 0) in _ARTICLES | {"namely"}
    items = gazetteer.tag(tokens[article : article + _NEAR])
    if not items or Sort.SOFTWARE not in items[0].terms:
        return tokens
    for index in range(1, len(tokens) - 1):
        if _word(tokens, index) in _NEEDING and tokens[index - 1].norm in _ANDS:
            return (*tokens[:index], *tokens[index + 1 :])
    return tokens


def _is_program(tokens: Sequence[Token], gazetteer: Gazetteer) -> bool:
    """`the shop runs on Magento`: the program is what runs, and the subject only what it is for."""
    article = _word(tokens, 0) in _ARTICLES
    first = gazetteer.tag(tokens[article : article + _NEAR])[0].terms.get(Sort.SOFTWARE)
    return first is not None and str(first.data.get("type")) == "service"


def _runs(subject: Sequence[Token], gazetteer: Gazetteer) -> bool:
    """Whether a subject is something to run: `the app`, `grafana`; and not `files`, `our data`."""
    return any(
        item.terms.keys() & _THINGS
        and item.norm not in _CONTENTS
        and item.text.casefold() not in _CONTENTS
        for item in gazetteer.tag(subject)
    )


def _identified(tokens: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`it is a Go service` as `namely a Go service`: what was asked for, or is asked for with it."""
    begin = 1 if _word(tokens, 0) in {"and", "so", "well"} else 0
    place = begin + _ITSELF.get(_word(tokens, begin), 0)
    if place == begin:
        pronoun = _word(tokens, begin) in {"it", "this", "that"}
        ends = [begin + 1] if pronoun else []
        if _word(tokens, begin) == "the":
            ends = [
                begin + length
                for length in (2, 3)
                if _runs(tokens[begin : begin + length], gazetteer)
            ]
        place = next((end + _is(tokens, end) for end in ends if _is(tokens, end)), begin)
    if place == begin or _word(tokens, place) not in {"a", "an"}:
        return tokens
    items = gazetteer.tag(tokens[place : place + 2 + _NEAR])
    if not any(item.terms.keys() & _THINGS for item in items):
        return tokens
    return (order_word("namely", tokens[begin]), *tokens[place:])


def _is(tokens: Sequence[Token], index: int) -> int:
    for phrase in _IS:
        if tuple(_word(tokens, index + n) for n in range(len(phrase))) == phrase:
            return len(phrase)
    return 0


def _suited(tokens: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`6GB should do, docker is fine` as `6GB should do on docker`."""
    begin = max((n + 1 for n, token in enumerate(tokens) if token.norm in _JOINTS), default=0)
    said = tokens[begin:]
    first = gazetteer.tag(said[:2])[0] if said else None
    if first is None or first.id_of(Sort.ENGINE) is None or said[-1].norm not in _SUITING:
        return ()
    rest = {token.norm for token in said[len(first.tokens) : -1]}
    if not rest or not rest <= _BEING:
        return ()
    return (*tokens[:begin], order_word("on", said[0]), *first.tokens)


def _targeted(tokens: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`target is proxmox` as `on proxmox`."""
    if suited := _suited(tokens, gazetteer):
        return suited
    begin = int(_word(tokens, 0) in {"the", "our"})
    if _word(tokens, begin) not in _TARGETS:
        return tokens
    is_ = _is(tokens, begin + 1) or int(_word(tokens, begin + 1) in {":", "="})
    engine = gazetteer.tag(tokens[begin + 1 + is_ :][:2]) if is_ else ()
    if not engine or engine[0].id_of(Sort.ENGINE) is None:
        return tokens
    return (order_word("on", tokens[0]), *tokens[begin + 1 + is_ :])
