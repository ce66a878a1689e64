"""How ALMA knows its own guests among all the others of a cluster.

Tags are seen in every listing, and a clone is made before it can have any; a name is there from the first moment, and
anybody may use it. So a listing finds candidates by tag or name, and the notes of a guest decide: a comment in them
holds the marker, with the number of the guest it was written for. A guest that somebody cloned from ALMA's carries the
same notes under another number, and is not ALMA's.

Beside the marker, the notes hold what of the wish can't be read back from a guest's configuration. No secret is ever in
them, only the names of secrets.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from alma.core.model.base import NAME_PATTERN, Frozen, Json, canonical_json, slug
from alma.core.model.errors import ChangeRejected
from alma.core.model.state import StackRef
from alma.engines.base import Marker

TAG = "alma"
OLD = "-old"
ROOT = "/"  # no volume has this name
MOST_CHARACTERS = 8192  # what Proxmox takes as notes
_MOST_UNPACKED = 1 << 20
_ADDRESS = re.compile(NAME_PATTERN)
_LABEL = 63
_WORDS = "Leave the comment below these words in place: ALMA knows its guests by it."
_BLOCK = re.compile(
    rf"(?:\n\n)?[^\n]*: (?:made|looked after) by ALMA\. {re.escape(_WORDS)}\n\n<!-- alma: [^<>]*? -->\n?"
)
_COMMENT = re.compile(r"<!-- alma: (?P<packed>z:)?(?P<body>[^<>]*?) -->")


class Notes(Frozen):
    """What the notes of a guest say to ALMA.

    `declared` are properties as they were wanted. Where Proxmox counts in other units, `as_set` has the value that was
    set for them: while that is what is found, the guest has what was declared. `disks` names the device of each mounted
    volume, and of the root under `/`. `unfinished`: what is to be done inside was not all done yet. `replaced_by` is
    the key of a change that is putting another guest in the place of this one. `adopted`: it was there before ALMA, and
    keeps its name and its ways in.
    """

    marker: Marker
    vmid: int
    declared: Mapping[str, Json] = {}
    as_set: Mapping[str, str] = {}
    disks: Mapping[str, str] = {}
    unfinished: bool = False
    replaced_by: str | None = None
    adopted: bool = False


def guest_name(stack: StackRef, address: str) -> str:
    """What the guest is called: one label of a host name, the same every time, and another for each address. A guest
    that its stack is named after has that name and no other."""
    wanted = address.lower() if address == stack.name else f"{stack.name}-{address}".lower()
    label = re.sub(r"[^a-z0-9-]", "-", wanted).strip("-")
    if label == wanted and len(label) <= _LABEL:
        return label
    mark = hashlib.sha256(wanted.encode()).hexdigest()[:8]
    return f"{label[: _LABEL - 9].rstrip('-')}-{mark}"


def old_name(name: str) -> str:
    """What a guest is called while another takes its place."""
    return name if name.endswith(OLD) else f"{name[: _LABEL - len(OLD)]}{OLD}"


def stack_tag(stack: StackRef) -> str:
    """The tag of all guests of a stack."""
    return tag_of(stack.id)


@lru_cache(maxsize=1024)  # asked for every guest of a listing
def tag_of(id_: str) -> str:
    """The tag of all guests of the stack with that id."""
    return f"{TAG}-{re.sub(r'[^a-z0-9_.+-]', '-', id_.lower())}"


def own_tags(stack: StackRef) -> tuple[str, ...]:
    """The tags that every guest of a stack has."""
    return (TAG, stack_tag(stack))


def is_own_tag(tag: str) -> bool:
    """Whether ALMA set the tag for itself."""
    return tag == TAG or tag.startswith(f"{TAG}-")


def is_candidate(name: str, tags: Sequence[str], stack: StackRef) -> bool:
    """Whether a guest in a listing may be this stack's: its notes will tell."""
    own = _slug(stack.name)
    return stack_tag(stack) in tags or name == own or name.startswith(f"{own}-")


_slug = lru_cache(maxsize=1024)(slug)


def write(notes: Notes, others: str = "") -> str:
    """The notes as a guest carries them, below those of `others`. Raises ChangeRejected when they are longer than
    Proxmox takes."""
    done = "looked after" if notes.adopted else "made"
    line = f"{others}\n\n" if others else ""
    line += f"{notes.marker.address}: {done} by ALMA. {_WORDS}\n\n"
    data = notes.model_dump(mode="json", exclude_defaults=True)
    body = canonical_json(data).replace("<", "\\u003c").replace(">", "\\u003e")
    text = f"{line}<!-- alma: {body} -->\n"
    if len(text) > MOST_CHARACTERS:
        packed = base64.b64encode(zlib.compress(body.encode(), 9)).decode()
        text = f"{line}<!-- alma: z:{packed} -->\n"
    if len(text) > MOST_CHARACTERS:
        raise ChangeRejected(
            f"{notes.marker.address} has more files, labels and variables than fit in the notes of a guest",
            hint=f"Proxmox takes {MOST_CHARACTERS} characters of notes: put the files into one archive, or use fewer",
        )
    return text


def beside(text: str | None) -> str:
    """What people wrote into the notes of a guest."""
    return _BLOCK.sub("", text or "")


def read(text: str | None) -> Notes | None:
    """What the notes say to ALMA; None when they say nothing, or nothing that it can read. Anybody may write into the
    notes of a guest of their own, so whatever stands there is no more than that."""
    found = _COMMENT.search(text or "")
    if found is None:
        return None
    try:
        body = found["body"].encode()
        if found["packed"]:
            body = zlib.decompressobj().decompress(base64.b64decode(body), _MOST_UNPACKED)
        notes = Notes.model_validate_json(body)
    except (ValueError, zlib.error):
        return None
    return notes if _ADDRESS.fullmatch(notes.marker.address) else None
