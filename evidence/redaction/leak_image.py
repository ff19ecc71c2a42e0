"""Check a finished picture marker by marker and chunk by chunk: pixels, and nothing beside them.

Parses JPEG and PNG itself; a picture library only confirms that all pixels decode. Every segment that the redactor's
encoder does not write is a fault, whether it holds anything or not. It does not look at what the picture shows.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator

try:
    import PIL
    from PIL import Image, JpegImagePlugin, PngImagePlugin

    PILLOW = PIL.__version__
    _PLUGINS = (JpegImagePlugin, PngImagePlugin)
except ImportError:
    # Without its engine the check fails; it must not keep the rest of the leak check from loading.
    PILLOW = ""

_JFIF = b"JFIF\x00"
_JFIF_LENGTH = 16
_FRAMES = (0xC0, 0xC1, 0xC2)
_TABLES = {0xDB: "quantisation", 0xC4: "huffman"}
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3}
MAX_PIXELS = 80_000_000
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    ArithmeticError,
)


def faults_of_jpeg(data: bytes) -> Iterator[str]:
    """Yield every fault in the structure of a JPEG."""
    if data[:2] != b"\xff\xd8":
        yield "not_jpeg"
        return
    place, scans = 2, 0
    while place < len(data):
        if data[place] != 0xFF or place + 1 >= len(data):
            yield "jpeg_bytes_between_segments"
            return
        marker = data[place + 1]
        if marker == 0xD9:
            if place + 2 != len(data):
                yield "trailing_bytes"
            if scans == 0:
                yield "jpeg_without_pixels"
            yield from _undecodable(data, "JPEG")
            return
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        body = data[place + 4 : place + 2 + length]
        if length < 2 or len(body) != length - 2:
            yield "jpeg_cut_off"
            return
        yield from _segment_faults(marker, body)
        place += 2 + length
        if marker == 0xDA:
            scans += 1
            place = _end_of_scan(data, place)
    yield "jpeg_cut_off"


def faults_of_png(data: bytes) -> Iterator[str]:
    """Yield every fault in the structure of a PNG."""
    if not data.startswith(_PNG_SIGNATURE):
        yield "not_png"
        return
    place, header, packed = len(_PNG_SIGNATURE), b"", io.BytesIO()
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        check = data[place + 8 + length : place + 12 + length]
        if len(check) != 4 or zlib.crc32(kind + body) != int.from_bytes(check, "big"):
            yield "png_chunk_damaged"
            return
        place += 12 + length
        if kind == b"IEND":
            if length or place != len(data):
                yield "trailing_bytes"
            yield from _pixel_faults(header, packed.getvalue())
            yield from _undecodable(data, "PNG")
            return
        if kind == b"IHDR" and not header:
            header = body
        elif kind == b"IDAT" and header:
            packed.write(body)
        else:
            yield "metadata_segment"
    yield "png_cut_off"


def _segment_faults(marker: int, body: bytes) -> Iterator[str]:
    if marker == 0xE0:
        if not body.startswith(_JFIF) or len(body) != _JFIF_LENGTH - 2:
            yield "metadata_segment"
        elif body[12] or body[13]:
            yield "thumbnail"
    elif marker in _TABLES:
        if not (_quantisation_fits(body) if marker == 0xDB else _huffman_fits(body)):
            yield "jpeg_table_holds_more"
    elif marker in _FRAMES:
        if len(body) < 6 or len(body) != 6 + 3 * body[5]:
            yield "jpeg_frame_holds_more"
    elif marker == 0xDA:
        if not body or len(body) != 4 + 2 * body[0]:
            yield "jpeg_scan_holds_more"
    elif marker != 0xDD or len(body) != 2:
        yield "metadata_segment"


def _quantisation_fits(body: bytes) -> bool:
    place = 0
    while place < len(body):
        place += 129 if body[place] >> 4 else 65
    return place == len(body) > 0


def _huffman_fits(body: bytes) -> bool:
    place = 0
    while place < len(body):
        place += 17 + sum(body[place + 1 : place + 17])
    return place == len(body) > 0


def _end_of_scan(data: bytes, place: int) -> int:
    """Return where the next marker stands: in pixel data 0xFF is followed by zero or a restart marker."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            return len(data)
        following = data[place + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7:
            return place
        place += 2


def _pixel_faults(header: bytes, packed: bytes) -> Iterator[str]:
    """The pixels must fill what the header promises, to the byte, without a rest after the compressed stream."""
    if len(header) != 13:
        yield "png_header"
        return
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", header)
    if depth != 8 or colour not in _CHANNELS or compression or filtering or interlace:
        yield "png_header"
        return
    if not 0 < width * height <= MAX_PIXELS:
        yield "picture_too_large"
        return
    expected = height * (1 + width * _CHANNELS[colour])
    stream = zlib.decompressobj()
    try:
        length = len(stream.decompress(packed, expected + 1))
    except zlib.error:
        yield "png_pixels_damaged"
        return
    if length != expected or not stream.eof or stream.unused_data:
        yield "png_pixels_hold_more"


def _undecodable(data: bytes, form: str) -> Iterator[str]:
    if not PILLOW:
        yield "engine_missing"
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=[form]) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    yield "picture_too_large"
                    return
                picture.load()
    except (Image.DecompressionBombError, *_BROKEN):
        yield "picture_cannot_be_decoded"
