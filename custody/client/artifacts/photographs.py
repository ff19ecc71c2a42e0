"""Draw three dull photographs: a doorway at dusk, a van without plates, a hand-written note.

They are drawings with the noise and the EXIF data of photographs; no person and no real place is in them. The
note shows a first name in its pixels: the case in which a second person has to withhold the picture.
"""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw, ImageFilter

from . import exif, handwriting, story

_SIZE = (1600, 1200)
_Colour = tuple[int, int, int]


def _between(start: _Colour, end: _Colour, share: float) -> _Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


def _gradient(top: _Colour, bottom: _Colour) -> Image.Image:
    column = Image.new("RGB", (1, _SIZE[1]))
    for y in range(_SIZE[1]):
        column.putpixel((0, y), _between(top, bottom, y / _SIZE[1]))
    return column.resize(_SIZE)


def _bricks(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], chance: random.Random) -> None:
    left, top, right, bottom = box
    draw.rectangle(box, fill=(74, 68, 66))
    for row, y in enumerate(range(top, bottom, 34)):
        for x in range(left - (row % 2) * 45, right, 90):
            shade = chance.randint(-9, 9)
            brick = (max(x, left), y, min(x + 84, right), min(y + 29, bottom))
            draw.rectangle(brick, fill=(96 + shade, 62 + shade, 54 + shade))


def _doorway(chance: random.Random) -> Image.Image:
    image = _gradient((38, 42, 72), (150, 96, 70))
    draw = ImageDraw.Draw(image)
    _bricks(draw, (0, 160, 1600, 1010), chance)
    draw.rectangle((0, 1010, 1600, 1200), fill=(52, 51, 54))
    draw.rectangle((590, 380, 1010, 1010), fill=(60, 58, 60))
    draw.rectangle((620, 410, 980, 1010), fill=(34, 58, 52))
    for left, top in ((655, 450), (815, 450), (655, 720), (815, 720)):
        draw.rectangle((left, top, left + 130, top + 230), outline=(22, 40, 36), width=8)
    draw.ellipse((925, 690, 950, 715), fill=(170, 150, 90))
    draw.rectangle((560, 1010, 1040, 1060), fill=(88, 86, 84))
    draw.rectangle((1150, 430, 1420, 690), fill=(24, 26, 36), outline=(140, 138, 132), width=12)
    glow = Image.new("L", _SIZE, 0)
    ImageDraw.Draw(glow).ellipse((540, 130, 1060, 620), fill=120)
    light = Image.new("RGB", _SIZE, (255, 206, 130))
    image.paste(light, mask=glow.filter(ImageFilter.GaussianBlur(110)))
    ImageDraw.Draw(image).rectangle((770, 300, 830, 350), fill=(255, 236, 190))
    return image


def _van(chance: random.Random) -> Image.Image:
    image = _gradient((168, 176, 182), (196, 198, 196))
    draw = ImageDraw.Draw(image)
    _bricks(draw, (0, 240, 1600, 760), chance)
    draw.rectangle((0, 760, 1600, 1200), fill=(98, 98, 100))
    for x in range(-100, 1600, 400):
        draw.polygon([(x, 1120), (x + 190, 1120), (x + 170, 1145), (x - 30, 1145)], fill=(178, 178, 172))
    draw.rounded_rectangle((260, 380, 1270, 900), 46, fill=(222, 224, 224))
    draw.polygon([(1240, 560), (1330, 580), (1420, 720), (1430, 900), (1240, 900)], fill=(222, 224, 224))
    draw.polygon([(1090, 440), (1230, 440), (1330, 600), (1090, 600)], fill=(52, 62, 72))
    draw.rectangle((300, 640, 1240, 652), fill=(190, 192, 192))
    for x in (700, 1060):
        draw.line((x, 400, x, 880), fill=(176, 178, 178), width=6)
    for x in (430, 1200):
        draw.ellipse((x - 105, 790, x + 105, 1000), fill=(30, 30, 32))
        draw.ellipse((x - 55, 840, x + 55, 950), fill=(150, 152, 154))
    draw.rectangle((262, 760, 300, 850), fill=(120, 118, 112))  # where the rear plate has been unscrewed
    draw.rectangle((1410, 740, 1432, 790), fill=(238, 220, 160))
    return image


def _note(chance: random.Random) -> Image.Image:
    image = _gradient((120, 92, 66), (98, 74, 52))
    draw = ImageDraw.Draw(image)
    for y in range(0, 1200, 7):
        draw.line((0, y, 1600, y + chance.randint(-14, 14)), fill=(108, 82, 58), width=1)
    paper = Image.new("RGBA", (1150, 760), (238, 236, 222, 255))
    sheet = ImageDraw.Draw(paper)
    for y in range(110, 760, 92):
        sheet.line((0, y, 1150, y), fill=(168, 190, 214, 255), width=3)
    sheet.line((96, 0, 96, 760), fill=(214, 150, 150, 255), width=3)
    for number, line in enumerate(story.HANDWRITTEN_NOTE):
        top = 118 + number * 92
        handwriting.write(sheet, line, at=(120, top), scale=7.0, ink=(34, 44, 96), chance=chance)
    turned = paper.rotate(3.4, expand=True, resample=Image.Resampling.BICUBIC)
    image.paste(turned, (210, 190), turned)
    return image


def _grain(image: Image.Image, chance: random.Random) -> Image.Image:
    """Add sensor noise, so that the file compresses like a photograph and not like a drawing."""
    small = (_SIZE[0] // 2, _SIZE[1] // 2)
    noise = Image.frombytes("L", small, chance.randbytes(small[0] * small[1])).resize(_SIZE)
    soft = image.filter(ImageFilter.GaussianBlur(1.4))
    return Image.blend(soft, Image.merge("RGB", (noise, noise, noise)), 0.06)


def _jpeg(image: Image.Image, quality: int, **extra: bytes) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality, **extra)
    return stream.getvalue()


def _photograph(image: Image.Image, shot: exif.Shot) -> bytes:
    thumbnail = _jpeg(image.resize((160, 120)), 70)
    return _jpeg(image, 86, exif=exif.block(shot, size=_SIZE, thumbnail=thumbnail))


def photographs(chance: random.Random) -> dict[str, bytes]:
    """Give the three photographs by file name."""
    camera = {"make": "Example Optics", "model": "Pocket 3", "software": "2.1.0"}
    phone = {"make": "Example Mobile", "model": "EM-20", "software": "EM OS 11"}
    door = exif.Shot(
        **camera, taken=story.moment(660), latitude=53.7214, longitude=-4.8713, exposure=(1, 30), iso=800
    )
    van = exif.Shot(
        **camera, taken=story.moment(15), latitude=53.7216, longitude=-4.8709, exposure=(1, 160), iso=100
    )
    # The telephone was set up under its owner's name, as telephones are.
    note = exif.Shot(
        **phone,
        taken=story.moment(3725),
        latitude=53.7302,
        longitude=-4.8655,
        exposure=(1, 60),
        iso=320,
        artist=story.ZOFIE.latin,
    )
    return {
        "IMG_0412.jpg": _photograph(_grain(_doorway(chance), chance), door),
        "IMG_0415.jpg": _photograph(_grain(_van(chance), chance), van),
        "IMG_0420.jpg": _photograph(_grain(_note(chance), chance), note),
    }
