"""Uploads as resources: the exhibit form goes in here, the bytes go to the files service."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from custody import access
from custody.acts import receive
from custody.api import shapes
from custody.api.door import Door, page
from custody.capability import upload_url
from evidence.uploads import Upload as UploadRow
from evidence.uploads import UploadState

# One PATCH of this size is one extent: durable when it is answered, cheap to send again.
CHUNK_BYTES = 64 << 20


def location(upload: UploadRow) -> str:
    """Return where bytes are wanted, or nothing when no more are."""
    return upload_url(upload) if upload.state == UploadState.RECEIVING else ""


SHAPE = {"location": location, "chunk_bytes": CHUNK_BYTES}


class Uploads(Door):
    """The uploads of the person who asks."""

    @extend_schema(responses=shapes.UploadShape(many=True))
    def get(self, request: Request) -> Response:
        """List my uploads, oldest first."""
        return Response(page(request, access.uploads(self.person(request)), shapes.UploadShape, **SHAPE))

    @extend_schema(request=dict, responses={201: shapes.UploadShape, 422: shapes.ProblemShape})
    def post(self, request: Request) -> Response:
        """Hand in the exhibit form; send the bytes to `location` by tus 1.0."""
        upload = receive.create_upload(self.person(request), self.params(request), self.now())
        body = shapes.UploadShape(upload, context=SHAPE).data
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": body["location"]})


class Upload(Door):
    """One upload of the person who asks."""

    @extend_schema(responses={200: shapes.UploadShape, 404: shapes.ProblemShape})
    def get(self, request: Request, upload: uuid.UUID) -> Response:
        """Return how far it is, its digests, and what comes next."""
        found = access.upload(self.person(request), upload)
        return Response(shapes.UploadShape(found, context=SHAPE).data)

    @extend_schema(responses={204: None, 409: shapes.ProblemShape})
    def delete(self, request: Request, upload: uuid.UUID) -> Response:
        """Give an unfinished upload up; what arrived is dropped and the exhibit number is free again."""
        receive.cancel(self.person(request), upload)
        return Response(status=status.HTTP_204_NO_CONTENT)
