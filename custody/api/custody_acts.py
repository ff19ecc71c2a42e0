"""Transfers, redacted copies and reports as resources; their changes are signed acts or requests."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from custody import access
from custody.acts import report as report_acts
from custody.api import shapes
from custody.api.door import Door, page, source_of
from custody.capability import content_url


class Transfers(Door):
    """Transfers of the exhibits one may know of."""

    @extend_schema(parameters=[OpenApiParameter("state", str)], responses=shapes.TransferShape(many=True))
    def get(self, request: Request) -> Response:
        """List transfers, oldest first, of one state if asked."""
        rows = access.transfers(self.person(request))
        state = request.query_params.get("state")
        return Response(page(request, rows.filter(state=state) if state else rows, shapes.TransferShape))


class Transfer(Door):
    """One transfer."""

    @extend_schema(responses={200: shapes.TransferShape, 404: shapes.ProblemShape})
    def get(self, request: Request, transfer: uuid.UUID) -> Response:
        """Return the transfer."""
        return Response(shapes.TransferShape(access.transfer(self.person(request), transfer)).data)


class Derivative(Door):
    """One redacted copy."""

    @extend_schema(responses={200: shapes.DerivativeShape, 404: shapes.ProblemShape})
    def get(self, request: Request, derivative: uuid.UUID) -> Response:
        """Return the redacted copy and what checker and redactor said."""
        return Response(shapes.DerivativeShape(access.derivative(self.person(request), derivative)).data)


class DerivativeDownload(Door):
    """The bytes of a redacted copy."""

    @extend_schema(request=None, responses={200: shapes.UrlShape, 409: shapes.ProblemShape})
    def post(self, request: Request, derivative: uuid.UUID) -> Response:
        """Record the download, then give an address that opens once."""
        found = report_acts.download_derivative(
            self.person(request), derivative, self.now(), source=source_of(request)
        )
        url = content_url("derivative", found.uuid, found.stored_id, found.filename, found.content_type)
        return Response({"url": url, "sha256": found.sha256, "filename": found.filename})


class Reports(Door):
    """Custody reports."""

    @extend_schema(responses=shapes.ReportShape(many=True))
    def get(self, request: Request) -> Response:
        """List the reports of my cases, newest first."""
        return Response(page(request, access.reports(self.person(request)), shapes.ReportShape))

    @extend_schema(request=dict, responses={202: shapes.ReportShape, 422: shapes.ProblemShape})
    def post(self, request: Request) -> Response:
        """Ask for a report of a `case` or an `item`; ask its state until it is ready.

        `variant` is `sealed` (default) or `public`.
        """
        report = report_acts.request(self.person(request), self.params(request), self.now())
        return Response(shapes.ReportShape(report).data, status=status.HTTP_202_ACCEPTED)


class Report(Door):
    """One custody report."""

    @extend_schema(responses={200: shapes.ReportShape, 404: shapes.ProblemShape})
    def get(self, request: Request, report: uuid.UUID) -> Response:
        """Return the state of the report and its digests."""
        return Response(shapes.ReportShape(access.report(self.person(request), report)).data)


class ReportReceipt(Door):
    """The receipt of a custody report: that the log records this very file as issued."""

    @extend_schema(
        responses={(200, "text/plain"): OpenApiTypes.STR, 404: shapes.ProblemShape, 409: shapes.ProblemShape}
    )
    def get(self, request: Request, report: uuid.UUID) -> HttpResponse:
        """Return the receipt (C2SP tlog-proof), to be kept beside the report."""
        text = report_acts.receipt(self.person(request), report)
        return HttpResponse(text, content_type="text/plain; charset=utf-8")


class ReportDownload(Door):
    """The PDF of a custody report."""

    @extend_schema(request=None, responses={200: shapes.UrlShape, 409: shapes.ProblemShape})
    def post(self, request: Request, report: uuid.UUID) -> Response:
        """Record the download, then give an address that opens once."""
        found = report_acts.download_report(
            self.person(request), report, self.now(), source=source_of(request)
        )
        name = f"custody-report-{found.uuid}.pdf"
        url = content_url("report", found.uuid, found.stored_id, name, "application/pdf")
        return Response({"url": url, "sha256": found.sha256, "filename": name})
