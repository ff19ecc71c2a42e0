"""Make a new picture from nothing but the pixels of a JPEG or PNG.

Metadata, thumbnails, further pictures, palettes, hidden pixels under transparency and trailing bytes have no way into
the copy, because only decoded and flattened pixels reach the encoder. What the picture shows is not examined.
"""

import io
import warnings

from PIL import (
    Image,
    ImageColor,
    ImageFile,
    ImageFilter,
    ImageOps,
    ImagePalette,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    TiffTags,
)

from evidence.redaction.findings import Findings
from evidence.redaction.registry import Remark, UnsupportedError

# 80 megapixels is more than cameras make; a bomb of a few bytes claims far more.
MAX_PIXELS = 80_000_000
_TOO_LARGE = f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels."
_JPEG_QUALITY = 92
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
_BACKGROUND = (255, 255, 255)
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

# Loaded here because nothing can be loaded once the sandbox is closed.
_PLUGINS = (
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    TiffTags,
    ImageColor,
    ImageFile,
    ImageFilter,
    ImagePalette,
)


def redact_image(data: bytes, content_type: str, findings: Findings) -> bytes:
    """Return a new file of the same type. Raises UnsupportedError where the picture cannot be decoded whole."""
    pixels = _pixels(data, _FORMATS[content_type], findings)
    findings.remark(Remark.PIXELS_NOT_EXAMINED)
    output = io.BytesIO()
    if content_type == "image/jpeg":
        pixels.save(output, "JPEG", quality=_JPEG_QUALITY, subsampling=0, optimize=False, progressive=False)
    else:
        pixels.save(output, "PNG", compress_level=6, optimize=False)
    return output.getvalue()


def _pixels(data: bytes, form: str, findings: Findings) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=[form]) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise UnsupportedError(
                        f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels."
                    )
                _note(picture, findings)
                picture.load()
                return _plain(_upright(picture))
    except Image.DecompressionBombError:
        raise UnsupportedError(_TOO_LARGE) from None
    except _BROKEN:
        raise UnsupportedError("The picture is damaged and cannot be decoded whole.") from None


def _note(picture: Image.Image, findings: Findings) -> None:
    if picture.info.get("icc_profile"):
        findings.remark(Remark.COLOUR_PROFILE_DROPPED)
    if getattr(picture, "n_frames", 1) > 1:
        findings.remark(Remark.FURTHER_FRAMES_DROPPED)


def _upright(picture: Image.Image) -> Image.Image:
    """Turn the pixels as the orientation tag says; an unreadable tag turns nothing."""
    try:
        return ImageOps.exif_transpose(picture)
    except _BROKEN:
        return picture


def _plain(picture: Image.Image) -> Image.Image:
    """Return grey or RGB pixels in a picture that remembers nothing of its source."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:
        layers = picture.convert("RGBA")
        picture = Image.new("RGB", layers.size, _BACKGROUND)
        picture.paste(layers, mask=layers.getchannel("A"))
    mode = "L" if picture.mode in ("L", "1") else "RGB"
    return Image.frombytes(mode, picture.size, picture.convert(mode).tobytes())
