"""Which tables have pages in the admin; whatever is not named here has none."""

from django.contrib import admin

from custody.accounts.models import AccessLog, Person, SigningKey
from custody.admin.cases import CaseAdmin
from custody.admin.keys import SigningKeyAdmin
from custody.admin.oversight import AccessLogAdmin, EntryAdmin
from custody.admin.people import PersonAdmin
from custody.admin.transfers import TransferAdmin
from custody.ledger.models import Entry
from custody.transfers import Transfer
from evidence.cases import Case


def everything() -> None:
    """Register the pages; Django's own page of permission groups is none: no group means anything here."""
    admin.site.register(Transfer, TransferAdmin)
    admin.site.register(Case, CaseAdmin)
    admin.site.register(Person, PersonAdmin)
    admin.site.register(SigningKey, SigningKeyAdmin)
    admin.site.register(Entry, EntryAdmin)
    admin.site.register(AccessLog, AccessLogAdmin)
