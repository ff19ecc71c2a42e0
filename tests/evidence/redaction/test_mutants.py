"""Planted defects: a finished copy in which one thing is un-redacted again must be refused, every time.

The mutants are drawn with a fixed seed. Each puts one spelling of one registered identifier, bare or wrapped, back in
the place of a pseudonym (or anywhere in the copy), or puts metadata back into a picture.
"""

import base64
import json
import random
import re
from collections import Counter
from email.message import EmailMessage

from evidence.redaction.leak_check import check
from evidence.redaction.redact import redact
from evidence.redaction.registry import Kind, Protected
from tests.evidence.redaction import pictures
from tests.evidence.redaction.people import PEOPLE, Invented
from tests.evidence.redaction.writing import wrapped, written

TEXT_MUTANTS = 420
PICTURE_MUTANTS = 120
SEED = 20_261_121
CASE = [person for person in PEOPLE if person.locale in ("es", "de", "ru", "ar", "zh", "vi", "fr")]


def _registry() -> list[Protected]:
    return [row for place, person in enumerate(CASE, 1) for row in person.registry(f"Victim {place}")]


def _sentences() -> list[str]:
    people = [f"{p.name} ({p.alias}), born {p.birth_date}, {p.phone}, {p.email}, {p.address}" for p in CASE]
    return [
        sentence
        for person in people
        for sentence in (f"Then came {person}.", "Nobody else was in the house.")
    ]


def _mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"{CASE[0].name} <{CASE[0].email}>", "desk@agency.example"
    message["Subject"] = f"About {CASE[1].name}"
    message.set_content("\n".join(_sentences()))
    message.add_alternative("".join(f"<p>{sentence}</p>" for sentence in _sentences()), subtype="html")
    message.add_attachment(
        "\n".join(_sentences()).encode(), maintype="text", subtype="csv", filename="list.csv"
    )
    message.add_attachment(b"\xff\xd8\xff" + b"x" * 500, maintype="image", subtype="jpeg", filename="a.jpg")
    return message.as_bytes()


def _originals() -> dict[str, bytes]:
    rows = [[p.name, p.alias, p.birth_date, p.phone, p.email, p.handle, p.address, p.document] for p in CASE]
    table = "name,alias,born,phone,email,handle,address,document\n" + "\n".join(
        ",".join(f'"{cell}"' for cell in row) for row in rows
    )
    return {
        "text/plain": "\n".join(_sentences()).encode(),
        "text/csv": table.encode(),
        "application/json": json.dumps({p.name: row for p, row in zip(CASE, rows, strict=True)}).encode(),
        "message/rfc822": _mail(),
    }


def _spelling(draw: random.Random, person: Invented) -> tuple[str, str]:
    kind = draw.choice([kind for kind in Kind if getattr(person, kind.value)])
    label, text = draw.choice(list(written(person, kind)))
    if draw.random() < 0.4:
        outer, text = draw.choice(list(wrapped(getattr(person, kind.value))))
        label = f"as registered, {outer}"
    return f"{kind}, {label}", text


def _mutate(draw: random.Random, copy: str, kind: str, text: str) -> str:
    if kind == "application/json":
        text = json.dumps(text, ensure_ascii=draw.random() < 0.5)[1:-1]
    elif kind == "text/csv":
        text = text.replace('"', "'")
    elif kind == "message/rfc822" and draw.random() < 0.2:
        # A part comes back in a transfer encoding, as it was in the original.
        body = base64.encodebytes(text.encode()).decode()
        headers = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64"
        return copy.replace(
            "Content-Type: text/csv; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
            headers + "\n\n" + body,
            1,
        )
    places = [match.span() for match in re.finditer(r"Victim [0-9]+", copy)]
    start, end = draw.choice(places)
    return f"{copy[:start]}{text}{copy[end:]}"


def test_every_mutant_of_a_text_is_refused_because_it_names_a_person() -> None:
    draw = random.Random(SEED)
    registry = _registry()
    copies = {kind: redact(data, kind, registry).data.decode() for kind, data in _originals().items()}
    for kind, copy in copies.items():
        report = check(copy.encode(), kind, registry)
        assert report.passed, (kind, report.findings)
    survived: list[str] = []
    drawn: Counter[str] = Counter()
    for _ in range(TEXT_MUTANTS):
        kind, person = draw.choice(list(copies)), draw.choice(CASE)
        label, text = _spelling(draw, person)
        mutant = _mutate(draw, copies[kind], kind, text)
        drawn[kind] += 1
        report = check(mutant.encode("utf-8", "surrogatepass"), kind, registry)
        if not any(finding.code == "names_a_person" for finding in report.findings):
            survived.append(f"{kind}: {person.locale} {label}: {text!r}")
    print(f"{TEXT_MUTANTS} mutants {dict(drawn)}, {len(survived)} not seen")
    assert not survived, "\n".join(survived)


def _picture_mutant(draw: random.Random, data: bytes, *, is_png: bool) -> bytes:
    secret = draw.choice([p.name for p in CASE]).encode(draw.choice(["utf-8", "utf-16-le"]))
    body = bytes(draw.randrange(256) for _ in range(draw.randrange(40))) + draw.choice(
        [secret, b"", pictures.exif()]
    )
    if draw.random() < 0.2:
        return data + (body or b"\0")
    if is_png:
        kind = draw.choice(
            [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"tIME", b"pHYs", b"prVt", b"acTL", b"IDAT"]
        )
        place = draw.choice([33, len(data) - 12])
        return data[:place] + pictures.chunk(kind, body) + data[place:]
    marker = draw.choice([0xE1, 0xE2, 0xED, 0xEE, 0xEF, 0xFE, 0xE0, 0xF0])
    place = draw.choice([2, 20, len(data) - 2])
    return data[:place] + pictures.segment(marker, body[:60_000]) + data[place:]


def test_every_mutant_of_a_picture_is_refused() -> None:
    draw = random.Random(SEED)
    registry = _registry()
    copies = {
        kind: redact(data, kind, registry).data
        for kind, data in (("image/png", pictures.png()), ("image/jpeg", pictures.jpeg()))
    }
    survived = []
    for number in range(PICTURE_MUTANTS):
        kind = draw.choice(list(copies))
        mutant = _picture_mutant(draw, copies[kind], is_png=kind == "image/png")
        if check(mutant, kind, registry).passed:
            survived.append(f"{number}: {kind}")
    print(f"{PICTURE_MUTANTS} mutants of pictures, {len(survived)} not seen")
    assert not survived, survived
