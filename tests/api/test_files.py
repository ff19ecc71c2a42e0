"""The files service speaks tus 1.0 and Range, and says in problem+json what was wrong."""

import hashlib

import pytest
from django.test import Client, override_settings

from custody.acts import receive
from custody.capability import content_url, upload_url
from evidence.uploads import Upload

DATA = b"0123456789" * 1000
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"

pytestmark = pytest.mark.usefixtures("files")


@pytest.fixture
def files():
    from custody import settings_files

    with override_settings(ROOT_URLCONF=settings_files.ROOT_URLCONF, MIDDLEWARE=settings_files.MIDDLEWARE):
        yield


@pytest.fixture
def upload(cast):
    authority = cast.add_authority(cast.open_case())
    return receive.create_upload(cast.examiner, cast.sheet(authority, DATA), cast.now())


def path(address):
    return "/" + address.split("/", 3)[3]


def patch(upload, offset, data, **headers):
    wanted = TUS | {"Upload-Offset": str(offset)} | {k.replace("_", "-"): v for k, v in headers.items()}
    # The test client drops the content type of an empty body, which no real client does.
    return Client().generic(
        "PATCH",
        path(upload_url(upload)),
        data,
        headers=wanted,
        CONTENT_TYPE=BYTES,
        CONTENT_LENGTH=str(len(data)),
    )


def test_an_upload_in_three_pieces_ends_with_its_digest(upload):
    for begin, end in ((0, 10), (10, 9000), (9000, 10000)):
        answer = patch(upload, begin, DATA[begin:end])
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(end))
    upload.refresh_from_db()
    assert (upload.state, upload.sha256) == ("received", hashlib.sha256(DATA).hexdigest())


def test_head_tells_the_durable_offset(upload):
    patch(upload, 0, DATA[:77])
    answer = Client().head(path(upload_url(upload)), headers=TUS)
    assert (answer["Upload-Offset"], answer["Upload-Length"], answer["Cache-Control"]) == (
        "77",
        "10000",
        "no-store",
    )


@pytest.mark.parametrize(
    ("offset", "data", "headers", "status", "code"),
    [
        (5, b"x", {}, 409, "offset"),
        (0, b"", {}, 422, "empty_chunk"),
        (0, DATA + b"x", {}, 422, "too_long"),
        (0, b"x", {"Upload_Offset": "many"}, 422, "offset_header"),
        (0, b"x", {"Upload_Offset": "-1"}, 422, "offset_header"),
        (0, b"x", {"Tus_Resumable": "0.2"}, 412, "tus_version"),
    ],
)
def test_a_wrong_request_gets_a_clear_problem_and_changes_nothing(
    upload, offset, data, headers, status, code
):
    answer = patch(upload, offset, data, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert Upload.objects.get().offset == 0


def test_an_address_that_was_not_given_by_us_opens_nothing(upload):
    answer = Client().head("/uploads/forged", headers=TUS)
    assert answer.status_code == 403


def test_another_content_type_is_refused(upload):
    headers = TUS | {"Upload-Offset": "0"}
    answer = Client().generic(
        "PATCH", path(upload_url(upload)), b"x", content_type="text/plain", headers=headers
    )
    assert answer.status_code == 415


def test_a_deleted_upload_takes_no_more_bytes(upload):
    address = path(upload_url(upload))
    assert Client().delete(address, headers=TUS).status_code == 204
    assert patch(upload, 0, b"x").status_code == 409


def test_only_our_own_pages_may_use_the_service_from_a_browser(upload, settings):
    address = path(upload_url(upload))
    ours = Client().options(address, headers={"Origin": settings.PUBLIC_URL})
    assert ours["Access-Control-Allow-Origin"] == settings.PUBLIC_URL
    assert "Access-Control-Allow-Origin" not in Client().options(
        address, headers={"Origin": "https://evil.example"}
    )


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=9990-", 9990, 10000),
        ("bytes=-5", 9995, 10000),
        ("bytes=5-999999", 5, 10000),
    ],
)
def test_a_range_of_the_plaintext_is_exact(cast, wanted, begin, end):
    item = cast.take_in(cast.add_authority(cast.open_case()), DATA)
    url = path(content_url("item", item.pk, item.stored_id, "näme.txt", "text/plain"))
    answer = Client().get(url, headers={"Range": wanted})
    assert answer.status_code == 206
    assert b"".join(answer.streaming_content) == DATA[begin:end]
    assert answer["Content-Range"] == f"bytes {begin}-{end - 1}/10000"
    assert answer["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("wanted", ["bytes=10000-", "bytes=7-3", "bytes=0-1,5-6", "lines=1-2"])
def test_a_range_outside_the_file_is_refused(cast, wanted):
    item = cast.take_in(cast.add_authority(cast.open_case()), DATA)
    url = path(content_url("item", item.pk, item.stored_id, "a", "text/plain"))
    assert Client().get(url, headers={"Range": wanted}).status_code == 416
