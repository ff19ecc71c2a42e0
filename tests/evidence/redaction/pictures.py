"""Small pictures full of metadata for the redaction tests, made with and without the help of a library."""

import io
import struct
import zlib

from PIL import Image, PngImagePlugin

SECRET = b"Maria Jose Gonzalez Perez"


def gradient(size: tuple[int, int] = (48, 32)) -> Image.Image:
    """Return a picture whose corners differ, so that turning it shows."""
    picture = Image.new("RGB", size)
    picture.putdata(
        [(x * 5 % 256, y * 7 % 256, (x + y) % 256) for y in range(size[1]) for x in range(size[0])]
    )
    return picture


def exif(orientation: int = 1) -> bytes:
    """Return an EXIF block with orientation, author, GPS and a thumbnail."""
    block = Image.Exif()
    block[0x0112], block[0x013B], block[0x9C9D] = (
        orientation,
        SECRET.decode(),
        SECRET.decode().encode("utf-16-le"),
    )
    block.get_ifd(0x8825).update({1: "N", 2: (40.0, 25.0, 0.0), 3: "W", 4: (3.0, 42.0, 0.0)})
    return block.tobytes()


def segment(marker: int, body: bytes) -> bytes:
    """Return one JPEG segment."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg(picture: Image.Image | None = None, *, orientation: int = 1, rich: bool = True) -> bytes:
    """Return a JPEG; a rich one has everything that a copy must not have."""
    output = io.BytesIO()
    (picture or gradient()).save(output, "JPEG", quality=95, **({"exif": exif(orientation)} if rich else {}))
    data = output.getvalue()
    if not rich:
        return data
    extra = (
        segment(0xFE, b"comment by " + SECRET)
        + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + SECRET + b"</x:xmpmeta>")
        + segment(0xE2, b"ICC_PROFILE\0\x01\x01" + b"\0" * 128 + SECRET)
        + segment(0xE2, b"MPF\0II*\0" + SECRET)
        + segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04" + SECRET)
    )
    return data[:2] + extra + data[2:] + b"trailing " + SECRET + jpeg(rich=False)


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(picture: Image.Image | None = None, *, rich: bool = True) -> bytes:
    """Return a PNG; a rich one has texts, EXIF, time, a profile and trailing bytes."""
    output = io.BytesIO()
    if not rich:
        (picture or gradient()).save(output, "PNG")
        return output.getvalue()
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET.decode())
    texts.add_text("Comment", SECRET.decode(), zip=True)
    texts.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    (picture or gradient()).save(output, "PNG", pnginfo=texts, exif=exif(), icc_profile=b"\0" * 128 + SECRET)
    return output.getvalue() + chunk(b"tEXt", b"After\0" + SECRET) + SECRET


def markers(data: bytes) -> list[int]:
    """Return the markers of a JPEG up to its pixels, read without any library."""
    place, found = 2, []
    while data[place + 1] != 0xDA:
        found.append(data[place + 1])
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return found


def chunks(data: bytes) -> list[bytes]:
    """Return the kinds of chunks of a PNG, read without any library."""
    place, found = 8, []
    while place < len(data):
        found.append(data[place + 4 : place + 8])
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    return found
