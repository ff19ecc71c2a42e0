"""GPS fields become signed decimal coordinates only where sign and size are certain."""

from dataclasses import replace

import pytest

from evidence.metadata.gps import GpsFields, read_gps

SYDNEY = GpsFields(
    latitude=((33, 1), (51, 1), (2504, 100)),
    latitude_ref="S",
    longitude=((151, 1), (12, 1), (5540, 100)),
    longitude_ref="E",
    altitude=((58, 10),),
    altitude_ref=0,
    datum="WGS-84",
    date_stamp="2024:02:29",
    time_stamp=((23, 1), (59, 1), (595, 10)),
)


def test_a_whole_position_is_read_with_its_originals() -> None:
    reading = read_gps(SYDNEY)
    assert reading.warnings == ()
    assert reading.values == {
        "gps.latitude.original": "33/1 51/1 2504/100 S",
        "gps.latitude": "-33.8569556",
        "gps.longitude.original": "151/1 12/1 5540/100 E",
        "gps.longitude": "151.2153889",
        "gps.status": "position recorded",
        "gps.datum": "WGS-84",
        "gps.altitude.original": "58/10 reference 0",
        "gps.altitude_m": "5.80",
        "gps.time.original": "2024:02:29 23/1 59/1 595/10",
        "gps.time_utc": "2024-02-29T23:59:59.5Z",
    }


@pytest.mark.parametrize(
    ("north_south", "east_west", "signs"),
    [("N", "E", "++"), ("S", "E", "-+"), ("N", "W", "+-"), ("S", "W", "--"), (" s\0".strip("\0"), "w", "--")],
)
def test_south_and_west_are_negative(north_south: str, east_west: str, signs: str) -> None:
    values = read_gps(replace(SYDNEY, latitude_ref=north_south, longitude_ref=east_west)).values
    found = "".join(
        "-" if values[name].startswith("-") else "+" for name in ("gps.latitude", "gps.longitude")
    )
    assert found == signs


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"latitude": None}, "GPS is incomplete: no latitude."),
        ({"latitude": ()}, "GPS is incomplete: no latitude."),
        ({"latitude": ((33, 1), (51, 1))}, "GPS is incomplete: latitude is not three fractions"),
        ({"latitude": ((33, 1), (51, 1), (0, 0))}, "GPS is incomplete: latitude is not three fractions"),
        ({"latitude_ref": None}, "GPS is incomplete: latitude has no N or S reference."),
        ({"latitude_ref": ""}, "GPS is incomplete: latitude has no N or S reference."),
        ({"latitude_ref": "E"}, "GPS is incomplete: latitude has no N or S reference."),
        ({"longitude_ref": "N"}, "GPS is incomplete: longitude has no E or W reference."),
        ({"latitude": ((91, 1), (0, 1), (0, 1))}, "GPS latitude is out of range"),
        ({"latitude": ((90, 1), (0, 1), (1, 100))}, "GPS latitude is out of range"),
        ({"latitude": ((-33, 1), (0, 1), (0, 1))}, "GPS latitude is out of range"),
        ({"latitude": ((4294967295, 1), (0, 1), (0, 1))}, "GPS latitude is out of range"),
        ({"longitude": ((180, 1), (0, 1), (1, 1))}, "GPS longitude is out of range"),
    ],
)
def test_a_doubtful_position_gets_a_warning_and_no_number(change: dict[str, object], warning: str) -> None:
    reading = read_gps(replace(SYDNEY, **change))  # type: ignore[arg-type]
    axis = "longitude" if "longitude" in next(iter(change)) else "latitude"
    assert any(sentence.startswith(warning) for sentence in reading.warnings), reading.warnings
    assert f"gps.{axis}" not in reading.values
    assert reading.values["gps.status"] == "no usable position"


def test_the_poles_and_the_date_line_are_in_range() -> None:
    edge = replace(SYDNEY, latitude=((90, 1), (0, 1), (0, 1)), longitude=((180, 1), (0, 1), (0, 1)))
    reading = read_gps(edge)
    assert reading.warnings == ()
    assert reading.values["gps.latitude"] == "-90.0000000"


def test_minutes_over_sixty_are_read_with_a_warning() -> None:
    reading = read_gps(replace(SYDNEY, latitude=((33, 1), (75, 1), (0, 1))))
    assert reading.values["gps.latitude"] == "-34.2500000"
    assert reading.warnings == ("GPS latitude has minutes or seconds out of range.",)


def test_position_zero_is_called_what_it_is() -> None:
    zero = ((0, 1), (0, 1), (0, 1))
    reading = read_gps(replace(SYDNEY, latitude=zero, longitude=zero))
    assert reading.values["gps.status"] == "position 0, 0"
    assert "exactly 0" in reading.warnings[0]


def test_a_file_without_gps_says_so_without_a_warning() -> None:
    assert read_gps(GpsFields()).values == {"gps.status": "no position recorded"}


def test_below_sea_level_is_negative() -> None:
    assert read_gps(replace(SYDNEY, altitude_ref=1)).values["gps.altitude_m"] == "-5.80"
    assert read_gps(replace(SYDNEY, altitude_ref=3)).values["gps.altitude_m"] == "-5.80"


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"altitude": ((1, 0),)}, "GPS altitude is not a fraction"),
        ({"altitude_ref": None}, "GPS altitude has no reference"),
        ({"altitude_ref": 9}, "GPS altitude has the unknown reference 9"),
        ({"time_stamp": ((24, 1), (0, 1), (0, 1))}, "GPS time is out of range."),
        ({"time_stamp": ((1, 0), (0, 1), (0, 1))}, "GPS time is out of range."),
        ({"date_stamp": "1999:99:99"}, "GPS date is not a date."),
        ({"date_stamp": "yesterday"}, "GPS date is not a date."),
        ({"date_stamp": None}, "GPS time has no date."),
    ],
)
def test_a_doubtful_height_or_time_gets_a_warning(change: dict[str, object], warning: str) -> None:
    reading = read_gps(replace(SYDNEY, **change))  # type: ignore[arg-type]
    assert any(sentence.startswith(warning) for sentence in reading.warnings), reading.warnings


def test_the_last_fraction_of_a_second_is_not_rounded_up_to_sixty() -> None:
    stamp = ((23, 1), (59, 1), (599999, 10000))
    assert read_gps(replace(SYDNEY, time_stamp=stamp)).values["gps.time_utc"] == "2024-02-29T23:59:59.999Z"


def test_a_missing_datum_is_named() -> None:
    assert read_gps(replace(SYDNEY, datum=None)).values["gps.datum"] == "not recorded"
