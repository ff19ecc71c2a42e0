"""People for administrators: accounts, locks, training, one-time passwords. No case, no evidence is here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import SimpleListFilter, display
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from custody.accounts.models import KeyState, Person
from custody.accounts.roles import LABELS, Role
from custody.acts import accounts
from custody.admin.door import answered, has_role, note_view, person_of, source_of
from custody.admin.readonly import ReadOnlyAdmin
from custody.errors import ConflictError, InvalidError

ROLES = frozenset({Role.ADMINISTRATOR})
# What the buttons of a person's page ask for; each is one act and says one sentence.
CHANGES = {
    "deactivate": (accounts.deactivate, "The account of {} is deactivated."),
    "activate": (accounts.activate, "The account of {} is active again."),
    "release": (accounts.release_lock, "The lock of {} is released."),
    "training": (accounts.set_training, "The training certificate of {} is entered."),
}


class StandingFilter(SimpleListFilter):
    """Who can log on."""

    title = "account"
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("active", "active"), ("locked", "locked"), ("inactive", "deactivated")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> QuerySet[Person]:
        if self.value() == "locked":
            return queryset.filter(locked_at__isnull=False)
        if self.value() in {"active", "inactive"}:
            return queryset.filter(is_active=self.value() == "active")
        return queryset


class RoleFilter(SimpleListFilter):
    """By role; the machines' is nobody's."""

    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return _roles()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> QuerySet[Person]:
        return queryset.filter(role=self.value()) if self.value() else queryset


class PersonAdmin(ReadOnlyAdmin):
    """Everybody with an account; the machines' own account is not among them."""

    roles = ROLES
    title = "People"
    address = "uuid"
    page_template = "admin/person.html"
    change_list_template = "admin/person_list.html"
    list_display = ["name", "user_name", "role_word", "unit", "standing", "training", "last_seen"]
    list_filter = [StandingFilter, RoleFilter]
    search_fields = ["name", "username", "badge", "unit"]
    search_help_text = "Name, user name, ID number or unit"
    ordering = ["name"]

    def rows(self, person: Person) -> QuerySet[Person]:
        if person.role not in ROLES:
            return Person.objects.none()
        return Person.objects.exclude(role=Role.SERVICE)

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("new/", view(self.new_page), name="custody_person_new")]

    def new_page(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form for a new account; after it, the password, this once."""
        if not has_role(request, ROLES):
            raise PermissionDenied
        context: dict[str, Any] = {
            "title": "New account",
            "roles": _roles(),
            "values": {"agency": settings.AGENCY},
        }
        if request.method != "POST":
            return self.render(request, "admin/person_new.html", context)
        try:
            person, password = accounts.create(_door(request), request.POST.dict())
        except InvalidError as error:
            context |= {
                "errors": error.fields,
                "values": request.POST,
                "problem": "Something is missing or wrong.",
            }
            response = self.render(request, "admin/person_new.html", context)
            response.status_code = error.status
            return response
        return self._show_password(request, person, password, made=True)

    def _show_password(
        self, request: HttpRequest, person: Person, password: str, *, made: bool
    ) -> HttpResponseBase:
        """Answer with the password itself: it is in no session, no address and no message."""
        title = f"{'Account' if made else 'New password'} for {person.name}"
        context = {"title": title, "person": person, "password": password, "made": made}
        return self.render(request, "admin/person_password.html", context)

    def page(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        if request.method == "POST":
            return answered(self._change)(request, object_id)
        return super().page(request, object_id)

    def _change(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        wanted = request.POST.get("change", "")
        try:
            if wanted == "password":
                person, password = accounts.give_password(_door(request), row.uuid, request.POST.dict())
                return self._show_password(request, person, password, made=False)
            if wanted in CHANGES:
                act, sentence = CHANGES[wanted]
                act(_door(request), row.uuid, request.POST.dict())
                messages.success(request, sentence.format(row.name))
        except (InvalidError, ConflictError) as error:
            messages.error(request, error.text)
        return HttpResponseRedirect(reverse(self.link, args=[row.uuid]))

    def context(self, request: HttpRequest, row: Person) -> dict[str, Any]:
        note_view(request, "person", row.uuid)
        keys = list(row.keys.order_by("requested"))
        return {
            "title": row.name,
            "person": row,
            "role": LABELS[Role(row.role)],
            "is_self": row.pk == person_of(request).pk,
            "keys": keys,
            "registered": [key for key in keys if key.state == KeyState.REGISTERED],
            "today": timezone.localdate(),
        }

    @display(description="user name", ordering="username")
    def user_name(self, row: Person) -> str:
        return row.username

    @display(description="role", ordering="role")
    def role_word(self, row: Person) -> str:
        return LABELS[Role(row.role)]

    @display(description="account")
    def standing(self, row: Person) -> str:
        if not row.is_active:
            return "deactivated"
        return "LOCKED" if row.locked_at else "active"

    @display(description="training until", ordering="training_until")
    def training(self, row: Person) -> str:
        if row.training_until is None:
            return "–"
        past = row.training_until < timezone.localdate()
        return f"{row.training_until:%Y-%m-%d}{' (expired)' if past else ''}"

    @display(description="last log-on", ordering="last_login")
    def last_seen(self, row: Person) -> str:
        return f"{timezone.localtime(row.last_login):%Y-%m-%d %H:%M}" if row.last_login else "never"


def _door(request: HttpRequest) -> accounts.Door:
    return accounts.Door(person_of(request), source_of(request), timezone.now())


def _roles() -> list[tuple[str, str]]:
    return [(role, LABELS[Role(role)]) for role in accounts.GIVEN_ROLES]
