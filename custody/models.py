"""Index of the tables of the custody app, for Django to find; import from the noun's own file."""

from custody.accounts.models import AccessLog, ApiToken, Person, SigningKey
from custody.drafts import Countersignature, Draft
from custody.jobs import Job
from custody.ledger.models import (
    Anchor,
    Checkpoint,
    Cosignature,
    Entry,
    Head,
    MapNode,
    Node,
    Opening,
    Subject,
)
from custody.reports.models import Report
from custody.transfers import Transfer

__all__ = [
    "AccessLog",
    "Anchor",
    "ApiToken",
    "Checkpoint",
    "Cosignature",
    "Countersignature",
    "Draft",
    "Entry",
    "Head",
    "Job",
    "MapNode",
    "Node",
    "Opening",
    "Person",
    "Report",
    "SigningKey",
    "Subject",
    "Transfer",
]
