"""Pictures: a new file from pixels alone, turned upright, the same every time; and what is refused."""

import io

import pytest
from PIL import Image

from evidence.redaction.leak_check import check
from evidence.redaction.redact import redact
from evidence.redaction.registry import Redacted, Remark, UnsupportedError
from tests import corpus
from tests.evidence.redaction import pictures
from tests.evidence.redaction.people import five_victims

REGISTRY = five_victims()


def _copy(data: bytes, kind: str) -> Redacted:
    redacted = redact(data, kind, REGISTRY)
    report = check(redacted.data, redacted.content_type, REGISTRY)
    assert report.passed, report.findings
    assert any("picture" in sentence for sentence in report.not_checked)
    return redacted


def _pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_jpeg_loses_everything_but_its_pixels() -> None:
    redacted = _copy(pictures.jpeg(), "image/jpeg")
    assert set(pictures.markers(redacted.data)) == {0xE0, 0xDB, 0xC0, 0xC4}
    assert pictures.SECRET not in redacted.data
    assert redacted.data.endswith(b"\xff\xd9")
    assert Remark.PIXELS_NOT_EXAMINED in redacted.remarks
    assert Remark.PIXELS_NOT_EXAMINED == "pixels_not_examined"
    assert dict(_pixels(redacted.data).getexif()) == {}


def test_a_png_loses_everything_but_its_pixels() -> None:
    redacted = _copy(pictures.png(), "image/png")
    assert set(pictures.chunks(redacted.data)) == {b"IHDR", b"IDAT", b"IEND"}
    assert pictures.SECRET not in redacted.data
    assert Remark.COLOUR_PROFILE_DROPPED in redacted.remarks
    assert _pixels(redacted.data).tobytes() == pictures.gradient().tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_applied_to_the_pixels(orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }  # fmt: skip
    data = pictures.jpeg(orientation=orientation)
    stored = _pixels(data).convert("RGB")
    expected = stored.transpose(turns[orientation]) if orientation in turns else stored
    seen = _pixels(_copy(data, "image/jpeg").data)
    assert seen.size == expected.size
    differences = [abs(a - b) for a, b in zip(seen.tobytes(), expected.tobytes(), strict=True)]
    assert sum(differences) / len(differences) < 4


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "1", "P", "LA", "RGBA", "I;16"])
def test_every_mode_of_pixels_becomes_plain(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    output = io.BytesIO()
    source = Image.new("I;16", (9, 7), 40000) if mode == "I;16" else pictures.gradient((9, 7)).convert(mode)
    source.save(output, form)
    picture = _pixels(_copy(output.getvalue(), f"image/{form.lower()}").data)
    assert picture.mode in ("L", "RGB")
    assert picture.size == (9, 7)
    if mode == "I;16":
        assert picture.getpixel((0, 0)) == 40000 // 256


def test_pixels_hidden_under_transparency_are_gone() -> None:
    picture = Image.new("RGBA", (4, 4), (200, 10, 10, 0))
    output = io.BytesIO()
    picture.save(output, "PNG")
    copy = _pixels(_copy(output.getvalue(), "image/png").data)
    assert set(copy.tobytes()) == {255}


def test_unused_colours_of_a_palette_are_gone() -> None:
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette(list(pictures.SECRET * 30)[:768])
    output = io.BytesIO()
    picture.save(output, "PNG")
    assert b"PLTE" not in _copy(output.getvalue(), "image/png").data


def test_further_frames_are_dropped_and_remarked() -> None:
    output = io.BytesIO()
    pictures.gradient().save(output, "PNG", save_all=True, append_images=[Image.new("RGB", (48, 32), "red")])
    redacted = _copy(output.getvalue(), "image/png")
    assert Remark.FURTHER_FRAMES_DROPPED in redacted.remarks
    assert b"fdAT" not in redacted.data


@pytest.mark.parametrize(("data", "kind"), [(pictures.jpeg(), "image/jpeg"), (pictures.png(), "image/png")])
def test_the_same_picture_gives_the_same_bytes(data: bytes, kind: str) -> None:
    assert redact(data, kind, REGISTRY).data == redact(data, kind, []).data


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (pictures.jpeg(), "image/png", "not of the type"),
        (pictures.png(), "image/jpeg", "not of the type"),
        (b"GIF89a....", "image/png", "not of the type"),
        (pictures.jpeg(rich=False)[:300], "image/jpeg", "damaged"),
        (pictures.png(rich=False)[:80], "image/png", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "image/png", "damaged"),
    ],
)
def test_a_wrong_or_damaged_picture_is_refused_in_words(data: bytes, kind: str, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        redact(data, kind, REGISTRY)


def test_a_picture_that_claims_too_many_pixels_is_refused_before_they_are_unpacked() -> None:
    header = b"\x00\x01\x00\x00\x00\x01\x00\x00\x08\x02\x00\x00\x00"
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + pictures.chunk(b"IHDR", header)
        + pictures.chunk(b"IDAT", b"x\x9c")
        + pictures.chunk(b"IEND", b"")
    )
    with pytest.raises(UnsupportedError, match="million pixels"):
        redact(bomb, "image/png", REGISTRY)


def test_photos_of_the_corpus_are_copied_clean_or_refused_in_words() -> None:
    copied = 0
    for path in corpus.files("photos/**/*.jp*g") + corpus.files("malformed/image-*/*"):
        data = path.read_bytes()
        kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
        if not data.startswith((b"\x89PNG", b"\xff\xd8\xff")) or len(data) > 300_000:
            continue
        try:
            _copy(data, kind)
            copied += 1
        except UnsupportedError as refusal:
            assert refusal.reason.endswith(".")
    assert copied >= 15
