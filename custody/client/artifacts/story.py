"""The people and the facts of the demonstration's fictional case.

Nobody here exists: the names are invented, the telephone numbers lie in ranges that regulators keep for drama
(+44 7700 900000 to 900999), the mail addresses end in example.org or .invalid, the places are points in open
water. The story is told without violence on purpose: what custody needs is names, dates, numbers and amounts.
This file holds facts only; the other files of this folder turn them into photographs, letters and tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TypedDict

ZONE = timezone(timedelta(hours=0))
FIRST_DAY = datetime(2026, 3, 2, 6, 30, tzinfo=ZONE)

CASE_NUMBER = "DEMO-2026-001"
CASE_TITLE = "Demonstration: staffing agency, hotel cleaning"
AGENCY = "Northern Harbour Staffing"
MANAGER = "Kester Vandaloo"
DRIVER = "Dorian Pallbrook"
MANAGER_MAIL = "office@harbour-staffing.example.org"
MANAGER_PHONE = "+44 7700 900905"
DRIVER_PHONE = "+44 7700 900931"


@dataclass(frozen=True)
class Person:
    """One fictional person whose identity the demonstration protects."""

    name: str
    latin: str
    alias: str
    phone: str
    mail: str
    born: str
    handle: str
    document: str


ZOFIE = Person(
    name="Žofie Hvězdlová",
    latin="Zofie Hvezdlova",
    alias="Žofka",
    phone="+44 7700 900118",
    mail="zofie.hvezdlova@mail.example.org",
    born="2001-04-17",
    handle="@zofka_hv",
    document="XX4170021",
)
MYROSLAVA = Person(
    name="Мирослава Зорянчук",
    latin="Myroslava Zorianchuk",
    alias="Мирося",
    phone="+44 7700 900264",
    mail="m.zorianchuk@post.example.org",
    born="1998-11-02",
    handle="@myrosia.z",
    document="XX8811027",
)
RIMA = Person(
    name="ريما القندلي",
    latin="Rima al-Qandali",
    alias="Rimouna",
    phone="+44 7700 900377",
    mail="rima.q@mail.example.org",
    born="2003-08-29",
    handle="@rima.qandali",
    document="XX0308295",
)
NGAN = Person(
    name="Trương Diễm Ngàn",
    latin="Truong Diem Ngan",
    alias="Sương",
    phone="+44 7700 900481",
    mail="diemngan@post.example.invalid",
    born="1999-01-23",
    handle="@diemngan.99",
    document="XX9901236",
)
PEOPLE = (ZOFIE, MYROSLAVA, RIMA, NGAN)


class Victim(TypedDict):
    """One person of the registry, as the examiner enters them."""

    pseudonym: str
    identifiers: list[dict[str, str]]


def _victim(number: int, person: Person) -> Victim:
    kinds = (
        ("name", person.name),
        ("other_script", person.latin),
        ("alias", person.alias),
        ("phone", person.phone),
        ("email", person.mail),
        ("birth_date", person.born),
        ("handle", person.handle),
        ("document", person.document),
    )
    identifiers = [{"kind": kind, "value": value} for kind, value in kinds]
    return {"pseudonym": f"Victim {number}", "identifiers": identifiers}


# The registry that the examiner enters: the identifiers under which these people appear in the artifacts.
VICTIMS: list[Victim] = [_victim(number, person) for number, person in enumerate(PEOPLE, start=1)]


@dataclass(frozen=True)
class Message:
    """One message of a chat: minutes after the first day's start, sender's name, text."""

    minute: int
    sender: str
    text: str


def moment(minute: int) -> datetime:
    """Give the time of something that happens `minute` minutes after the story begins."""
    return FIRST_DAY + timedelta(minutes=minute)


GROUP_CHAT = (
    Message(3, MANAGER, "Good morning all. Welcome to the rooms team at the Example Seaview."),
    Message(4, MANAGER, "Rota for the week is in the office. Van leaves 06:45, driver is Dorian."),
    Message(9, ZOFIE.name, "Dobré ráno, kde dostaneme smlouvu? Slíbili jste ji před cestou."),
    Message(12, MANAGER, "English please. Contract comes when the paperwork is done."),
    Message(31, MYROSLAVA.name, "Доброго ранку. Мирося і Žofka вже біля дверей."),
    Message(38, DRIVER, "ok 5 min"),
    Message(905, RIMA.name, "I am Rima al-Qandali, I came yesterday. My number is 07700 900 377."),
    Message(911, MANAGER, f"Rima: passport to the office, like {ZOFIE.latin} and {NGAN.latin} did."),
    Message(914, RIMA.name, "متى أستعيد جواز سفري؟"),
    Message(921, MANAGER, "It is safe in the office. You get it back when the travel cost is paid."),
    Message(1502, NGAN.name, "Chào mọi người, mình là Diễm Ngàn. Ngày mai có làm không?"),
    Message(1508, MANAGER, "Sương you are on floor 3 with Zofie. 14 rooms each."),
    Message(1530, NGAN.name, "14 rooms is too much for one shift, yesterday we finished at 19:40"),
    Message(
        2210, ZOFIE.name, "I wrote to zofie.hvezdlova [at] mail.example.org from the library PC, it works."
    ),
    Message(2214, MANAGER, "No going to the library without asking. The van brings you and takes you home."),
    Message(4330, MYROSLAVA.name, "Скажіть, будь ласка, Зорянчук Мирослава має отримати зарплату за лютий?"),
    Message(4341, MANAGER, "M. Zorianchuk: 412 earned, 460 housing and travel. Balance minus 48."),
    Message(4350, MYROSLAVA.name, "That is not what we agreed."),
    Message(5790, RIMA.name, "ريما: اتصلوا بي على +44 7700 900377 من فضلكم"),
    Message(5801, NGAN.name, "Zofka, call me when you can, new number same as before 0 7 7 0 0 9 0 0 4 8 1"),
    Message(7212, MANAGER, "Whoever spoke to the inspector: think about your papers first."),
    Message(7240, ZOFIE.name, "Nobody did anything wrong. We only asked for our documents."),
)

PRIVATE_CHAT = (
    Message(2230, MYROSLAVA.handle, "Žofko, ти вдома?"),
    Message(2233, ZOFIE.handle, "Jo, jsem v pokoji 4. Proč?"),
    Message(2236, MYROSLAVA.handle, "Рима каже, що є номер допомоги, безкоштовний."),
    Message(2240, ZOFIE.handle, "Send it. I will write it on paper, Kester looks into the phones."),
    Message(
        2243, MYROSLAVA.handle, "My full name for the form: Zorianchuk, Myroslava, born 2 November 1998."
    ),
    Message(2247, ZOFIE.handle, "Mine: Hvězdlová Žofie, 17. 4. 2001, document XX 417 0021."),
    Message(2251, ZOFIE.handle, "And Ngan: Trương Diễm Ngàn, 23/01/1999. She asked me to add her."),
    Message(
        3702,
        MYROSLAVA.handle,
        "They answered! A lady will call. She said we can bring nothing and just come.",
    ),
    Message(3709, ZOFIE.handle, "Then Friday, when the van is at the airport."),
    Message(3711, MYROSLAVA.handle, "П'ятниця. Добре. ❤"),
    Message(3720, ZOFIE.handle, "Tell R1m4 quietly, not in the group."),
)


@dataclass(frozen=True)
class Pay:
    """One line of the agency's own table of deductions."""

    name: str
    rooms: int
    earned: int
    housing: int
    travel: int
    documents: int

    @property
    def balance(self) -> int:
        """What the agency says remains, in whole pounds."""
        return self.earned - self.housing - self.travel - self.documents


PAY = (
    Pay(ZOFIE.name, 212, 530, 320, 140, 90),
    Pay(MYROSLAVA.latin, 165, 412, 320, 140, 0),
    Pay(RIMA.latin, 48, 120, 160, 380, 90),
    Pay(NGAN.name, 231, 577, 320, 140, 90),
)

HANDWRITTEN_NOTE = (
    "room 4  floor 3",
    "van 06:45  back 19:30",
    "fri  tell zofie  bring nothing",
    "helpline free  ask for ana",
    "left to pay  1840",
)
