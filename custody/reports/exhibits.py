"""Fills the report's items, transfers and gaps from the story a bundle tells."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from custody.proof.records import RecordType
from custody.reports import holdings
from custody.reports.content import (
    NOT_APPLICABLE,
    NOT_RECORDED,
    WITHHELD,
    Absent,
    Digest,
    Item,
    Person,
    Transfer,
    Value,
    moment,
    stated,
)
from custody.reports.story import Story, Told
from evidence.items import ItemClass

NAMES = {"sha256": "SHA-256", "blake3": "BLAKE3", "md5": "MD5", "sha1": "SHA-1"}
FIRST = (RecordType.ITEM_INTAKE, RecordType.ITEM_QUARANTINE)
ENDINGS = {
    RecordType.TRANSFER_APPROVE: "Approved: custody moved",
    RecordType.TRANSFER_REJECT: "Refused by the supervisor: custody did not move",
    RecordType.TRANSFER_REFUSE: "Refused by the taker: custody did not move",
    RecordType.TRANSFER_WITHDRAW: "Withdrawn by the giver: custody did not move",
}


def digest(told: Told | None, claim: str, algorithm: str = "SHA-256") -> tuple[Digest, ...]:
    """Return one digest claim, whole or withheld; nothing where none was recorded."""
    if told is None:
        return ()
    value = told.text(claim)
    return () if value is NOT_RECORDED else (Digest(algorithm, value),)


def label_of(first: Told) -> str:
    """Return the exhibit number, or a word in its place when it is withheld."""
    value = first.text("exhibit")
    return value if isinstance(value, str) else f"Exhibit in record {first.index}"


def labels(story: Story) -> dict[uuid.UUID, str]:
    """Return the exhibit number of each item."""
    return {t.record.subjects[0].item: label_of(t) for t in story.of(*FIRST)}


def item(story: Story, item_id: uuid.UUID, authorities: Mapping[str, str]) -> Item:
    """Fill the custody form of one exhibit."""
    chain = story.about_item(item_id)
    first = chain[0]
    sheet = first.value("sheet")
    form = sheet if isinstance(sheet, dict) else {}
    absent = sheet if isinstance(sheet, Absent) else NOT_RECORDED

    def field(name: str) -> Value:
        return str(form[name]) if form.get(name) not in (None, "") else absent

    source = form.get("source", {})
    size = first.value("size")
    return Item(
        exhibit=label_of(first),
        item_id=str(item_id),
        description=field("description"),
        quantity=field("quantity"),
        item_class=_class_words(first),
        make=source.get("make") or absent,
        model=source.get("model") or absent,
        serial=source.get("serial") or absent,
        marks=source.get("marks") or absent,
        condition=field("condition"),
        acquired_by=Person(name=field("acquired_by")),
        acquired_at=stated(field("acquired_at")),
        acquired_where=field("acquired_where"),
        acquired_how=field("method"),
        authority=_authority(first, authorities),
        tool=field("tool"),
        tool_version=field("tool_version"),
        write_blocker=field("write_blocker"),
        seal_number=field("seal_number"),
        seal_condition=field("seal_condition"),
        submitted_by=first.person("uploaded_by"),
        intake_claimed=moment(first.record.time),
        file_name=first.text("filename"),
        size=size if isinstance(size, (int, Absent)) else NOT_RECORDED,
        content_type=first.text("content_type"),
        digests=digest(first, "sha256") + digest(first, "blake3", "BLAKE3"),
        declared=_declared(first),
        declared_outcome=_declared_outcome(first),
        last_check=_last_check(chain),
        custodian=holdings.custodian(story, chain),
        storage=_place_now(chain, field("location")),
        status=_status(first),
    )


def _class_words(first: Told) -> Value:
    value = first.text("class")
    return str(ItemClass(value).label) if isinstance(value, str) else value


def _authority(first: Told, authorities: Mapping[str, str]) -> Value:
    value = first.value("authority")
    if not isinstance(value, dict):
        return first.text("authority")
    return authorities.get(str(value.get("authority")), str(value.get("reference", "")))


def _declared(first: Told) -> tuple[Digest, ...]:
    value = first.value("declared")
    if not isinstance(value, dict):
        return ()
    return tuple(Digest(NAMES[name], text) for name, text in sorted(value.items()) if name in NAMES)


def _declared_outcome(first: Told) -> Value:
    if first.text("declared") is WITHHELD:
        return Absent.WITHHELD
    if not isinstance(first.value("declared"), dict):
        return "none declared"
    if first.record.type is RecordType.ITEM_QUARANTINE:
        return "differs: quarantined"
    return "equal to what was computed at intake"


def _last_check(chain: list[Told]) -> Value:
    checks = [t for t in chain if t.record.type is RecordType.FIXITY_CHECK]
    if not checks:
        return "not checked again since intake"
    last = checks[-1]
    return f"{moment(last.record.time)}: {last.text('outcome')}"


def _place_now(chain: list[Told], place: Value) -> Value:
    """Return where the exhibit was last recorded to be."""
    for told in chain:
        if told.record.type is RecordType.TRANSFER_APPROVE:
            place = told.text("place")
    return place


def _status(first: Told) -> Value:
    if first.record.type is RecordType.ITEM_QUARANTINE:
        return "quarantined at intake"
    return "sealed in the vault"


def transfers(story: Story, named: Mapping[uuid.UUID, str]) -> list[Transfer]:
    """Return every transfer with its signatures, whatever became of it."""
    return [_transfer(story, offer, named) for offer in story.of(RecordType.TRANSFER_OFFER)]


def _transfer(story: Story, offer: Told, named: Mapping[uuid.UUID, str]) -> Transfer:
    answers = story.answers(offer)
    accept = next((t for t in answers if t.record.type is RecordType.TRANSFER_ACCEPT), None)
    end = next((t for t in answers if t.record.type in ENDINGS), None)
    decided = (RecordType.TRANSFER_APPROVE, RecordType.TRANSFER_REJECT)
    ended_by_supervisor = end is not None and end.record.type in decided
    remark = end.text("reason") if end is not None else NOT_APPLICABLE
    return Transfer(
        exhibits=tuple(named.get(s.item, str(s.item)) for s in offer.record.subjects),
        outcome=ENDINGS[end.record.type] if end else "Open: the giver is still custodian",
        purpose=offer.text("purpose"),
        place=offer.text("place"),
        authority=offer.text("authority"),
        seal_number=offer.text("seal_number"),
        seal_condition=_seal_words(offer, accept),
        released_by=story.signature(offer),
        received_by=story.signature(accept),
        approved_by=story.signature(end if ended_by_supervisor else None),
        before=digest(offer, "sha256"),
        after=digest(accept, "sha256"),
        remark=NOT_APPLICABLE if remark is NOT_RECORDED else remark,
    )


def _seal_words(offer: Told, accept: Told | None) -> Value:
    given = offer.text("seal_condition")
    received = accept.text("seal_condition") if accept else NOT_RECORDED
    if isinstance(received, str) and received != given:
        return f"{given if isinstance(given, str) else given.value}; as received: {received}"
    return given
