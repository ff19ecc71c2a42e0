"""Write and read the proof bundle, custody-proof.json: all that a stranger needs to check a history offline.

build() and parse() are inverse and accept exactly the same bundles: a closed schema in canonical bytes. The
ledger gives the entries, proofs and openings; nothing is looked up or proven here (verify.py proves). Entries
stay the bytes they are in the log; whether they are a record is the verifier's question.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from . import canonical, members
from .canonical import JSON
from .checkpoint import MAX_NOTE
from .digests import HASH_SIZE, b64
from .errors import MalformedError
from .merkle import MAX_SIZE
from .prefix_map import KEY_BITS, POLICY_ID, Leaf, MapProof, Namespace
from .records import MAX_ENTRY, Opening

FORMAT = "unbroken.custody-bundle/v1"
FILE_NAME = "custody-proof.json"
MEDIA_TYPE = "application/vnd.unbroken.custody-bundle+json"

# 1,000 events take 2.2 MB, so this is some 25,000 events: more than a case, little enough to hold in memory.
MAX_BUNDLE = 64 * 1024 * 1024
MAX_ENTRIES = 25_000
# A log has fewer than 2^63 entries; a consistency proof can be one hash longer than the tree is high.
MAX_PROOF = 64
# RFC 3161 tokens with a certificate chain are 2 to 8 kB.
MAX_TOKEN = 64 * 1024
# A few for each event are enough; each costs a signature to check.
MAX_ANCHORS = 1_000

_MEMBERS = ("format", "checkpoint", "entries", "map", "seen", "anchors", "openings")
_Part = TypeVar("_Part")


@dataclass(frozen=True)
class EntryPart:
    """A log entry and the proof that it is number `index`."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class WithheldPart:
    """An entry whose bytes were erased by order: its leaf hash, and the index of the erasure record."""

    index: int
    leaf: bytes
    order: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class MapPart:
    """What the map says about one item, case or key."""

    ns: Namespace
    id: str
    proof: MapProof


@dataclass(frozen=True)
class SeenPart:
    """A head that a signer saw, and the proof that it is the beginning of this log."""

    size: int
    root: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class AnchorPart:
    """A time stamp token over the three lines of a checkpoint, and the proof that this log begins with it."""

    checkpoint: str
    token: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class OpeningPart:
    """What one claim of the entry at `index` says."""

    index: int
    opening: Opening


@dataclass(frozen=True)
class BundleParts:
    """All of a bundle. Entries ascend by index; what the ledger leaves out of `openings` is withheld."""

    checkpoint: str
    entries: tuple[EntryPart | WithheldPart, ...]
    maps: tuple[MapPart, ...]
    seen: tuple[SeenPart, ...] = ()
    openings: tuple[OpeningPart, ...] = ()
    anchors: tuple[AnchorPart, ...] = ()


def build(parts: BundleParts) -> bytes:
    """Write the bundle. Raises MalformedError if the parts do not make one."""
    data = canonical.dumps(
        {
            "format": FORMAT,
            "checkpoint": parts.checkpoint,
            "entries": [_write_entry(part) for part in parts.entries],
            "map": [_write_map(part) for part in parts.maps],
            "seen": [{"size": p.size, "root": b64(p.root), "proof": _hashes(p.proof)} for p in parts.seen],
            "anchors": [
                {"checkpoint": p.checkpoint, "token": b64(p.token), "proof": _hashes(p.proof)}
                for p in parts.anchors
            ],
            "openings": [_write_opening(part) for part in parts.openings],
        }
    )
    parse(data)
    return data


def parse(data: bytes) -> BundleParts:
    """Read the bundle strictly. Raises MalformedError; proves nothing."""
    if len(data) > MAX_BUNDLE:
        raise MalformedError(f"The bundle is larger than {MAX_BUNDLE} bytes.")
    value = members.exactly(canonical.loads(data), _MEMBERS, "bundle")
    if value["format"] != FORMAT:
        raise MalformedError(f"The bundle is not of the format {FORMAT}.")
    checkpoint = members.text(value["checkpoint"], "checkpoint")
    if len(checkpoint) > MAX_NOTE:
        raise MalformedError(f"The checkpoint is longer than {MAX_NOTE} characters.")
    entries = _array(value["entries"], _entry, "list of entries")
    if len(entries) > MAX_ENTRIES:
        raise MalformedError(f"The bundle has more than {MAX_ENTRIES} entries.")
    parts = BundleParts(
        checkpoint=checkpoint,
        entries=entries,
        maps=_array(value["map"], _map, "list of map proofs"),
        seen=_array(value["seen"], _seen, "list of seen heads"),
        openings=_array(value["openings"], _opening, "list of openings"),
        anchors=_array(value["anchors"], _anchor, "list of anchors"),
    )
    if len(parts.anchors) > MAX_ANCHORS:
        raise MalformedError(f"The bundle has more than {MAX_ANCHORS} time stamps.")
    _once([(part.ns, part.id) for part in parts.maps], "map proof")
    _once([(part.size, part.root) for part in parts.seen], "seen head")
    _once([(part.index, part.opening.field) for part in parts.openings], "opening")
    return parts


def _write_entry(part: EntryPart | WithheldPart) -> JSON:
    if isinstance(part, WithheldPart):
        withheld: JSON = {"order": part.order}
        return {
            "index": part.index,
            "leaf": b64(part.leaf),
            "withheld": withheld,
            "proof": _hashes(part.proof),
        }
    try:
        data = part.entry.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"Entry {part.index} is not text.") from error
    return {"index": part.index, "data": data, "proof": _hashes(part.proof)}


def _entry(value: JSON) -> EntryPart | WithheldPart:
    if isinstance(value, Mapping) and "leaf" in value:
        parts = members.exactly(value, ("index", "leaf", "withheld", "proof"), "withheld entry")
        order = members.exactly(parts["withheld"], ("order",), "order of a withheld entry")["order"]
        return WithheldPart(
            index=_index(parts["index"]),
            leaf=members.hash32(parts["leaf"], "leaf of a withheld entry"),
            order=_index(order),
            proof=_proof(parts["proof"]),
        )
    parts = members.exactly(value, ("index", "data", "proof"), "entry")
    entry = members.text(parts["data"], "data of an entry").encode("utf-8")
    if len(entry) > MAX_ENTRY:
        raise MalformedError(f"An entry is larger than {MAX_ENTRY} bytes.")
    return EntryPart(_index(parts["index"]), entry, _proof(parts["proof"]))


def _write_map(part: MapPart) -> JSON:
    written: dict[str, JSON] = {"ns": str(part.ns), "id": part.id, "siblings": _hashes(part.proof.siblings)}
    if part.proof.terminal is not None:
        leaf = part.proof.terminal
        written["terminal"] = {"key": b64(leaf.key), "count": leaf.count, "acc": b64(leaf.acc)}
    return written


def _map(value: JSON) -> MapPart:
    has_terminal = isinstance(value, Mapping) and "terminal" in value
    parts = members.exactly(value, ("ns", "id", "siblings") + ("terminal",) * has_terminal, "map proof")
    ns = members.word(parts["ns"], Namespace, "namespace of a map proof")
    siblings = tuple(
        members.hash32(one, "sibling") for one in members.array(parts["siblings"], "list of siblings")
    )
    if len(siblings) > KEY_BITS:
        raise MalformedError(f"A map proof has more than {KEY_BITS} siblings.")
    terminal = _terminal(parts["terminal"]) if has_terminal else None
    return MapPart(ns, _map_id(ns, parts["id"]), MapProof(siblings, terminal))


def _map_id(ns: Namespace, value: JSON) -> str:
    if ns is Namespace.POLICY:
        if value != POLICY_ID:
            raise MalformedError("A map proof of the log's policy has another id than the one there is.")
        return POLICY_ID
    read_id = members.keyid if ns in (Namespace.KEYCTL, Namespace.KEYUSE) else members.uuid
    return str(read_id(value, "id of a map proof"))


def _terminal(value: JSON) -> Leaf:
    parts = members.exactly(value, ("key", "count", "acc"), "terminal of a map proof")
    return Leaf(
        key=members.hash32(parts["key"], "key of a terminal"),
        count=members.count(parts["count"], "count of a terminal"),
        acc=members.hash32(parts["acc"], "accumulator of a terminal"),
    )


def _seen(value: JSON) -> SeenPart:
    parts = members.exactly(value, ("size", "root", "proof"), "seen head")
    if parts["size"] == 0:
        raise MalformedError("A seen head of size 0 is shown as if it could be proven.")
    return SeenPart(
        size=_index(parts["size"]), root=members.hash32(parts["root"], "root"), proof=_proof(parts["proof"])
    )


def _anchor(value: JSON) -> AnchorPart:
    parts = members.exactly(value, ("checkpoint", "token", "proof"), "anchor")
    token = members.data(parts["token"], "time stamp token")
    if len(token) > MAX_TOKEN:
        raise MalformedError(f"A time stamp token is larger than {MAX_TOKEN} bytes.")
    return AnchorPart(members.text(parts["checkpoint"], "anchored checkpoint"), token, _proof(parts["proof"]))


def _write_opening(part: OpeningPart) -> JSON:
    opening = part.opening
    return {"index": part.index, "field": opening.field, "salt": b64(opening.salt), "value": opening.value}


def _opening(value: JSON) -> OpeningPart:
    parts = members.exactly(value, ("index", "field", "salt", "value"), "opening")
    salt = members.hash32(parts["salt"], "salt of an opening")
    return OpeningPart(
        _index(parts["index"]), Opening(members.text(parts["field"], "field"), salt, parts["value"])
    )


def _index(value: JSON) -> int:
    number = members.count(value, "place in the log")
    if number >= MAX_SIZE:
        raise MalformedError("A place in the log is beyond the largest log.")
    return number


def _proof(value: JSON) -> tuple[bytes, ...]:
    hashes = members.array(value, "proof")
    if len(hashes) > MAX_PROOF:
        raise MalformedError(f"A proof has more than {MAX_PROOF} hashes.")
    return tuple(members.hash32(one, "hash of a proof") for one in hashes)


def _hashes(hashes: Sequence[bytes]) -> list[JSON]:
    if any(len(one) != HASH_SIZE for one in hashes):
        raise MalformedError("A hash of a proof has the wrong length.")
    return [b64(one) for one in hashes]


def _array(value: JSON, read: Callable[[JSON], _Part], what: str) -> tuple[_Part, ...]:
    return tuple(read(part) for part in members.array(value, what))


def _once(keys: Sequence[object], what: str) -> None:
    if len(set(keys)) != len(keys):
        raise MalformedError(f"The bundle has a {what} twice.")
