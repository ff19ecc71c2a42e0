"""The base of the admin's pages: they show. Nothing is changed but by signed acts and those of accounts.py.

A subclass says which roles see it, which rows the gate gives them, and what its page shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin, ShowFacets
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from custody.accounts.models import Person
from custody.accounts.roles import Role
from custody.admin.door import answered, has_role, person_of

if TYPE_CHECKING:
    _Base = ModelAdmin[Any]
else:  # generic for the type checker only
    _Base = ModelAdmin


class ReadOnlyAdmin(_Base):
    """Lists rows and shows one on a page of its own."""

    roles: frozenset[Role] = frozenset()
    # Words for the list and its breadcrumb; models are named for programmers.
    title = ""
    page_template = ""
    change_list_template = "admin/plain_list.html"
    # Attribute that names a row in addresses; ids of the database stay inside.
    address = "pk"
    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    def rows(self, person: Person) -> QuerySet[Any]:
        """Return what this person may know of, from the gate."""
        raise NotImplementedError

    def context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return what the page of one row shows."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.rows(person_of(request)).order_by(*(self.get_ordering(request) or ["pk"]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row by its address, or None; somebody else's thing is not found."""
        return row_of(self.rows(person_of(request)), self.address, object_id)

    def get_urls(self) -> list[URLPattern]:
        """Only a list and a page: no adding, changing, deleting, and no history that would not be one."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        urls = [path("", view(self.changelist_view), name=f"{name}_changelist"), *self.own_urls()]
        if self.page_template:
            urls.append(path("<str:object_id>/", view(self.page), name=f"{name}_change"))
        return urls

    def own_urls(self) -> list[URLPattern]:
        """Return addresses beside list and page."""
        return []

    @property
    def link(self) -> str:
        """Return the name of the page's address."""
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_change"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request, self.roles)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return has_role(request, self.roles)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Rows

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": self.title} | (extra_context or {})
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def page(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show one row."""
        return answered(self._page)(request, object_id)

    def _page(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return self.render(request, self.page_template, self.context(request, row))

    def render(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        """Answer with a template of ours, inside the admin's frame."""
        listed = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        frame = {"opts": self.opts, "list_title": self.title, "list_url": listed}
        shown = {**self.admin_site.each_context(request), **frame}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, shown | context)


class Rows(ChangeList):
    """Links each row by the attribute its pages are addressed by."""

    def url_for_result(self, result: Model) -> str:
        admin: Any = self.model_admin
        return reverse(admin.link, args=[getattr(result, admin.address)])


def row_of(rows: QuerySet[Any], name: str, value: str) -> Any:
    """Return the row with this value; None also for a value that none could have."""
    field: Any = rows.model._meta.pk if name == "pk" else rows.model._meta.get_field(name)
    try:
        key = field.to_python(value)
    except ValidationError:
        return None
    # PostgreSQL has no NUL in text; a key with one is nobody's.
    return None if "\0" in str(key) else rows.filter(**{field.name: key}).first()
