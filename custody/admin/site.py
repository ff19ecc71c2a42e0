"""Our admin site: its log-on, its first page with what waits for each role, the page of the last audits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import logout as log_off
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from custody import access
from custody.accounts.models import KeyState, Person, SigningKey, note_access
from custody.accounts.roles import Role
from custody.acts import accounts
from custody.admin import log_on, passkeys, together, verification
from custody.admin.door import has_role, note_view, person_of, source_of
from custody.errors import InvalidError
from custody.transfers import TransferState


@dataclass(frozen=True)
class Task:
    """One thing that a role does here, with how much of it waits."""

    title: str
    sentence: str
    url: str
    waiting: int | None = None


class Site(AdminSite):
    """The admin of one agency."""

    site_title = "Unbroken administration"
    site_header = "Administration"
    index_title = "Administration"
    enable_nav_sidebar = False
    login_form = log_on.LogOnForm

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if self.has_permission(request):
            context["tasks"] = tasks(person_of(request))
        elif isinstance(request.user, Person):
            context["not_for"] = log_on.not_for(request.user)
        return context

    def get_urls(self) -> list[URLResolver | URLPattern]:
        own = [
            path("verification/", self.admin_view(self.verification), name="verification"),
            path("passkeys/", self.admin_view(self.passkeys), name="passkeys"),
            path("together/", self.admin_view(self.together), name="together"),
        ]
        return [*own, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what waits for the person's role."""
        context = {**self.each_context(request), "title": self.index_title} | (extra_context or {})
        return TemplateResponse(request, "admin/index.html", context)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Apps are the programmers' order of things; people get the first page."""
        return self.index(request, extra_context)

    @method_decorator(require_POST)
    def logout(  # type: ignore[override]  # the stubs are narrower than Django's own answer
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """End the session, and write that down."""
        if isinstance(request.user, Person):
            note_access(person=request.user, act="log-off", now=timezone.now(), source=source_of(request))
        log_off(request)
        return HttpResponseRedirect(reverse("admin:login"))

    def password_change(  # type: ignore[override]  # the stubs are narrower than Django's own answer
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Change one's own password; the session goes on, all others end."""
        context = {**self.each_context(request), "title": "Change password"}
        if request.method != "POST":
            return TemplateResponse(request, "admin/password_change.html", context)
        person = person_of(request)
        try:
            accounts.change_own_password(person, request.POST.dict(), source_of(request), timezone.now())
        except InvalidError as error:
            context |= {"errors": error.fields}
            return TemplateResponse(request, "admin/password_change.html", context, status=error.status)
        update_session_auth_hash(request, person)
        messages.success(request, "Your password is changed.")
        return HttpResponseRedirect(reverse("admin:index"))

    def verification(self, request: HttpRequest) -> TemplateResponse:
        """Show auditors what the signed heads and the last audits say."""
        if not has_role(request, verification.ROLES):
            raise PermissionDenied
        note_view(request, "verification", "")
        context = {**self.each_context(request), "title": "Verification", **verification.state()}
        return TemplateResponse(request, "admin/verification.html", context)

    def passkeys(self, request: HttpRequest) -> TemplateResponse:
        """Show administrators where passkeys may be used, and let them state it."""
        if not has_role(request, passkeys.ROLES):
            raise PermissionDenied
        note_view(request, "policy", "")
        context = {**self.each_context(request), "title": "Passkeys", **passkeys.state(person_of(request))}
        return TemplateResponse(request, "admin/passkeys.html", context)

    def together(self, request: HttpRequest) -> TemplateResponse:
        """Show administrators what several sign, and how many must."""
        if not has_role(request, together.ROLES):
            raise PermissionDenied
        note_view(request, "together", "")
        context = {
            **self.each_context(request),
            "title": "Signed together",
            **together.state(person_of(request)),
        }
        return TemplateResponse(request, "admin/together.html", context)


def tasks(person: Person) -> list[Task]:
    """Return what this person's role does here."""
    if person.role == Role.SUPERVISOR:
        waiting = access.transfers(person).filter(state=TransferState.ACCEPTED).count()
        return [
            Task(
                "Transfers to approve",
                "Accepted by the taker, waiting for a third person's signature.",
                reverse("admin:custody_transfer_changelist"),
                waiting,
            ),
            Task(
                "Cases",
                "Open and close cases, assign people, enter and end legal authorities.",
                reverse("admin:evidence_case_changelist"),
            ),
        ]
    if person.role == Role.ADMINISTRATOR:
        return _administrators_tasks(person)
    if person.role == Role.AUDITOR:
        return _auditors_tasks()
    return []


def _administrators_tasks(person: Person) -> list[Task]:
    locked = Person.objects.filter(locked_at__isnull=False).count()
    keys = SigningKey.objects.filter(state=KeyState.REQUESTED).count()
    return [
        Task(
            "People",
            "Make accounts, release locks, enter training, deactivate."
            + (f" Locked accounts: {locked}." if locked else ""),
            reverse("admin:custody_person_changelist"),
        ),
        Task(
            "Signing keys",
            "Enrol the keys that people made, revoke lost ones.",
            reverse("admin:custody_signingkey_changelist"),
            keys,
        ),
        Task(
            "Passkeys",
            "At which addresses passkeys may be used: stated in the log, for every reader of a report.",
            reverse("admin:passkeys"),
        ),
        Task(
            "Signed together",
            "What waits for a second administrator's signature, and how many must enrol a key.",
            reverse("admin:together"),
            together.waits(person),
        ),
    ]


def _auditors_tasks() -> list[Task]:
    return [
        Task(
            "Verification",
            "Signed heads of the log, and the last full audits.",
            reverse("admin:verification"),
        ),
        Task(
            "Custody log",
            "Every entry: its type, times, hash, and whether a signed head covers it.",
            reverse("admin:custody_entry_changelist"),
        ),
        Task(
            "Access log",
            "Who looked at what, when, from where, and why.",
            reverse("admin:custody_accesslog_changelist"),
        ),
    ]
