"""The bundle's bytes: what is built is what is read, and nothing else is read."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from custody.proof import bundle, canonical
from custody.proof.bundle import AnchorPart, BundleParts, EntryPart, WithheldPart, build, parse
from custody.proof.digests import b64
from custody.proof.errors import MalformedError
from custody.proof.prefix_map import MapProof
from tests.proof.world import story

STORY = story()
PARTS = STORY.world.parts()
DATA = build(PARTS)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Change the parsed JSON of an honest bundle and write it canonically."""
    value = json.loads(DATA)
    change(value)
    return canonical.dumps(value)


def test_what_was_built_is_read() -> None:
    assert parse(DATA) == PARTS


def test_withheld_entries_anchors_and_absence_proofs_are_read_as_they_were_built() -> None:
    parts = replace(
        PARTS,
        entries=(*PARTS.entries, WithheldPart(99, bytes(32), 100, (bytes(32),))),
        anchors=(AnchorPart("log\n1\nroot\n", b"token", (bytes(32),)),),
        maps=(replace(PARTS.maps[0], proof=MapProof((), None)), *PARTS.maps[1:]),
    )
    assert parse(build(parts)) == parts


def test_the_bundle_is_canonical_json_with_the_entries_as_text() -> None:
    value = json.loads(DATA)
    assert canonical.dumps(value) == DATA
    assert value["format"] == "unbroken.custody-bundle/v1"
    assert value["entries"][0]["data"].encode() == STORY.world.entries[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.pop("seen"),
        lambda value: value.update(extra=1),
        lambda value: value.update(format="unbroken.custody-bundle/v2"),
        lambda value: value.update(checkpoint=7),
        lambda value: value.update(checkpoint="x" * 200_000),
        lambda value: value.update(entries={}),
        lambda value: value["entries"][0].pop("proof"),
        lambda value: value["entries"][0].update(index=-1),
        lambda value: value["entries"][0].update(index="0"),
        lambda value: value["entries"][0].update(index=True),
        lambda value: value["entries"][0].update(data="x" * 70_000),
        lambda value: value["entries"][0].update(leaf=b64(bytes(32))),
        lambda value: value["entries"][0].update(proof=[b64(bytes(31))]),
        lambda value: value["entries"][0].update(proof=[b64(bytes(32))[:-2] + "B="]),
        lambda value: value["entries"][0].update(proof=[b64(bytes(32))] * 65),
        lambda value: value["entries"].append({"index": 99, "leaf": b64(bytes(32)), "proof": []}),
        lambda value: value["map"][0].update(ns="people"),
        lambda value: value["map"][0].update(id="A-1"),
        lambda value: value["map"][0].update(id=value["map"][0]["id"].upper()),
        lambda value: value["map"][-1].update(id="not a key id"),
        lambda value: value["map"][0].update(siblings=[b64(bytes(32))] * 257),
        lambda value: value["map"][0]["terminal"].update(count=-1),
        lambda value: value["map"][0]["terminal"].pop("acc"),
        lambda value: value["map"].append(value["map"][0]),
        lambda value: value["seen"][0].update(size=0),
        lambda value: value["seen"].append(value["seen"][0]),
        lambda value: value["anchors"].append({"checkpoint": "", "token": b64(bytes(70_000)), "proof": []}),
        lambda value: value["openings"][0].update(salt=b64(bytes(16))),
        lambda value: value["openings"][0].update(field=1),
        lambda value: value["openings"].append(value["openings"][0]),
    ],
)
def test_anything_else_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(MalformedError):
        parse(changed(change))


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000, DATA + b"\n", b" " + DATA]
)
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(data)


def test_a_member_name_twice_is_refused() -> None:
    with pytest.raises(MalformedError):
        parse(DATA.replace(b'"anchors":[]', b'"anchors":[],"anchors":[]'))


def test_a_number_in_another_spelling_is_refused() -> None:
    with pytest.raises(MalformedError):
        parse(DATA.replace(b'"index":0', b'"index":0e0', 1))


def test_a_bundle_larger_than_the_limit_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_BUNDLE", len(DATA) - 1)
    with pytest.raises(MalformedError, match="larger than"):
        parse(DATA)


def test_more_entries_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_ENTRIES", len(PARTS.entries) - 1)
    with pytest.raises(MalformedError, match="more than"):
        parse(DATA)


@pytest.mark.parametrize(
    "parts",
    [
        replace(PARTS, entries=(EntryPart(0, b"\xff", ()),)),
        replace(PARTS, entries=(EntryPart(0, b"{}", (b"short",)),)),
        replace(PARTS, maps=(PARTS.maps[0], PARTS.maps[0])),
    ],
)
def test_nothing_is_built_that_could_not_be_read(parts: BundleParts) -> None:
    with pytest.raises(MalformedError):
        build(parts)
