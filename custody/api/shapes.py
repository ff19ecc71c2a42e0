"""The shapes of what the API answers. Fields only; nothing is decided here."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from custody.accounts.models import Person, SigningKey
from custody.acts import countersign
from custody.drafts import Draft
from custody.proof.digests import b64
from custody.proof.records import RECORD_PAYLOAD_TYPE
from custody.reports.models import Report
from custody.transfers import Transfer
from evidence import answers
from evidence.cases import Case, LegalAuthority
from evidence.derivatives import Derivative
from evidence.items import Item, Metadata
from evidence.uploads import Upload
from evidence.victims import Victim


class PersonShape(s.ModelSerializer[Person]):
    person = s.UUIDField(source="uuid")

    class Meta:
        model = Person
        fields = ["person", "name", "title", "badge", "agency", "unit", "role"]


class KeyShape(s.ModelSerializer[SigningKey]):
    person = s.UUIDField(source="person.uuid")
    holder = s.CharField(source="person.name")
    spki = s.SerializerMethodField()

    class Meta:
        model = SigningKey
        fields = [
            "keyid",
            "person",
            "holder",
            "alg",
            "spki",
            "kind",
            "label",
            "state",
            "requested",
            "registered_entry",
        ]

    def get_spki(self, key: SigningKey) -> str:
        return b64(bytes(key.spki))


class OwnKeyShape(KeyShape):
    wrapped = s.JSONField(allow_null=True)
    passkey = s.JSONField(
        allow_null=True, read_only=True, help_text="what the browser is asked for a signature with"
    )

    class Meta(KeyShape.Meta):
        fields = [*KeyShape.Meta.fields, "wrapped", "passkey"]


class MeShape(PersonShape):
    keys = OwnKeyShape(many=True)
    cases = s.SerializerMethodField()

    class Meta(PersonShape.Meta):
        fields = [*PersonShape.Meta.fields, "username", "zone", "keys", "cases"]

    def get_cases(self, person: Person) -> list[str]:
        return [str(case) for case in self.context["cases"]]


class CaseShape(s.ModelSerializer[Case]):
    class Meta:
        model = Case
        fields = ["uuid", "number", "title", "offence", "unit", "restricted", "status", "opened_at"]


class CaseDetailShape(CaseShape):
    people = s.SerializerMethodField()

    class Meta(CaseShape.Meta):
        fields = [*CaseShape.Meta.fields, "people"]

    @extend_schema_field(PersonShape(many=True))
    def get_people(self, case: Case) -> list[dict[str, object]]:
        return list(PersonShape(case.people(), many=True).data)


class AuthorityShape(s.ModelSerializer[LegalAuthority]):
    class Meta:
        model = LegalAuthority
        fields = [
            "uuid",
            "kind",
            "issuer",
            "reference",
            "scope",
            "categories",
            "valid_from",
            "valid_until",
            "ended_at",
        ]


class UploadShape(s.ModelSerializer[Upload]):
    id = s.UUIDField(source="uuid")
    case = s.UUIDField(source="case_id")
    item = s.UUIDField(source="item_id", allow_null=True)
    location = s.SerializerMethodField(
        help_text="tus 1.0 address with its capability, while bytes are wanted"
    )
    chunk_bytes = s.SerializerMethodField(help_text="the best size of one PATCH")

    class Meta:
        model = Upload
        fields = [
            "id",
            "case",
            "exhibit_number",
            "filename",
            "size",
            "offset",
            "state",
            "sha256",
            "blake3",
            "content_type",
            "problem",
            "item",
            "created",
            "location",
            "chunk_bytes",
        ]

    def get_location(self, upload: Upload) -> str:
        return str(self.context["location"](upload))

    def get_chunk_bytes(self, upload: Upload) -> int:
        return int(self.context["chunk_bytes"])


class ItemShape(s.ModelSerializer[Item]):
    case = s.UUIDField(source="case_id")
    authority = s.UUIDField(source="authority_id")
    custodian = PersonShape(allow_null=True)

    class Meta:
        model = Item
        fields = [
            "uuid",
            "case",
            "authority",
            "category",
            "item_class",
            "exhibit_number",
            "sheet",
            "filename",
            "size",
            "sha256",
            "blake3",
            "content_type",
            "state",
            "custodian",
            "location",
            "received_at",
            "last_entry",
        ]


class MetadataShape(s.ModelSerializer[Metadata]):
    values = s.SerializerMethodField()
    message = s.SerializerMethodField()

    class Meta:
        model = Metadata
        fields = ["extractor", "version", "outcome", "values", "message", "entry"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_values(self, row: Metadata) -> dict[str, object]:
        return answers.unseal(row).values

    def get_message(self, row: Metadata) -> str:
        return answers.unseal(row).message


class ChainShape(s.Serializer[dict[str, object]]):
    index = s.IntegerField()
    leaf = s.CharField(help_text="leaf hash, hexadecimal")
    type = s.CharField()
    time = s.DateTimeField(help_text="as the signer claims it")
    recorded = s.DateTimeField(help_text="by the server's clock")
    actor = s.CharField(help_text="key id")
    person = PersonShape(allow_null=True)
    claims = s.DictField(help_text="opened claims; what was erased is not here")
    published = s.BooleanField()


class TransferShape(s.ModelSerializer[Transfer]):
    item = s.UUIDField(source="item_id")
    exhibit_number = s.CharField(source="item.exhibit_number")
    case = s.UUIDField(source="item.case_id")
    giver = PersonShape()
    taker = PersonShape()
    approver = PersonShape(allow_null=True)

    class Meta:
        model = Transfer
        fields = [
            "uuid",
            "item",
            "exhibit_number",
            "case",
            "state",
            "giver",
            "taker",
            "approver",
            "purpose",
            "place",
            "seal_number",
            "seal_condition",
            "accept_digest",
            "accept_note",
            "end_reason",
            "requested_at",
            "accepted_at",
            "ended_at",
            "offer_entry",
            "accept_entry",
            "end_entry",
        ]


class VictimShape(s.ModelSerializer[Victim]):
    identifiers = s.SerializerMethodField(help_text="how many of each kind; never what they are")

    class Meta:
        model = Victim
        fields = ["uuid", "pseudonym", "created", "identifiers"]

    def get_identifiers(self, victim: Victim) -> dict[str, int]:
        counts: dict[str, int] = {}
        for identifier in victim.identifiers.all():
            counts[identifier.kind] = counts.get(identifier.kind, 0) + 1
        return counts


class DerivativeShape(s.ModelSerializer[Derivative]):
    item = s.UUIDField(source="item_id")
    planner = PersonShape()
    decider = PersonShape(allow_null=True)
    replacements = s.SerializerMethodField()
    pixels_not_examined = s.BooleanField()

    class Meta:
        model = Derivative
        fields = [
            "uuid",
            "item",
            "state",
            "recipe",
            "tool",
            "filename",
            "content_type",
            "sha256",
            "size",
            "replacements",
            "remarks",
            "leak_check",
            "pixels_not_examined",
            "problem",
            "planner",
            "decider",
            "decision_reason",
            "created",
        ]

    def get_replacements(self, derivative: Derivative) -> int:
        return len(derivative.hits)


class ReportShape(s.ModelSerializer[Report]):
    id = s.UUIDField(source="uuid")
    case = s.UUIDField(source="case_id")
    item = s.UUIDField(source="item_id", allow_null=True)
    requested_by = PersonShape()

    class Meta:
        model = Report
        fields = [
            "id",
            "case",
            "item",
            "variant",
            "state",
            "requested_by",
            "requested_at",
            "sha256",
            "revision0_sha256",
            "size",
            "checkpoint_size",
            "issued_entry",
            "withheld",
            "problem",
        ]


class DraftShape(s.ModelSerializer[Draft]):
    id = s.UUIDField(source="uuid")
    payload = s.SerializerMethodField(help_text="base64 of the canonical bytes")
    payload_type = s.SerializerMethodField()
    needs = s.SerializerMethodField(help_text="who has still to sign, in this order")
    second_keyid = s.CharField(help_text="key.register: the key that proves possession first")

    class Meta:
        model = Draft
        fields = [
            "id",
            "act",
            "keyid",
            "payload",
            "payload_type",
            "openings",
            "summary",
            "expires",
            "needs",
            "second_keyid",
        ]

    def get_payload(self, draft: Draft) -> str:
        return b64(bytes(draft.payload))

    def get_payload_type(self, draft: Draft) -> str:
        return RECORD_PAYLOAD_TYPE

    def get_needs(self, draft: Draft) -> list[str]:
        first = ["new_key"] if draft.second_keyid and draft.second_signature is None else []
        return [*first, *["administrator"] * countersign.missing(draft), "actor"]


class SignedShape(s.Serializer[dict[str, object]]):
    entry = s.IntegerField(allow_null=True, help_text="index in the log; null while another signature is due")
    leaf = s.CharField(allow_blank=True, help_text="leaf hash, base64")
    result = s.DictField()
    receipt_url = s.CharField(allow_blank=True)


class TokenShape(s.Serializer[dict[str, object]]):
    token = s.CharField()
    expires = s.DateTimeField()


class UrlShape(s.Serializer[dict[str, object]]):
    url = s.CharField(help_text="opens for ten minutes, with Range")
    sha256 = s.CharField()
    filename = s.CharField()


class ProblemShape(s.Serializer[dict[str, object]]):
    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    code = s.CharField()
    detail = s.CharField()
    errors = s.DictField(required=False)  # type: ignore[assignment]  # RFC 9457 extension, not DRF's errors
