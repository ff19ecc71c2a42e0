"""What forgers do to entries, bundles, signatures and reports; the attacks of tests/attacks put it to use."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from custody.proof import canonical, envelope
from custody.proof.bundle import BundleParts, EntryPart, WithheldPart
from custody.proof.policy import Policy
from tests.proof import sealed
from tests.proof.world import Story, World, story, without

# The order of P-256 (SEC 2) and of Ed25519's base point (RFC 8032).
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def edited(world: World, index: int, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Change the payload of a stored entry and keep its signatures."""
    opened = envelope.parse_entry(world.entries[index])
    value = canonical.loads(opened.payload)
    assert isinstance(value, dict)
    change(value)
    return envelope.seal(canonical.dumps(value), opened.signatures)


def in_its_place(world: World, index: int, change: Callable[[dict[str, Any]], object]) -> BundleParts:
    """Give the bundle of the case with one entry edited, under the proofs of the true one."""
    false = edited(world, index, change)
    return with_part(world.parts(), index, lambda part: replace(part, entry=false))


def with_part(
    parts: BundleParts, index: int, change: Callable[[EntryPart], EntryPart | WithheldPart]
) -> BundleParts:
    """Change the part of one entry."""
    entries = [
        change(part) if part.index == index and isinstance(part, EntryPart) else part
        for part in parts.entries
    ]
    return replace(parts, entries=tuple(entries))


def with_proof(
    parts: BundleParts, index: int, change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]
) -> BundleParts:
    """Change the inclusion proof of one entry."""
    return with_part(parts, index, lambda part: replace(part, proof=change(part.proof)))


def with_entries(parts: BundleParts, *more: EntryPart | WithheldPart) -> BundleParts:
    """Add entries at their places."""
    return replace(parts, entries=tuple(sorted((*parts.entries, *more), key=lambda part: part.index)))


def withheld(world: World, index: int, order: int) -> BundleParts:
    """Give the bundle of the case in which one entry is only a leaf hash, as if erased by this order."""
    part = WithheldPart(index, world.leaf(index), order, world.inclusion(index))
    return with_entries(without(world.parts(), index), part)


def rewritten(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Change the JSON of a bundle and write it canonically again; nothing asks whether it is one."""
    value = json.loads(data)
    change(value)
    return canonical.dumps(value)


def twin(sig: bytes) -> bytes:
    """Give the other ECDSA signature (r, n - s), which anybody can compute."""
    r, s = decode_dss_signature(sig)
    return encode_dss_signature(r, P256_ORDER - s)


def copied(world: World, index: int, change: Callable[[bytes], bytes] = lambda sig: sig) -> int:
    """Enter the signed record of an entry once more, its signature changed or not."""
    opened = envelope.parse_entry(world.entries[index])
    made = [replace(one, sig=change(one.sig)) for one in opened.signatures]
    return world.append(envelope.seal(opened.payload, made))


@cache
def authority() -> sealed.Certified:
    """The authority above the seal of the agency."""
    return sealed.root()


@cache
def agency() -> sealed.Certified:
    return authority().issue("Seal of the agency")


@cache
def honest() -> Story:
    """A story that nobody changes."""
    return story()


@cache
def report() -> bytes:
    """The agency's sealed report about the first exhibit of the honest story."""
    return sealed.seal(sealed.report(honest().world.bundle(honest().item)), agency())


def reader() -> Policy:
    """What a careful reader of that report has pinned."""
    return replace(honest().world.policy, seals=(authority().pin,))


def seal_digits(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal digits of the seal begin and end."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return start, pdf.index(b">", start)


def pdf_with(data: bytes, *objects: bytes) -> bytes:
    """Give an unsealed report with whole objects that its cross-reference table does not list."""
    pdf = sealed.report(data)
    start = pdf.rindex(b"xref\n0")
    more = b"".join(objects)
    moved = pdf[:start] + more + pdf[start:]
    return moved.replace(b"startxref\n%d\n" % start, b"startxref\n%d\n" % (start + len(more)))
