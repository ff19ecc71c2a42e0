"""The demonstration's artifacts: the same bytes each time, readable, with the traps in them, naming nobody real."""

import csv
import email
import email.policy
import io
import json
import random
import re
import zipfile

import exifread
import pytest
from PIL import Image

from custody.client.artifacts import make, photographs, story


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[make.Artifact]:
    return make.make_artifacts(tmp_path_factory.mktemp("case") / "new folder")


@pytest.fixture(scope="module")
def files(made: list[make.Artifact]) -> dict[str, bytes]:
    return {artifact.path.name: artifact.path.read_bytes() for artifact in made}


def test_the_same_seed_gives_the_same_bytes_and_leaves_files_that_are_there_alone(
    made: list[make.Artifact], files: dict[str, bytes]
) -> None:
    folder = made[0].path.parent
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    again = make.make_artifacts(folder)
    assert {artifact.path.name: artifact.path.read_bytes() for artifact in again} == files
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_another_seed_gives_other_photographs(files: dict[str, bytes]) -> None:
    other = photographs.photographs(random.Random(2))
    assert other.keys() <= files.keys()
    assert all(other[name] != files[name] for name in other)


def test_every_file_is_written_with_its_exhibit_sheet(made: list[make.Artifact]) -> None:
    folder = made[0].path.parent
    assert {path.name for path in folder.iterdir()} == {artifact.path.name for artifact in made}
    assert len({artifact.sheet()["exhibit_number"] for artifact in made}) == len(made) == 12


def test_no_file_name_or_sheet_names_a_protected_person(made: list[make.Artifact]) -> None:
    text = json.dumps([artifact.sheet() for artifact in made], ensure_ascii=False).lower()
    for person in story.PEOPLE:
        for name in (*person.name.split(), *person.latin.split(), person.alias, person.phone, person.mail):
            assert not re.search(rf"\b{re.escape(name.lower())}\b", text), name


@pytest.mark.parametrize("name", ["IMG_0412.jpg", "IMG_0415.jpg", "IMG_0420.jpg"])
def test_photographs_have_camera_time_place_and_a_thumbnail(files: dict[str, bytes], name: str) -> None:
    tags = exifread.process_file(io.BytesIO(files[name]))
    assert str(tags["Image Make"]).startswith("Example ")
    assert str(tags["EXIF DateTimeOriginal"]).startswith("2026:03:0")
    assert str(tags["GPS GPSLatitudeRef"]) == "N"
    assert str(tags["GPS GPSLongitudeRef"]) == "W"
    with Image.open(io.BytesIO(tags["JPEGThumbnail"])) as thumbnail:
        assert thumbnail.size == (160, 120)
    with Image.open(io.BytesIO(files[name])) as image:
        image.load()
        assert image.size == (1600, 1200)


def test_one_photograph_carries_its_owners_name_in_the_metadata(files: dict[str, bytes]) -> None:
    tags = exifread.process_file(io.BytesIO(files["IMG_0420.jpg"]))
    assert str(tags["Image Artist"]) == story.ZOFIE.latin


def test_the_text_chat_names_people_in_four_scripts(files: dict[str, bytes]) -> None:
    chat = files["chat-export-1.txt"].decode("utf-8")
    for person in story.PEOPLE:
        assert person.name in chat
    assert re.search(r"^\d\d/\d\d/\d{4}, \d\d:\d\d - ", chat, re.MULTILINE)


def test_the_json_chat_hides_its_names_behind_escapes(files: dict[str, bytes]) -> None:
    raw = files["chat-export-2.json"]
    assert story.MYROSLAVA.name.encode() not in raw
    assert story.MYROSLAVA.name in {message["from"] for message in json.loads(raw)["messages"]}


def test_e_mails_have_encoded_headers_quoted_printable_and_an_attachment(files: dict[str, bytes]) -> None:
    second = email.message_from_bytes(files["mail-002.eml"], policy=email.policy.default)
    assert "Hvězdlová" in second["Subject"]
    assert b"=?utf-8?" in files["mail-002.eml"]
    assert second["Content-Transfer-Encoding"] == "quoted-printable"
    third = email.message_from_bytes(files["mail-003.eml"], policy=email.policy.default)
    (attachment,) = third.iter_attachments()
    assert attachment.get_content() == files["table-01.xlsx"]


def test_office_files_are_packages_with_author_header_and_comment(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(files["statement-01.docx"])) as word:
        assert word.testzip() is None
        assert story.ZOFIE.name in word.read("docProps/core.xml").decode()
        assert story.MYROSLAVA.name in word.read("word/comments.xml").decode()
        # The name is split over two runs: a search of the XML does not find it.
        assert story.ZOFIE.latin not in word.read("word/document.xml").decode()
    with zipfile.ZipFile(io.BytesIO(files["table-01.xlsx"])) as sheet:
        assert story.NGAN.name in sheet.read("xl/worksheets/sheet1.xml").decode()


def test_the_letter_is_a_pdf_and_the_calls_are_a_table(files: dict[str, bytes]) -> None:
    assert files["letter-01.pdf"].startswith(b"%PDF-")
    rows = list(csv.DictReader(io.StringIO(files["calls-01.csv"].decode())))
    assert len(rows) == 120
    assert [row["start_utc"] for row in rows] == sorted(row["start_utc"] for row in rows)


def test_telephones_and_addresses_are_from_ranges_reserved_for_fiction() -> None:
    for person in story.PEOPLE:
        assert re.fullmatch(r"\+44 7700 900\d{3}", person.phone)
        assert person.mail.endswith((".example.org", ".invalid"))
