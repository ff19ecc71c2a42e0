"""Take an artifact in: the form, the bytes, the check, and the examiner's signature over what arrived.

Nobody types a hash: digests are computed as the bytes pass and once more from what is stored; a
declared digest that differs quarantines the upload, and that is recorded too.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from custody import access, bell, jobs
from custody.accounts.models import Person
from custody.acts import record
from custody.acts.fields import MAX_TEXT, Fields, utc
from custody.acts.plan import Plan, Result, filled
from custody.acts.victims import refuse_names
from custody.errors import ConflictError, InvalidError
from custody.ledger.append import Appended
from custody.proof.records import RecordType
from evidence import store
from evidence.cases import DataCategory, LegalAuthority
from evidence.items import Item, ItemClass, ItemState
from evidence.uploads import Upload, UploadState

# File names longer than this are no file system's; the form says so rather than cutting.
MAX_FILENAME = 255
# One object's extents and counters hold far more; this keeps a slip of the keyboard from reserving a planet.
MAX_SIZE = 16 * 2**40
SOURCE_FIELDS = (("make", "Make"), ("model", "Model"), ("serial", "Serial number"), ("marks", "Marks"))


def create_upload(person: Person, params: dict[str, Any], now: datetime) -> Upload:
    """Check the exhibit form completely and make the upload its bytes will arrive for."""
    fields = Fields(params)
    case = access.open_case(person, fields.key("case", "The case"), "upload.make")
    category = fields.choice("category", "The category of data", DataCategory.values)
    authority = _authority(person, fields, case.uuid, category, now)
    item_class = fields.choice("item_class", "The class", ItemClass.values)
    exhibit_number = fields.text("exhibit_number", "The exhibit number", most=60)
    sheet = _sheet(fields, params, now)
    filename = _filename(fields, params)
    size = _size(fields, params)
    declared = fields.digests("declared")
    fields.done()
    assert authority is not None
    refuse_names(case, {"exhibit_number": exhibit_number, "filename": filename, **_texts(sheet)})
    try:
        with transaction.atomic():
            return Upload.objects.create(
                case=case,
                authority=authority,
                category=category,
                item_class=item_class,
                exhibit_number=exhibit_number,
                person=person,
                sheet=sheet,
                filename=filename,
                declared=declared,
                size=size,
                stored=store.new_object(case),
                created=now,
            )
    except IntegrityError as error:
        raise _number_taken(exhibit_number) from error


def _number_taken(number: str) -> ConflictError:
    return ConflictError(
        f"The exhibit number {number} is in use in this case; give this exhibit another number.",
        code="exhibit_number",
    )


def _authority(
    person: Person, fields: Fields, case_id: uuid.UUID, category: str, now: datetime
) -> LegalAuthority | None:
    found = LegalAuthority.objects.filter(
        pk=fields.key("authority", "The legal authority"), case=case_id
    ).first()
    if found is None:
        fields.errors["authority"] = "Choose the legal authority under which this is taken in."
    elif category:
        access.require_authority(found, category, now)
    return found


def _sheet(fields: Fields, params: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Read the exhibit form; it refuses to be incomplete (custody form fields)."""
    acquired_at = fields.moment("acquired_at", "When it was acquired")
    if "acquired_at" not in fields.errors and acquired_at > now:
        fields.errors["acquired_at"] = (
            "When it was acquired lies in the future; check the date and the offset."
        )
    source = params.get("source")
    source_fields = Fields(source if isinstance(source, dict) else {})
    return filled(
        {
            "description": fields.text("description", "The description", most=MAX_TEXT),
            "quantity": fields.whole("quantity", "The quantity", least=1, most=10_000),
            "source": filled(
                {name: source_fields.text(name, label, required=False) for name, label in SOURCE_FIELDS}
            ),
            "condition": fields.text("condition", "The condition", required=False),
            "acquired_by": fields.text("acquired_by", "Who acquired it"),
            "acquired_at": utc(acquired_at),
            "acquired_where": fields.text("acquired_where", "Where it was acquired"),
            "method": fields.text("method", "The method of acquisition"),
            "tool": fields.text("tool", "The tool"),
            "tool_version": fields.text("tool_version", "The tool's version"),
            "write_blocker": fields.text("write_blocker", "The write blocker (or 'none' and why)"),
            "seal_number": fields.text("seal_number", "The seal number (or 'none')", most=60),
            "seal_condition": fields.text("seal_condition", "The condition of the seal"),
            "changes": fields.text(
                "changes", "Unavoidable changes to the data", most=MAX_TEXT, required=False
            ),
            "location": fields.text("location", "The storage location", required=False),
        }
    )


def _texts(sheet: dict[str, Any]) -> dict[str, str]:
    flat = {name: value for name, value in sheet.items() if isinstance(value, str)}
    return flat | {f"source.{name}": value for name, value in sheet.get("source", {}).items()}


def _filename(fields: Fields, params: dict[str, Any]) -> str:
    """Return the file's own name: a name, not a path. It is a claim, so it is never repaired."""
    name = params.get("filename")
    if not isinstance(name, str) or not name.strip():
        return _fault(fields, "filename", "The file name is missing.")
    if len(name) > MAX_FILENAME:
        return _fault(
            fields, "filename", f"The file name has {len(name)} characters; at most {MAX_FILENAME} fit."
        )
    if "/" in name or "\\" in name or name in {".", ".."}:
        return _fault(fields, "filename", "The file name contains a path; give the name alone.")
    if any(ord(c) < 32 or 0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) <= 0xDFFF for c in name):
        return _fault(
            fields, "filename", "The file name contains control characters; rename a copy and note it."
        )
    return name


def _size(fields: Fields, params: dict[str, Any]) -> int:
    size = fields.whole("size", "The size of the file", least=0, most=MAX_SIZE)
    if "size" not in fields.errors and size == 0:
        _fault(fields, "size", "The file is empty (0 bytes); there is nothing to take in.")
    return size


def _fault(fields: Fields, name: str, text: str) -> str:
    fields.errors[name] = text
    return ""


def complete(upload_id: uuid.UUID, digests: dict[str, str], now: datetime) -> None:
    """All bytes are durable: keep what was computed as they passed, and ring for the check."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update().select_related("stored").get(pk=upload_id)
        if upload.state != UploadState.RECEIVING or upload.offset != upload.size:
            return
        upload.sha256, upload.blake3 = digests["sha256"], digests["blake3"]
        upload.state, upload.finished = UploadState.RECEIVED, now
        upload.save(update_fields=["sha256", "blake3", "state", "finished"])
        job = jobs.add(kind=jobs.JobKind.RECEIVE, subject=upload.uuid, recipe="v1", now=now)
        bell.ring_job_on_commit(job.pk)


def cancel(person: Person, upload_id: uuid.UUID) -> None:
    """The examiner gives up an upload that is not signed; its staged bytes are dropped, its number is free again."""
    with transaction.atomic():
        upload = access.upload(person, upload_id, lock=True)
        if upload.state not in {UploadState.RECEIVING, UploadState.READY}:
            raise ConflictError("Only an upload that is not signed yet can be cancelled.")
        upload.state = UploadState.CANCELLED
        upload.save(update_fields=["state"])
    # A crash here leaves staged bytes without an upload that wants them: an orphan, listed by check_vault.
    store.vault().discard_staging(upload.stored_id)


def accept_bytes(upload_id: uuid.UUID, reread: dict[str, str], content_type: str, now: datetime) -> None:
    """The worker re-read the sealed object: decide between ready to sign and quarantine.

    `reread` are digests of what is stored, by algorithm, including every declared algorithm.
    """
    with transaction.atomic():
        upload = (
            Upload.objects.select_for_update()
            .select_related("stored", "case", "authority", "person")
            .get(pk=upload_id)
        )
        if upload.state != UploadState.RECEIVED:
            return
        upload.content_type = content_type
        differing = [a for a, value in upload.declared.items() if reread.get(a) != value]
        if (reread["sha256"], reread["blake3"]) != (upload.sha256, upload.blake3):
            upload.state = UploadState.FAILED
            upload.problem = (
                "The stored bytes do not match the digest computed as they arrived; upload again."
            )
        elif differing:
            upload.problem = _difference(upload, reread, differing)
            _quarantine(upload, now)
        else:
            upload.state = UploadState.READY
        upload.save(update_fields=["content_type", "state", "problem", "item"])


def _difference(upload: Upload, reread: dict[str, str], differing: list[str]) -> str:
    parts = [
        f"{a.upper()} declared {upload.declared[a]}, computed {reread.get(a, 'not computed')}"
        for a in differing
    ]
    return "The declared digest is not that of the bytes received: " + "; ".join(parts) + "."


def _quarantine(upload: Upload, now: datetime) -> None:
    """Keep the bytes, record the mismatch, let nobody work on them."""

    def apply(entry: Appended) -> Result:
        upload.item = _make_item(upload, ItemState.QUARANTINED, entry, now)
        upload.state = UploadState.QUARANTINED
        return {}

    claims = _claims(upload) | {"declared": upload.declared, "problem": upload.problem}
    record.by_service(
        Plan(
            type=RecordType.ITEM_QUARANTINE,
            case=upload.case_id,
            items=(upload.uuid,),
            claims=filled(claims),
            apply=apply,
        ),
        now,
    )


def intake(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """The examiner signs what arrived; with this the exhibit exists and they are its custodian."""
    fields = Fields(params)
    upload = access.upload(person, fields.key("upload", "The upload"), lock=True)
    fields.done()
    access.open_case(person, upload.case_id, "item.intake")
    if upload.state == UploadState.SEALED:
        raise ConflictError("The intake of this exhibit is signed already.", code="already_signed")
    if upload.state != UploadState.READY:
        raise ConflictError(
            f"This upload is {UploadState(upload.state).label}; it cannot be signed.", code="upload_state"
        )
    access.require_authority(upload.authority, upload.category, now)
    if Item.objects.filter(case=upload.case_id, exhibit_number=upload.exhibit_number).exists():
        raise _number_taken(upload.exhibit_number)

    def apply(entry: Appended) -> Result:
        item = _make_item(upload, ItemState.SEALED, entry, now)
        Upload.objects.filter(pk=upload.pk).update(state=UploadState.SEALED, item=item)
        job = jobs.add(kind=jobs.JobKind.METADATA, subject=item.uuid, recipe="v1", now=now)
        bell.ring_job_on_commit(job.pk)
        return {"item": str(item.uuid)}

    summary = (
        ("Take in exhibit", upload.exhibit_number),
        ("What it is", upload.sheet["description"]),
        ("File", f"{upload.filename} ({upload.size} bytes)"),
        ("SHA-256", upload.sha256),
        ("BLAKE3", upload.blake3),
        ("Legal authority", str(upload.authority)),
    )
    claims = _claims(upload) | {"declared": upload.declared, "custodian": person.identity()}
    return Plan(
        type=RecordType.ITEM_INTAKE,
        case=upload.case_id,
        items=(upload.uuid,),
        claims=filled(claims),
        summary=summary,
        apply=apply,
    )


def _claims(upload: Upload) -> dict[str, Any]:
    authority, case = upload.authority, upload.case
    return {
        "exhibit": upload.exhibit_number,
        "sheet": upload.sheet,
        "filename": upload.filename,
        "size": upload.size,
        "sha256": upload.sha256,
        "blake3": upload.blake3,
        "content_type": upload.content_type,
        "category": upload.category,
        "class": upload.item_class,
        # An item's own report says under which case and authority it was taken without the case's records.
        "case": {"number": case.number, "title": case.title, "offence": case.offence, "unit": case.unit},
        "authority": {
            "authority": str(authority.uuid),
            "kind": authority.kind,
            "issuer": authority.issuer,
            "reference": authority.reference,
            "scope": authority.scope,
            "categories": authority.categories,
            "valid_from": utc(authority.valid_from),
            "valid_until": utc(authority.valid_until),
        },
        "received": utc(upload.finished or upload.created),
        "uploaded_by": upload.person.identity(),
    }


def _make_item(upload: Upload, state: ItemState, entry: Appended, now: datetime) -> Item:
    try:
        return Item.objects.create(
            uuid=upload.uuid,
            case=upload.case,
            authority=upload.authority,
            category=upload.category,
            item_class=upload.item_class,
            # A quarantined exhibit keeps its number visible and leaves it free for the one that is right.
            exhibit_number=upload.exhibit_number if state == ItemState.SEALED else _quarantine_number(upload),
            sheet=upload.sheet,
            filename=upload.filename,
            size=upload.size,
            sha256=upload.sha256,
            blake3=upload.blake3,
            content_type=upload.content_type or "application/octet-stream",
            stored=upload.stored,
            state=state,
            custodian=upload.person if state == ItemState.SEALED else None,
            location=upload.sheet.get("location", ""),
            received_at=now,
            last_entry=entry.index,
        )
    except IntegrityError as error:
        raise InvalidError("This exhibit cannot be stored as it stands.") from error


def _quarantine_number(upload: Upload) -> str:
    return f"{upload.exhibit_number[:40]} (quarantined {str(upload.uuid)[:8]})"
