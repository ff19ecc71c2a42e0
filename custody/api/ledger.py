"""What anybody who may look needs to check us: the policy, the newest checkpoint, receipts."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from custody import access
from custody.accounts.models import Person, SigningKey
from custody.api import shapes
from custody.api.door import Door
from custody.errors import NotFoundError, NotReadyError
from custody.ledger import cosigning, genesis, history, prove, publish
from custody.ledger.cose_receipt import cose_receipt
from custody.reports import agency_seal


class Policy(Door):
    """The policy file for `python -m custody.proof --policy`."""

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """Return the log's key, the genesis pin and the pins of the report seal, as a tlog-policy text."""
        return HttpResponse(genesis.policy_text(agency_seal.pins()), content_type="text/plain; charset=utf-8")


class Checkpoint(Door):
    """The newest signed head of the log."""

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR, 404: shapes.ProblemShape})
    def get(self, request: Request) -> HttpResponse:
        """Return the newest checkpoint as a signed note."""
        newest = publish.newest()
        if newest is None:
            raise NotFoundError("A checkpoint")
        return HttpResponse(cosigning.note_of(newest), content_type="text/plain; charset=utf-8")


class Receipt(Door):
    """The proof that a record stands in the log: to keep."""

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR, 409: shapes.ProblemShape})
    def get(self, request: Request, entry: int) -> HttpResponse | Response:
        """Return the receipt (C2SP tlog-proof) of a record of mine or of my cases."""
        _require_mine(self.person(request), entry)
        text = prove.receipt(entry)
        if text is None:
            raise NotReadyError(_not_yet())
        return HttpResponse(text, content_type="text/plain; charset=utf-8")


class CoseReceipt(Door):
    """The same proof in the form that SCITT systems read (RFC 9942)."""

    @extend_schema(
        responses={(200, "application/cose"): OpenApiTypes.BINARY, 409: shapes.ProblemShape},
        operation_id="receipts_cose_retrieve",
    )
    def get(self, request: Request, entry: int) -> HttpResponse | Response:
        """Return the receipt of a record of mine or of my cases as COSE_Sign1."""
        _require_mine(self.person(request), entry)
        data = cose_receipt(entry)
        if data is None:
            raise NotReadyError(_not_yet())
        answer = HttpResponse(data, content_type="application/cose")
        answer["Content-Disposition"] = f'attachment; filename="record-{entry}.cose"'
        return answer


def _require_mine(person: Person, entry: int) -> None:
    """Raise NotFoundError unless the record is signed by the person or of one of their cases."""
    if not history.exists(entry):
        raise NotFoundError("The record")
    told = history.read(entry)
    mine = SigningKey.objects.filter(pk__in=told.signers, person=person).exists()
    theirs = told.record.case is not None and access.cases(person).filter(pk=told.record.case).exists()
    if not mine and not theirs:
        raise NotFoundError("The record")


def _not_yet() -> str:
    absent = cosigning.waits_for()
    if absent:
        return (
            f"The record is in the log; the signed head over it waits for its witnesses: {', '.join(absent)}."
        )
    return "The record is in the log; its checkpoint is published within a minute."
