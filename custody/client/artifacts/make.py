"""Make all artifacts of the demonstration's fictional case in one folder, with the exhibit sheet for each.

The same seed gives the same bytes as long as Pillow and typst stay the same. File names say what kind of
thing a file is and never who is in it. Nothing here knows the server.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from . import calls, chats, letter, mails, office, photographs, story

_CAMERA = {"make": "Example Optics", "model": "Pocket 3", "serial": "EO-0003117"}
_PHONE = {"make": "Example Mobile", "model": "EM-20", "serial": "EM20-55120"}
_LAPTOP = {"make": "Example Computing", "model": "Desk 14", "serial": "EC14-0417"}
_OPERATOR = {"make": "Example Telecom", "model": "call records", "serial": "ET-2026-0311"}


@dataclass(frozen=True)
class Artifact:
    """One made file and what the examiner writes on its exhibit sheet."""

    path: Path
    exhibit_number: str
    description: str
    category: str
    source: dict[str, str]
    method: str
    item_class: str

    def sheet(self) -> dict[str, object]:
        """Give the exhibit sheet in the form that the take-in command reads."""
        return {
            "file": self.path.name,
            "exhibit_number": self.exhibit_number,
            "description": self.description,
            "category": self.category,
            "source": self.source,
            "method": self.method,
            "item_class": self.item_class,
            "acquired_at": story.moment(8 * 1440).isoformat(),
            "acquired_where": "Staff house, search of 10 March 2026",
            "tool": "copy with write blocker",
            "tool_version": "1",
            "write_blocker": "yes",
            "seal_number": f"S-{self.exhibit_number}",
            "seal_condition": "intact",
            "quantity": 1,
        }


# file name: exhibit number, description (no names), category of data, source, method, class
_SHEETS: dict[str, tuple[str, str, str, dict[str, str], str, str]] = {
    "IMG_0412.jpg": ("KV/1", "Photograph: doorway", "images", _CAMERA, "card copied", "general"),
    "IMG_0415.jpg": ("KV/2", "Photograph: van", "images", _CAMERA, "card copied", "general"),
    "IMG_0420.jpg": ("KV/3", "Photograph: note", "images", _PHONE, "export", "identifies_victim"),
    "chat-export-1.txt": ("KV/4", "Group chat", "communications", _PHONE, "export", "identifies_victim"),
    "chat-export-2.json": ("KV/5", "Private chat", "communications", _PHONE, "export", "identifies_victim"),
    "mail-001.eml": (
        "KV/6",
        "E-mail, offer",
        "communications",
        _LAPTOP,
        "mailbox export",
        "identifies_victim",
    ),
    "mail-002.eml": (
        "KV/7",
        "E-mail, request",
        "communications",
        _LAPTOP,
        "mailbox export",
        "identifies_victim",
    ),
    "mail-003.eml": (
        "KV/8",
        "E-mail, answer",
        "communications",
        _LAPTOP,
        "mailbox export",
        "identifies_victim",
    ),
    "letter-01.pdf": ("KV/9", "Letter, account", "documents", _LAPTOP, "file copied", "identifies_victim"),
    "statement-01.docx": ("KV/10", "Statement", "documents", _LAPTOP, "file copied", "identifies_victim"),
    "table-01.xlsx": ("KV/11", "Wage table", "financial", _LAPTOP, "file copied", "identifies_victim"),
    "calls-01.csv": ("KV/12", "Call records", "traffic_data", _OPERATOR, "production", "identifies_victim"),
}


def contents(seed: int = 1) -> dict[str, bytes]:
    """Give the bytes of every artifact by file name."""
    chance = random.Random(seed)  # noqa: S311 - the same file each time is the point
    table = office.balance_xlsx()
    return {
        **photographs.photographs(chance),
        "chat-export-1.txt": chats.group_text(chance),
        "chat-export-2.json": chats.private_json(chance),
        **mails.mails(table=table),
        "letter-01.pdf": letter.letter(),
        "statement-01.docx": office.statement_docx(),
        "table-01.xlsx": table,
        "calls-01.csv": calls.calls(chance),
    }


def make_artifacts(folder: Path, seed: int = 1) -> list[Artifact]:
    """Write all artifacts into `folder` (made if missing); give them by exhibit number."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, data in contents(seed).items():
        path = folder / name
        # A file that is there stays untouched: its time is part of how the client knows it again.
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
        made.append(Artifact(path, *_SHEETS[name]))
    return made
