"""Every signed act through one door: prepare a draft, sign its bytes, send the signature."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from custody.accounts.models import KeyState, Person, SigningKey
from custody.acts import countersign, record, registry
from custody.acts.fields import Fields
from custody.api import bodies, shapes
from custody.api.door import Door
from custody.drafts import Draft
from custody.errors import InvalidError, NotFoundError
from custody.proof.digests import b64, unb64
from custody.proof.envelope import Signature
from custody.proof.errors import MalformedError
from custody.proof.passkey import Assertion


def default_key(person: Person) -> str:
    """Return the id of the person's registered key; they must say which when there are several."""
    keys = list(
        SigningKey.objects.filter(person=person, state=KeyState.REGISTERED).values_list("pk", flat=True)
    )
    if not keys:
        raise InvalidError(
            "You have no enrolled signing key yet. Make one under 'My keys'; an administrator enrols it.",
            fields={"keyid": "Make a key first."},
            code="no_key",
        )
    if len(keys) > 1:
        raise InvalidError("You have several keys; say which one signs.", fields={"keyid": "Choose a key."})
    return str(keys[0])


class Drafts(Door):
    """Drafts of the person who asks."""

    @extend_schema(request=bodies.ActRequest, responses={201: shapes.DraftShape, 422: shapes.ProblemShape})
    def post(self, request: Request) -> Response:
        """Prepare an act: all is checked, and the exact bytes to sign come back with their openings."""
        params = self.params(request)
        person = self.person(request)
        inner = params.get("params")
        draft = registry.prepare(
            person,
            str(params.get("keyid") or default_key(person)),
            str(params.get("act", "")),
            inner if isinstance(inner, dict) else {},
            self.now(),
        )
        return Response(shapes.DraftShape(draft).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.DraftShape(many=True))
    def get(self, request: Request) -> Response:
        """List drafts that wait for my signature: my own, registrations of my keys, those that several sign."""
        person, now = self.person(request), self.now()
        mine = Draft.objects.filter(person=person, expires__gt=now)
        to_prove = Draft.objects.filter(second_person=person, second_signature__isnull=True, expires__gt=now)
        found = {draft.pk: draft for draft in [*mine, *to_prove, *countersign.waiting_for(person, now)]}
        return Response(shapes.DraftShape(list(found.values()), many=True).data)


class SignDraft(Door):
    """The signature over one draft."""

    @extend_schema(request=bodies.SignRequest, responses={200: shapes.SignedShape, 409: shapes.ProblemShape})
    def post(self, request: Request, draft: uuid.UUID) -> Response:
        """Carry the act out with my signature, prove possession of my new key, or sign what another prepared."""
        person = self.person(request)
        signature = _signature(self.params(request))
        found = Draft.objects.filter(pk=draft).first()
        if found is None:
            raise NotFoundError("The draft")
        if found.second_person_id == person.pk and found.second_keyid == signature.keyid:
            record.prove_possession(person, draft, signature, self.now())
            return _kept({"proved": signature.keyid})
        if found.person_id != person.pk:
            countersign.countersign(person, draft, signature, self.now())
            return _kept({"signed": signature.keyid})
        appended, result = registry.sign(person, draft, signature, self.now())
        return Response(
            {
                "entry": appended.index,
                "leaf": b64(appended.leaf),
                "result": result,
                "receipt_url": f"/api/v1/receipts/{appended.index}/",
            }
        )


def _kept(result: dict[str, Any]) -> Response:
    """Answer that a signature waits for the author's: nothing is recorded yet."""
    return Response({"entry": None, "leaf": "", "result": result, "receipt_url": ""})


def _signature(params: dict[str, Any]) -> Signature:
    fields = Fields(params)
    keyid = fields.text("keyid", "The key's id", most=43)
    text = fields.text("signature", "The signature", most=8000)
    by_passkey = "authenticatorData" in params or "clientDataJSON" in params
    messages = {
        name: fields.text(name, "The passkey's message", most=8000, required=by_passkey)
        for name in ("authenticatorData", "clientDataJSON")
    }
    fields.done()
    try:
        return Signature(keyid, unb64(text), Assertion.from_json(messages) if by_passkey else None)
    except MalformedError as error:
        raise InvalidError("The signature is not base64.", fields={"signature": str(error)}) from error
