"""Turn the GPS fields of EXIF into signed decimal coordinates, and say in words what is wrong with them.

The original fractions are kept beside every result. A coordinate whose sign or size is not certain gets no
decimal value. Nothing here knows where the camera really was: the fields are easy to change.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

Rational = tuple[int, int]

# Seven decimals of a degree are about one centimetre.
PLACES = Decimal("0.0000001")
METRES = Decimal("0.01")


@dataclass(frozen=True)
class GpsFields:
    """The fields as they lie in the file; None where a field is absent."""

    latitude: tuple[Rational, ...] | None = None
    latitude_ref: str | None = None
    longitude: tuple[Rational, ...] | None = None
    longitude_ref: str | None = None
    altitude: tuple[Rational, ...] | None = None
    altitude_ref: int | None = None
    datum: str | None = None
    date_stamp: str | None = None
    time_stamp: tuple[Rational, ...] | None = None


AXES = {"latitude": ("N", "S", 90), "longitude": ("E", "W", 180)}


@dataclass(frozen=True)
class GpsReading:
    """Values by name, and warnings as sentences."""

    values: dict[str, str]
    warnings: tuple[str, ...]


def read_gps(fields: GpsFields) -> GpsReading:
    """Interpret the fields; every doubt becomes a warning."""
    values: dict[str, str] = {}
    warnings: list[str] = []
    if fields == GpsFields():
        return GpsReading({"gps.status": "no position recorded"}, ())
    latitude, doubt = _axis("latitude", fields.latitude, fields.latitude_ref, values)
    warnings += doubt
    longitude, doubt = _axis("longitude", fields.longitude, fields.longitude_ref, values)
    warnings += doubt
    if latitude is None or longitude is None:
        values["gps.status"] = "no usable position"
    elif latitude == 0 and longitude == 0:
        values["gps.status"] = "position 0, 0"
        warnings.append("GPS latitude and longitude are exactly 0, as devices write without a fix.")
    else:
        values["gps.status"] = "position recorded"
    values["gps.datum"] = (fields.datum or "").strip() or "not recorded"
    _altitude(fields, values, warnings)
    _time(fields, values, warnings)
    return GpsReading(values, tuple(warnings))


def _axis(
    name: str, parts: tuple[Rational, ...] | None, ref: str | None, values: dict[str, str]
) -> tuple[Fraction | None, list[str]]:
    """Degrees of one axis with sign, or None; and the doubts."""
    plus, minus, largest = AXES[name]
    letter = (ref or "").strip().upper()[:1]
    if parts is not None or letter:
        values[f"gps.{name}.original"] = f"{_original(parts)} {(ref or '').strip() or 'no reference'}"
    if not parts:
        return None, [f"GPS is incomplete: no {name}."]
    if len(parts) != 3 or any(denominator == 0 for _, denominator in parts):
        return None, [f"GPS is incomplete: {name} is not three fractions with a denominator."]
    if letter not in (plus, minus):
        return None, [f"GPS is incomplete: {name} has no {plus} or {minus} reference."]
    degrees, minutes, seconds = (Fraction(*part) for part in parts)
    size = degrees + minutes / 60 + seconds / 3600
    if degrees < 0 or not 0 <= size <= largest:
        return None, [f"GPS {name} is out of range: not between 0 and {largest} degrees."]
    signed = -size if letter == minus else size
    values[f"gps.{name}"] = _decimal(signed, PLACES)
    if not (0 <= minutes < 60 and 0 <= seconds < 60):
        return signed, [f"GPS {name} has minutes or seconds out of range."]
    return signed, []


def _altitude(fields: GpsFields, values: dict[str, str], warnings: list[str]) -> None:
    if fields.altitude is None:
        return
    ref = fields.altitude_ref
    values["gps.altitude.original"] = (
        f"{_original(fields.altitude)} reference {'none' if ref is None else ref}"
    )
    if len(fields.altitude) != 1 or fields.altitude[0][1] == 0:
        warnings.append("GPS altitude is not a fraction with a denominator.")
        return
    if ref is None:
        warnings.append("GPS altitude has no reference; it is read as above zero.")
    elif ref not in (0, 1, 2, 3):
        # EXIF 2: 0 above and 1 below sea level. EXIF 3: 0 and 1 for the ellipsoid, 2 and 3 for sea level.
        warnings.append(f"GPS altitude has the unknown reference {ref}; it is read as above zero.")
    height = Fraction(*fields.altitude[0])
    values["gps.altitude_m"] = _decimal(-height if ref in (1, 3) else height, METRES)


def _time(fields: GpsFields, values: dict[str, str], warnings: list[str]) -> None:
    """GPS time is UTC by definition (EXIF 2.32, 4.6.6)."""
    stamp, day = fields.time_stamp, (fields.date_stamp or "").strip()
    if stamp is None and not day:
        return
    values["gps.time.original"] = f"{day or 'no date'} {_original(stamp)}"
    clock = _clock(stamp)
    calendar = _calendar(day)
    if stamp is not None and clock is None:
        warnings.append("GPS time is out of range.")
    if day and calendar is None:
        warnings.append("GPS date is not a date.")
    if clock and not day:
        warnings.append("GPS time has no date.")
    if clock and calendar:
        values["gps.time_utc"] = f"{calendar}T{clock}Z"


def _clock(parts: tuple[Rational, ...] | None) -> str | None:
    if parts is None or len(parts) != 3 or any(denominator == 0 for _, denominator in parts):
        return None
    hours, minutes, seconds = (Fraction(*part) for part in parts)
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 61):
        return None
    if hours.denominator != 1 or minutes.denominator != 1:
        return None
    whole = int(seconds)
    rest = _decimal(seconds - whole, Decimal("0.001"))[1:].rstrip("0").rstrip(".")
    # Rounding 59.9996 must not give 60.
    rest = ".999" if seconds - whole > Fraction(9994, 10000) else rest
    return f"{int(hours):02}:{int(minutes):02}:{whole:02}{rest}"


def _calendar(day: str) -> str | None:
    parts = day.replace("-", ":").split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    try:
        return date(*(int(part) for part in parts)).isoformat()
    except ValueError:
        return None


def _original(parts: tuple[Rational, ...] | None) -> str:
    return " ".join(f"{top}/{bottom}" for top, bottom in parts) if parts else "no value"


def _decimal(value: Fraction, places: Decimal) -> str:
    with localcontext() as context:
        context.prec = 40
        return format((Decimal(value.numerator) / Decimal(value.denominator)).quantize(places), "f")
