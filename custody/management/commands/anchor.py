"""`manage.py anchor`: have the newest head of the log stamped by the outside authorities now; exit 0 or 2."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from custody.acts import anchor
from custody.ledger.authorities import AuthorityError


class Command(BaseCommand):
    help = "Ask the outside time stamping authorities to stamp what is new in the log; exit 2 if one failed."

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature
        now = timezone.now()
        try:
            asked = anchor.stamp(now)
            standings = anchor.standings()
        except AuthorityError as error:
            raise CommandError(str(error), returncode=2) from error
        for one in asked:
            self.stdout.write(f"{one.authority}: {one.problem or 'stamped.'}")
        if not asked:
            self.stdout.write(
                "Nothing waits for a stamp." if standings else "No outside authority is configured."
            )
        if any(one.problem for one in asked):
            sys.exit(2)
