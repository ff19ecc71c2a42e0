"""`manage.py replay_ledger`: recompute the whole ledger from its entries and compare; exit 0 or 2.

Reads only, one state of the database, while the system runs. What is compared: `custody/ledger/replay.py`.
"""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from custody.acts.audit import kept
from custody.acts.audit.tables import audit_ledger
from custody.ledger.replay import Replayed
from custody.ledger.replay_findings import STEPS, Finding, Level
from custody.proof.errors import ProofError
from custody.proof.policy import Policy, parse_policy


class Command(BaseCommand):
    help = "Recompute the ledger from its entries and compare everything stored; exit 2 if anything is wrong."
    # An auditor must be able to run it on a system that refuses to start.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
        parser.add_argument(
            "--policy", type=Path, help="pinned policy (default: policy.txt of the data folder)"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature
        begun = time.monotonic()
        replayed = audit_ledger(pinned_policy(options["policy"]))
        result = summary(replayed) | {"seconds": round(time.monotonic() - begun, 1)}
        try:
            kept.keep(kept.LEDGER, result, timezone.now())
        except OSError as error:
            self.stderr.write(f"The result could not be kept for the page that shows it: {error}")
        if options["json"]:
            self.stdout.write(json.dumps(result, indent=1))
        else:
            self.stdout.write("\n".join(lines(replayed)))
        if replayed.findings.failed():
            sys.exit(2)


def pinned_policy(path: Path | None) -> Policy | None:
    """Read the pins from outside the database; None where none were kept and none are named."""
    file = path or Path(settings.DATA_DIR) / "policy.txt"
    try:
        return parse_policy(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if path is None:
            return None
        raise CommandError(f"{file} is not there.") from error
    except (OSError, UnicodeDecodeError, ProofError) as error:
        raise CommandError(f"The policy {file} cannot be used: {error}") from error


def summary(replayed: Replayed) -> dict[str, Any]:
    """Return the result for machines."""
    return {
        "failed": replayed.findings.failed(),
        "entries": replayed.entries,
        "published": replayed.published,
        "items": len(replayed.items),
        "findings": [
            {
                "code": str(finding.code),
                "step": finding.step,
                "level": str(finding.level),
                "index": finding.index,
                "times": finding.times,
                "sentence": finding.sentence,
            }
            for finding in replayed.findings
        ],
    }


def lines(replayed: Replayed) -> list[str]:
    """Say the result step by step."""
    by_step: dict[int, list[Finding]] = {}
    for finding in replayed.findings:
        by_step.setdefault(finding.step, []).append(finding)
    told = [f"{replayed.entries} entries, {replayed.published} of them under a signed head."]
    for number, name in enumerate(STEPS[1:], start=1):
        found = by_step.get(number, [])
        wrong = any(finding.level is Level.FAILURE for finding in found)
        told.append(f"{'WRONG' if wrong else 'ok':<6} {number:>2} {name}")
        told += [f"          {sentence(finding)}" for finding in found]
    verdict = (
        "The ledger or what hangs on it is WRONG." if replayed.findings.failed() else "Everything agrees."
    )
    return [*told, verdict]


def sentence(finding: Finding) -> str:
    """Write one finding as a line."""
    where = "" if finding.index is None else f"entry {finding.index}: "
    more = "" if finding.times == 1 else f" (and {finding.times - 1} more of this kind after it)"
    return f"{where}{finding.sentence}{more} [{finding.code}]"
