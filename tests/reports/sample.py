"""Report content for the tests: one case, made up, with as many exhibits and events as a test asks for."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from custody.reports import content as c

CREATED = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
BUNDLE = b'{"checkpoint":"evidence.example/log\\n19255\\n","format":"unbroken.custody-bundle/v1","note":"\xc3\xa9"}'
KEYS = tuple(f"{letter}Jx3vQm0Zt8uHk2rWn5yLb7cPd1sFg4aEi6oTq9wRz-" for letter in "qrs")

EXAMINER = c.Person("Dana Reyes", "Examiner", "Harbour Police, Digital Unit", "HP-4711")
OFFICER = c.Person("Jonas Weil", "Evidence officer", "Harbour Police, Evidence Store", "HP-1022")
SUPERVISOR = c.Person("Amara Okafor", "Supervisor", "Harbour Police, Digital Unit", "HP-0031")
PEOPLE = (EXAMINER, OFFICER, SUPERVISOR)


def at(minutes: int) -> str:
    return c.moment(CREATED - timedelta(days=30) + timedelta(minutes=minutes))


def digest(text: str, algorithm: str = "SHA-256") -> c.Digest:
    hashes = {"SHA-256": hashlib.sha256, "BLAKE3": hashlib.sha256, "MD5": hashlib.md5}
    return c.Digest(algorithm, hashes[algorithm](f"{algorithm} {text}".encode()).hexdigest())


def signature(person: int, record: int) -> c.Signature:
    leaf = hashlib.sha256(f"leaf {record}".encode()).hexdigest()
    return c.Signature(PEOPLE[person], KEYS[person], record, leaf, at(record * 7), at(record * 7 + 1))


def item(number: int) -> c.Item:
    name = f"1{chr(65 + number % 26)}{number // 26 or ''}"
    return c.Item(
        exhibit=name,
        item_id=f"6f1d2c3b-0000-4000-8000-{number:012d}",
        description="Full file system extraction of a mobile telephone, one archive file",
        item_class="identifies a victim",
        make="Fairphone",
        model="FP5",
        serial=f"FP5-2024-{number:05d}",
        condition="Display cracked, powers on",
        marks="Sticker on the back, blue",
        received_from="Suspect 1",
        acquired_by=EXAMINER,
        acquired_at=at(number),
        acquired_where="Flat at the harbour, second floor, kitchen table",
        acquired_how="Advanced logical acquisition with the device unlocked",
        reason="Named in the warrant as a means of contact",
        authority="A1",
        tool="Extractor Pro",
        tool_version="11.4.2",
        seal_number="S-203991",
        seal_condition="intact",
        submitted_by=EXAMINER,
        intake_claimed=at(number + 60),
        intake_recorded=at(number + 61),
        file_name=f"extraction_{number:03d}.tar",
        size=63_912_448_000 + number,
        content_type="application/x-tar",
        digests=(digest(f"item {number}"), digest(f"item {number}", "BLAKE3")),
        declared=(digest(f"item {number}"), digest(f"item {number}", "MD5")),
        declared_outcome="equal",
        last_check=f"{at(30_000)}: match",
        custodian=OFFICER,
        storage="Store 2, shelf 14, box 7; vault object sealed",
        status="in custody",
    )


def event(record: int, exhibit: str = "1A") -> c.Event:
    kinds = ("Stored copy checked against its hash", "Metadata read", "Unredacted content opened")
    kind = "Taken into custody" if record == 12 else kinds[record % 3]
    return c.Event(
        record=record,
        kind=kind,
        claimed=at(record * 7),
        recorded=at(record * 7 + 1),
        actor=PEOPLE[record % 3],
        key=KEYS[record % 3],
        exhibits=(exhibit,),
        purpose="Preparation of the examination report",
        place="Laboratory 3",
        outcome="match",
        before=(digest("item 0"),),
        after=(digest("item 0"),),
    )


def transfer(number: int) -> c.Transfer:
    return c.Transfer(
        exhibits=("1A",),
        outcome="approved: custody moved",
        purpose="Storage after acquisition",
        place="Evidence store 2",
        authority="A1",
        seal_number="S-203991",
        seal_condition="intact",
        released_by=signature(0, 40 + 3 * number),
        received_by=signature(1, 41 + 3 * number),
        approved_by=signature(2, 42 + 3 * number),
        before=(digest("item 0"),),
        after=(digest("item 0"),),
    )


def timeline(exhibits: tuple[c.Item, ...], transfers: int) -> c.Timeline | c.Absent:
    """The first exhibit changes hands with every transfer; the others stay where they are."""
    if not exhibits:
        return c.NOT_RECORDED
    cuts = [n * c.AXIS // (transfers + 1) for n in range(transfers + 2)]
    moved = tuple(
        c.Holding(
            exhibits[0].exhibit,
            1 + n % 3,
            PEOPLE[n % 3],
            at(cuts[n]),
            at(cuts[n + 1]),
            12 + n,
            cuts[n],
            cuts[n + 1],
        )
        for n in range(transfers + 1)
    )
    last = c.Stretch(8_000, c.AXIS)
    lanes = [c.Lane(exhibits[0].exhibit, moved, (c.Tick(2_000, True), c.Tick(6_000, False)), (last,))]
    for number, each in enumerate(exhibits[1:], 1):
        left = min(number * 40, 9_000)
        held = c.Holding(each.exhibit, 1, EXAMINER, at(left), c.NOT_APPLICABLE, 12 + number, left, c.AXIS)
        lanes.append(c.Lane(each.exhibit, (held,), (c.Tick(9_000, True),)))
    marks = ("2026-10-22", "2026-10-29", "2026-11-05", "2026-11-13", "2026-11-20")
    return c.Timeline(at(0), at(43_000), marks, tuple(lanes))


def case_report(
    *, items: int = 2, events: int = 8, transfers: int = 2, test_seal: bool = True
) -> c.ReportContent:
    exhibits = tuple(item(number) for number in range(items))
    return c.ReportContent(
        scope=c.Scope.CASE,
        report_id="2026-11-0042",
        agency="Harbour Police",
        unit="Digital Unit",
        case_number="HP/2026/1187",
        case_title="Operation Lantern",
        case_id="0d9f4c1e-7a55-4a0e-9a51-cd0a4bb2a001",
        offence="Trafficking in human beings, section 232",
        prepared_by=EXAMINER,
        prepared_for="Public prosecutor, Harbour district",
        purpose="Filing with the indictment",
        log=c.Log(
            origin="evidence.example/log",
            size=19255,
            root="CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
            genesis="q1ZQWw0vJw5rj9i6XwJx2b5Zk0kqvR0a3J7m8m2m7vA=",
            key="evidence.example/log+2f1c9a77+AcsfRoSUIX9cmZkqjo6GgRJ1y0q6aQeJbRtJk2WmSg3b",
            outside_time="none configured: times are the signers' claims, bounded by the order of the log",
            witnesses="none",
        ),
        verifier_command="python -m custody.proof report.pdf --policy agency.policy",
        authorities=(
            c.Authority(
                number="A1",
                kind="Search warrant",
                issued_by="Local Court, Harbour",
                reference="12 Gs 4410/26",
                scope="Mobile telephones and storage media found at the address",
                categories="communications, images, location",
                valid_from="2026-10-01",
                valid_until="2027-04-01",
                status="in force",
            ),
        ),
        pseudonyms=(c.Pseudonym("Victim 1", "possible victim"), c.Pseudonym("Suspect 1", "suspect")),
        items=exhibits,
        transfers=tuple(transfer(number) for number in range(transfers)),
        events=tuple(event(12 + n, exhibits[n % items].exhibit) for n in range(events)),
        timeline=timeline(exhibits, transfers),
        questions=(
            c.Question("Before intake", "A time between acquisition and intake.", 1),
            c.Question("Open transfer", "A transfer that is neither approved nor ended.", 0),
        ),
        continuity=f"Computed for every exhibit from acquisition to {at(40_000)}.",
        gaps=(
            c.Gap("1A", "No custodian recorded between acquisition and intake", at(0), at(60), c.WITHHELD),
        ),
        closed=1,
        withheld=("Record no. 14: file name (order of the Local Court, Harbour, 12 Gs 4410/26)",),
        checks=(
            c.Check(
                c.Level.OK, "All records carry valid signatures of keys enrolled at that place in the log."
            ),
            c.Check(c.Level.REMARK, "No outside time stamp is configured."),
        ),
        signers=tuple(
            c.Signer(person, key, "ES256, software key", 3 + n, "valid")
            for n, (person, key) in enumerate(zip(PEOPLE, KEYS, strict=True))
        ),
        seal_authority=hashlib.sha256(b"authority").hexdigest(),
        test_seal=test_seal,
    )


def item_report(**changes: object) -> c.ReportContent:
    whole = case_report(items=1)
    return replace(whole, scope=c.Scope.ITEM, items=(replace(whole.items[0], **changes),))  # type: ignore[arg-type]
