"""Exhibits: what they are, what extractors said, their chain, and opening the unredacted original."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from custody import access
from custody.accounts.models import SigningKey
from custody.acts import examine
from custody.api import bodies, shapes
from custody.api.door import Door, page, source_of
from custody.capability import content_url
from custody.ledger import history, publish
from custody.ledger.models import Entry
from custody.proof.prefix_map import Namespace


class Item(Door):
    """One exhibit."""

    @extend_schema(responses={200: shapes.ItemShape, 404: shapes.ProblemShape})
    def get(self, request: Request, item: uuid.UUID) -> Response:
        """Return the exhibit with its custody form."""
        return Response(shapes.ItemShape(access.item(self.person(request), item)).data)


class ItemMetadata(Door):
    """What the extractors said."""

    @extend_schema(responses=shapes.MetadataShape(many=True))
    def get(self, request: Request, item: uuid.UUID) -> Response:
        """List every extractor's answer, also nothing and failures."""
        found = access.item(self.person(request), item, "item.metadata")
        return Response(page(request, found.metadata.select_related("item__stored"), shapes.MetadataShape))


class ItemChain(Door):
    """The exhibit's chain of records."""

    @extend_schema(responses=shapes.ChainShape(many=True))
    def get(self, request: Request, item: uuid.UUID) -> Response:
        """List the records of this exhibit, oldest first."""
        found = access.item(self.person(request), item, "item.chain")
        return Response({"results": chain_of(Namespace.ITEM, str(found.uuid)), "next": None})


def chain_of(namespace: str, key: str) -> list[dict[str, Any]]:
    """Return the records of an item or case with the openings that exist."""
    told = list(history.of_key(namespace, key))
    opened = history.openings(t.index for t in told)
    recorded = dict(Entry.objects.filter(seq__in=[t.index for t in told]).values_list("seq", "recorded"))
    people = _people(t.record.actor for t in told)
    checkpoint = publish.newest()
    size = checkpoint.size if checkpoint else 0
    rows: Any = [
        {
            "index": t.index,
            "leaf": t.leaf.hex(),
            "type": str(t.record.type),
            "time": t.record.time,
            "recorded": recorded[t.index],
            "actor": t.record.actor,
            "person": people.get(t.record.actor),
            "claims": history.verified_openings(t, opened.get(t.index, {})),
            "published": t.index < size,
        }
        for t in told
    ]
    return list(shapes.ChainShape(rows, many=True).data)


def _people(keyids: Iterable[str]) -> dict[str, Any]:
    keys = SigningKey.objects.filter(pk__in=set(keyids)).select_related("person")
    return {key.keyid: key.person for key in keys}


class ItemContent(Door):
    """The unredacted original."""

    @extend_schema(request=bodies.ReasonRequest, responses={200: shapes.UrlShape, 403: shapes.ProblemShape})
    def post(self, request: Request, item: uuid.UUID) -> Response:
        """Open the original: the reason is recorded in the ledger before the address is given."""
        params = self.params(request) | {"item": str(item)}
        found = examine.open_unredacted(self.person(request), params, self.now(), source=source_of(request))
        url = content_url("item", found.uuid, found.stored_id, found.filename, found.content_type)
        return Response({"url": url, "sha256": found.sha256, "filename": found.filename})


class ItemDerivatives(Door):
    """The exhibit's redacted copies. They are planned by the signed act `redaction.plan`."""

    @extend_schema(responses=shapes.DerivativeShape(many=True))
    def get(self, request: Request, item: uuid.UUID) -> Response:
        """List the redacted copies."""
        person = self.person(request)
        rows = access.derivatives(person).filter(item=access.item_of_derivatives(person, item))
        return Response(page(request, rows, shapes.DerivativeShape))
