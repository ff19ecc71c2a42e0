"""`manage.py check_vault`: read every stored object again and compare; exit 0 or 2.

Match, mismatch or unreadable for each; files that no row accounts for are listed and are no failure.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from custody.acts.audit import kept
from custody.acts.audit.vault import check_objects, list_leftovers
from evidence.audit_vault import Checked
from evidence.items import FixityOutcome
from evidence.vault.errors import VaultError
from evidence.vault.local import Orphan, OrphanKind

LEFTOVER = {
    OrphanKind.OBJECT: "sealed object that no row knows",
    OrphanKind.STAGING: "staged bytes of no upload that is being received",
    OrphanKind.STRANGER: "file that this vault did not make",
}


class Command(BaseCommand):
    help = "Read every stored object again and compare with row and ledger; exit 2 unless all match."
    # A damaged installation may refuse to start; looking at it must still be possible.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature
        counts = dict.fromkeys(FixityOutcome.values, 0)
        wrong: list[dict[str, Any]] = []
        not_compared, problem, orphans = 0, "", []
        try:
            for checked in check_objects():
                counts[checked.outcome] += 1
                not_compared += not checked.compared_with_ledger
                if checked.outcome != FixityOutcome.MATCH:
                    wrong.append(as_json(checked))
                if not options["json"]:
                    self.stdout.write(line(checked))
            orphans = list(list_leftovers())
        except VaultError as error:  # the folder itself: nothing in it can be relied upon
            problem = str(error)
        failed = bool(wrong or problem)
        result = {
            "failed": failed,
            "objects": sum(counts.values()),
            **counts,
            "not_compared_with_ledger": not_compared,
            "problem": problem,
            "findings": wrong,
            "leftovers": [leftover_json(orphan) for orphan in orphans],
        }
        self._keep(result)
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else "\n".join(closing(result)))
        if failed:
            sys.exit(2)

    def _keep(self, result: dict[str, Any]) -> None:
        try:
            kept.keep(kept.VAULT, result, timezone.now())
        except OSError as error:
            self.stderr.write(f"The result could not be kept for the page that shows it: {error}")


def line(checked: Checked) -> str:
    """Write one result as a line."""
    return f"{checked.outcome:<10} {checked.what}" + "".join(
        f"\n           {text}" for text in checked.details
    )


def closing(result: dict[str, Any]) -> list[str]:
    """Write what is said at the end."""
    told = [
        f"left over  {LEFTOVER[OrphanKind(found['kind'])]}: {found['name']} ({found['bytes']} bytes)"
        for found in result["leftovers"]
    ]
    if result["not_compared_with_ledger"]:
        number = result["not_compared_with_ledger"]
        told.append(
            f"{number} objects were compared with their rows only: the ledger opens no digest of them."
        )
    if result["problem"]:
        told.append(result["problem"])
    counts = ", ".join(f"{result[outcome]} {outcome}" for outcome in FixityOutcome.values)
    return [*told, f"{result['objects']} objects read: {counts}."]


def as_json(checked: Checked) -> dict[str, Any]:
    """Return one result for machines."""
    return {
        "what": checked.what,
        "object": str(checked.object_id),
        "outcome": str(checked.outcome),
        "sentence": " ".join(checked.details),
    }


def leftover_json(orphan: Orphan) -> dict[str, Any]:
    """Return one left-over file for machines."""
    return {
        "kind": str(orphan.kind),
        "name": orphan.name,
        "bytes": orphan.stored_length,
        "modified": orphan.modified.isoformat(),
    }
