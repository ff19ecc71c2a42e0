"""Custody reports: the list, one report with the progress of its making, and its download."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from custody import access
from custody.acts import report as acts
from custody.capability import content_url
from custody.web.door import note_view, page, person_of, source_of
from custody.web.errors import is_fragment

PER_PAGE = 30


@page
def report_list(request: HttpRequest) -> HttpResponse:
    """List the reports of the person's cases, newest first."""
    person = person_of(request)
    access.require_role(person, "report.view")
    context = {
        "page": Paginator(access.reports(person), PER_PAGE).get_page(request.GET.get("page")),
        "downloads": access.may(person, "report.download"),
    }
    return render(request, "custody_reports/list.html", context)


@page
def report_page(request: HttpRequest, report: uuid.UUID) -> HttpResponse:
    """Show one report; while it is being made the page asks for its state."""
    person = person_of(request)
    found = access.report(person, report)
    context = {"report": found, "downloads": access.may(person, "report.download")}
    if is_fragment(request):
        return render(request, "custody_reports/card.html", context)
    note_view(request, "report", found.pk)
    return render(request, "custody_reports/report.html", context)


@page
@require_POST
def report_download(request: HttpRequest, report: uuid.UUID) -> HttpResponseBase:
    """Record the download, then send the browser to the file."""
    found = acts.download_report(person_of(request), report, timezone.now(), source=source_of(request))
    name = f"custody-report-{found.uuid}.pdf"
    return HttpResponseRedirect(content_url("report", found.uuid, found.stored_id, name, "application/pdf"))


@page
def report_receipt(request: HttpRequest, report: uuid.UUID) -> HttpResponse:
    """Hand out the receipt, under the name it has beside the report."""
    text = acts.receipt(person_of(request), report)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="custody-report-{report}.pdf.tlog-proof"'
    return response
