"""`manage.py export_tiles FOLDER`: write the log as files for mirrors (C2SP tlog-tiles), or bring them up to date.

The folder holds no openings and no evidence. Writes up to the newest signed head; the head itself comes last.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from custody.ledger import log_files, publish


class Command(BaseCommand):
    help = "Write the log as files (tlog-tiles) into a folder, for a mirror or a stick."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's own signature
        newest = publish.newest()
        if newest is None:
            raise CommandError("The log has no signed head yet; run open_log first.")
        try:
            written = log_files.export(options["folder"], newest)
        except OSError as error:
            raise CommandError(f"{options['folder']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{newest.size} entries, {written} tiles written, head over {newest.size} entries.")
