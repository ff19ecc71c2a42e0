"""Ways in which people (and those who hide them) write an identifier, and things that wrap what is written.

Every function returns labelled texts. All of them are of the strong class: the redactor must replace each one.
"""

import base64
import html
import json
import quopri
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import quote

from evidence.redaction.registry import PARTICLES, Kind
from tests.evidence.redaction.people import Invented

_CYRILLIC = str.maketrans("aceopxyiABCEHKMOPTXjs", "асеорхуіАВСЕНКМОРТХјѕ")
_GREEK = str.maketrans("ovpAEHIKMNOPTXZ", "ονρΑΕΗΙΚΜΝΟΡΤΧΖ")
_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
}

Written = Iterator[tuple[str, str]]


def names(value: str) -> Written:
    """A full name in every spelling."""
    parts = value.split()
    yield "as registered", value
    yield "capitals", value.upper()
    yield "small letters", value.lower()
    yield "changing case", "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(value))
    yield "no spaces", "".join(parts)
    yield "wide spaces", "   ".join(parts)
    yield "no-break spaces", "\u00a0".join(parts)
    yield "ideographic space", "\u3000".join(parts)
    yield "hyphens", "-".join(parts)
    yield "underscores", "_".join(parts)
    yield "dots", ".".join(parts)
    yield "line break", "\n".join(parts)
    yield "windows line break", "\r\n".join(parts)
    yield "letters spaced", " ".join(value.replace(" ", ""))
    yield "letters dotted", ".".join(value.replace(" ", ""))
    yield "zero-width spaces", "\u200b".join(value)
    yield "zero-width joiners", "\u200d".join(value)
    yield "soft hyphens", "\u00ad".join(value)
    yield "word joiners", "\u2060".join(value)
    yield "byte order marks", "\ufeff".join(value)
    yield "direction marks", "\u202e" + value + "\u202c"
    yield "decomposed", unicodedata.normalize("NFD", value)
    yield "composed", unicodedata.normalize("NFC", value)
    yield "compatibility", unicodedata.normalize("NFKD", value)
    yield "strange accents", "".join(c + ("\u0336" if c.isalpha() else "") for c in value)
    yield "many accents", "".join(c + ("\u0301\u0323" if c.isalpha() else "") for c in value)
    yield (
        "no accents",
        "".join(c for c in unicodedata.normalize("NFD", value) if not unicodedata.combining(c)),
    )
    yield "tab", "\t".join(parts)
    yield "stars", "*".join(parts)
    yield "emoji", "🙂".join(parts)
    yield "quotes", '"'.join(parts)
    if len(parts) > 1:
        yield "last name first", f"{parts[-1]}, {parts[0]}"
        yield "first and last", f"{parts[0]} {parts[-1]}"
        yield "turned round", f"{parts[-1]} {parts[0]}"
    if value.isascii() or "LATIN" in unicodedata.name(value[0]):
        yield from _latin(value)


def _latin(value: str) -> Written:
    plain = "".join(c for c in unicodedata.normalize("NFD", value) if not unicodedata.combining(c))
    yield "full width", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plain)
    for label, small, capital in (
        ("bold", 0x1D41A, 0x1D400), ("script", 0x1D4EA, 0x1D4D0), ("fraktur", 0x1D586, 0x1D56C),
        ("double-struck", 0x1D552, None), ("monospace", 0x1D68A, 0x1D670), ("circled", 0x24D0, 0x24B6),
        ("squared", None, 0x1F130), ("negative squared", None, 0x1F170), ("parenthesised", 0x249C, 0x1F110),
    ):  # fmt: skip
        yield label, "".join(_fancy(c, small, capital) for c in plain)
    yield "cyrillic look-alikes", plain.translate(_CYRILLIC)
    yield "greek look-alikes", plain.translate(_GREEK)
    yield "one cyrillic letter", plain.replace("a", "а", 1).replace("e", "е", 1)
    yield (
        "small capitals",
        plain.lower().translate(str.maketrans("abcdeghijklmnoprtuvwyz", "ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ")),
    )
    yield "read as western", _misread(value)
    yield (
        "umlauts written out",
        value.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae").replace("ß", "ss"),
    )
    yield "hashtag", "#" + "".join(value.split())
    yield "file name", "IMG_" + "_".join(value.split()) + "_"
    yield "possessive", value + "'"


def _fancy(letter: str, small: int | None, capital: int | None) -> str:
    if small and "a" <= letter <= "z":
        return chr(small + ord(letter) - ord("a"))
    if capital and letter.isascii() and letter.isalpha():
        return chr(capital + ord(letter.upper()) - ord("A"))
    return letter


def _misread(value: str) -> str:
    return value.encode("utf-8").decode("cp1252", "ignore") if _readable_as_western(value) else value


def _readable_as_western(value: str) -> bool:
    try:
        value.encode("utf-8").decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True


def parts_of_names(value: str) -> Written:
    """First or last name alone, in the ways that matter for one word."""
    for part in value.split():
        # "van" and "der" are parts of many names and of every text; alone they name nobody.
        if len(re.sub(r"\W", "", part)) < 3 or part.lower() in PARTICLES:
            continue
        yield "alone", part
        yield "alone in capitals", part.upper()
        yield "alone, decomposed", unicodedata.normalize("NFD", part)
        yield "alone, letters spaced", " ".join(part)
        yield "alone, letters dotted", ".".join(part)
        yield "alone, zero-width", "\u200b".join(part)
        yield "alone, soft hyphen", part[:2] + "\u00ad" + part[2:]
        yield "alone, hyphenated line", part[:2] + "-\n" + part[2:]
        yield "alone, with digits", part + "_99"


def dates(value: str) -> Written:
    """A date of birth in numbers and in words."""
    born = date.fromisoformat(value)
    day, month, year = born.day, born.month, born.year
    for sign in ("-", "/", ".", " ", " / ", "_", "\u2013"):
        yield f"y{sign}m{sign}d", f"{year}{sign}{month:02}{sign}{day:02}"
        yield f"d{sign}m{sign}y", f"{day:02}{sign}{month:02}{sign}{year}"
        yield f"m{sign}d{sign}y", f"{month:02}{sign}{day:02}{sign}{year}"
        yield f"short d{sign}m{sign}y", f"{day}{sign}{month}{sign}{year % 100:02}"
        yield f"short m{sign}d{sign}y", f"{month}{sign}{day}{sign}{year % 100:02}"
    yield "digits", f"{year}{month:02}{day:02}"
    yield "digits, day first", f"{day:02}{month:02}{year}"
    yield "time stamp", f"{year}-{month:02}-{day:02}T00:00:00Z"[:10]
    yield "full-width digits", "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in value)
    yield "arabic digits", "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in value)
    yield "zero-width", "\u200b".join(value)
    english, spanish, german = (_MONTHS[language][month - 1] for language in ("en", "es", "de"))
    suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day, "th")
    yield "english", f"{day} {english} {year}"
    yield "english with of", f"{day}{suffix} of {english}, {year}"
    yield "american", f"{english} {day}{suffix}, {year}"
    yield "american short", f"{english[:3]} {day}, {year}"
    yield "english short", f"{day}-{english[:3]}-{year % 100:02}"
    yield "english capitals", f"{day} {english.upper()} {year}"
    yield "year first", f"{year} {english} {day}"
    yield "spanish", f"{day} de {spanish} de {year}"
    yield "spanish del", f"{day} de {spanish} del {year}"
    yield "spanish short", f"{day}-{spanish[:3]}-{year}"
    yield "german", f"{day}. {german} {year}"
    yield "german padded", f"{day:02}. {german} {year}"
    yield "german short", f"{day}. {german[:3]}. {year}"


def phones(value: str) -> Written:
    """A telephone number, grouped and prefixed in any way."""
    code, _, rest = value[1:].partition(" ")
    national = re.sub(r"\D", "", rest)
    digits = code + national
    yield "as registered", value
    yield "e.164", "+" + digits
    yield "no plus", digits
    yield "double zero", "00" + digits
    yield "national", "0" + national
    yield "bare", national
    yield "in twos", " ".join(re.findall(".{1,2}", national))
    yield "in threes", "-".join(re.findall(".{1,3}", national))
    yield "dotted", ".".join(re.findall(".{1,3}", national))
    yield "brackets", f"({national[:3]}) {national[3:]}"
    yield "zero in brackets", f"+{code} (0) {national}"
    yield "slash", f"0{national[:3]}/{national[3:]}"
    yield "one by one", " ".join(national)
    yield "no-break", "\u00a0".join(re.findall(".{1,3}", national))
    yield "zero-width", "\u200b".join(digits)
    yield "line break", national[:4] + "\n" + national[4:]
    yield "full-width digits", "".join(chr(0xFF10 + int(c)) for c in digits)
    yield "arabic digits", "".join(chr(0x660 + int(c)) for c in digits)
    yield "thai digits", "".join(chr(0xE50 + int(c)) for c in digits)
    yield "math digits", "".join(chr(0x1D7CE + int(c)) for c in digits)
    yield "link", f"tel:+{digits}"[4:]


def emails(value: str) -> Written:
    """An e-mail address, also as people hide it."""
    local, _, domain = value.partition("@")
    yield "as registered", value
    yield "capitals", value.upper()
    yield "spaced", f"{local} @ {domain}"
    yield "[at]", f"{local}[at]{domain}"
    yield "(at)", f"{local} (at) {domain}"
    yield " at ", f"{local} at {domain}"
    yield "AT DOT", f"{local} AT {domain.replace('.', ' DOT ')}"
    yield "[at] (dot)", f"{local} [at] {domain.replace('.', ' (dot) ')}"
    yield "all dots", f"{local.replace('.', ' dot ')} at {domain.replace('.', ' dot ')}"
    yield "spanish", f"{local} arroba {domain.replace('.', ' punto ')}"
    yield "full width", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    yield "without dots", f"{local.replace('.', '')}@{domain}"
    yield "zero-width", "\u200b".join(value)
    yield "wide at", value.replace("@", "＠")
    yield "broken line", f"{local}@\n{domain}"


def plain(value: str) -> Written:
    """A handle, an address or a document number."""
    yield "as registered", value
    yield "capitals", value.upper()
    yield "small letters", value.lower()
    yield "zero-width", "\u200b".join(value)
    yield "decomposed", unicodedata.normalize("NFD", value)
    yield "wide spaces", value.replace(" ", "   ")
    yield "spaces for signs", re.sub(r"[^\w\s]|_", " ", value).strip()
    yield "signs gone", re.sub(r"[^\w\s]|_", "", value)
    yield "hyphens", re.sub(r"\s+", "-", value)


def written(person: Invented, kind: Kind) -> Written:
    """Return every spelling of one identifier of one person."""
    value = getattr(person, kind.value)
    if not value:
        return
    if kind in (Kind.NAME, Kind.OTHER_SCRIPT, Kind.ALIAS):
        yield from names(value)
    else:
        ways: dict[Kind, Callable[[str], Written]] = {
            Kind.BIRTH_DATE: dates, Kind.PHONE: phones, Kind.EMAIL: emails,
        }  # fmt: skip
        yield from ways.get(kind, plain)(value)


def wrapped(text: str) -> Written:
    """A text inside escapes and encoded words."""
    data = text.encode("utf-8")
    yield "percent", quote(text)
    yield "percent, every byte", "".join(f"%{byte:02x}" for byte in data)
    yield "percent twice", quote(quote(text))
    yield "form", "q=" + quote(text).replace("%20", "+")
    yield "entities", "".join(f"&#{ord(c)};" for c in text)
    yield "hex entities", "".join(f"&#x{ord(c):X};" for c in text)
    yield "named entities", html.escape(text).encode("ascii", "xmlcharrefreplace").decode()
    yield "json escapes", json.dumps(text)[1:-1]
    yield "every letter escaped", "".join(f"\\u{u:04x}" for u in _utf16(text))
    yield "python bytes", "".join(f"\\x{byte:02x}" for byte in data)
    yield "braces", "".join(f"\\u{{{ord(c):x}}}" for c in text)
    yield "quoted-printable", quopri.encodestring(data, quotetabs=True).decode().replace("=\n", "=\r\n")
    yield "every byte quoted", "".join(f"={byte:02X}" for byte in data)
    yield "base64", base64.b64encode(data).decode()
    yield "base64 in a sentence", base64.b64encode(b"I saw " + data + b" there.").decode()
    yield "base64, shifted", "k" + base64.b64encode(b"I saw " + data + b" there.").decode().rstrip("=")
    yield "base64, url-safe", base64.urlsafe_b64encode(b"??>>" + data).decode()
    yield "base64, utf-16", base64.b64encode(text.encode("utf-16-le")).decode()
    yield "base64 twice", base64.b64encode(base64.b64encode(data)).decode()
    yield (
        "base64 in lines",
        _lines(base64.b64encode(b"lorem ipsum dolor sit amet " * 4 + data + b" dolor " * 20).decode()),
    )
    yield "hex", data.hex()
    yield "hex, spaced", data.hex(" ").upper()
    yield "encoded word b", f"=?utf-8?B?{base64.b64encode(data).decode()}?="
    yield "encoded word q", f"=?utf-8?Q?{''.join(f'={byte:02X}' for byte in data)}?="
    yield (
        "encoded words, split",
        " ".join(f"=?utf-8?B?{base64.b64encode(data[i : i + 5]).decode()}?=" for i in range(0, len(data), 5)),
    )
    yield "tags inside", "<b>" + "</b><b>".join(text) + "</b>"
    yield "tags around", f'<a href="#">{text[:2]}</a><i>{text[2:]}</i>'
    yield "colours", f"\x1b[31m{text[:2]}\x1b[0m{text[2:]}"


def _utf16(text: str) -> list[int]:
    data = text.encode("utf-16-be")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]


def _lines(word: str) -> str:
    return "\n".join(word[i : i + 76] for i in range(0, len(word), 76))
