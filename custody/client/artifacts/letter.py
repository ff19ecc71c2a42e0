"""The agency's letter as a PDF, set with typst and only with the typefaces that typst itself brings.

No system typeface is used: the demonstration must look the same on every machine. The letter therefore
stays in Latin and Cyrillic; Arabic stands in the chats and tables.
"""

from __future__ import annotations

import json
from datetime import date

import typst

from . import story

_SOURCE = """
#let facts = json(bytes(sys.inputs.facts))
#set document(title: "Statement of account", author: facts.manager, date: datetime(
  year: facts.year, month: facts.month, day: facts.day))
#set page(paper: "a4", margin: (x: 25mm, y: 30mm))
#set text(font: "Libertinus Serif", size: 11pt, lang: "en")
#text(size: 15pt, weight: "bold")[#facts.agency] \\
#text(size: 9pt)[#facts.mail · #facts.phone]
#v(14mm)
#for person in facts.people [#person.name (#person.latin), born #person.born \\ ]
Staff house, rooms 3 and 4
#v(8mm)
#text(weight: "bold")[Statement of account and keeping of documents]
#v(3mm)
Dear colleagues,

as explained at your arrival, the agency has advanced travel and housing. The amounts below are deducted
from the wages. The passports listed here stay in the office until the balance is settled.
#v(3mm)
#table(columns: (1fr, auto, auto), inset: 6pt,
  table.header([*Name*], [*Document*], [*Balance, GBP*]),
  ..for person in facts.people { (person.name, person.document, str(person.balance)) })
#v(3mm)
Ms #facts.people.at(0).latin has asked for an earlier return. This is refused. Calls to
#facts.people.at(0).phone will be made by Mr #facts.driver.
#v(10mm)
#facts.manager
"""


def _facts(on: date) -> dict[str, object]:
    balances = {row.name: row.balance for row in story.PAY}
    people = [
        {
            "name": person.name,
            "latin": person.latin,
            "born": person.born,
            "phone": person.phone,
            "document": person.document,
            "balance": balances.get(person.name, balances.get(person.latin, 0)),
        }
        for person in (story.ZOFIE, story.MYROSLAVA, story.NGAN)
    ]
    return {
        "agency": story.AGENCY,
        "mail": story.MANAGER_MAIL,
        "phone": story.MANAGER_PHONE,
        "manager": story.MANAGER,
        "driver": story.DRIVER,
        "people": people,
        "year": on.year,
        "month": on.month,
        "day": on.day,
    }


def letter() -> bytes:
    """Give the letter's PDF; the same bytes each time for one version of typst."""
    at = story.moment(4300)
    return typst.compile(
        _SOURCE.encode("utf-8"),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"facts": json.dumps(_facts(at.date()))},
        timestamp=int(at.timestamp()),
    )
