"""Strokes of a plain hand: lines of small letters drawn with one pen, each a little different.

A font would look printed and would differ from machine to machine; polylines on a small grid do not. Only
the letters and signs that the demonstration's note needs are here. x runs 0 to 4, y 0 (top of `t`) to 8
(foot of `g`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

from PIL import ImageDraw

# Strokes are separated by "/", points are two digits: x then y.
_LETTERS = {
    "a": "33 12 04 06 16 34 33 36",
    "b": "00 06 03 13 33 35 26 06",
    "c": "33 12 03 05 16 36",
    "d": "30 36 16 05 03 13 33",
    "e": "04 34 33 12 03 05 16 36",
    "f": "30 11 16/03 33",
    "g": "33 13 04 15 35 33 37 18 07",
    "h": "00 06/04 13 33 36",
    "i": "13 16/11 11",
    "k": "00 06/33 04 36",
    "l": "10 15 26",
    "m": "03 06/04 13 23 26/24 33 43 46",
    "n": "03 06/04 13 33 36",
    "o": "13 04 05 16 36 45 44 33 13",
    "p": "03 08/03 33 35 06",
    "r": "03 06/04 13 33",
    "s": "33 13 04 34 35 16 06",
    "t": "10 16 36/02 32",
    "u": "03 05 16 35 33 36",
    "v": "03 26 43",
    "y": "03 15 33/33 18 08",
    "z": "03 33 06 36",
    "0": "11 03 05 16 35 33 21 11",
    "1": "02 11 16",
    "3": "01 31 13 34 25 06",
    "4": "31 04 34/22 26",
    "5": "31 01 03 33 35 16 06",
    "6": "31 03 05 16 35 24 04",
    "8": "22 11 12 34 35 16 05 04 32 21 11",
    "9": "33 13 11 31 33 16",
    ":": "13 13/16 16",
}


def _points(stroke: str) -> Iterator[tuple[float, float]]:
    for point in stroke.split():
        yield float(point[0]), float(point[1])


def _smooth(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Cut the corners once (Chaikin), ends kept: a pen does not turn sharply."""
    if len(points) < 3:
        return points
    curve = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        curve.append((0.75 * x0 + 0.25 * x1, 0.75 * y0 + 0.25 * y1))
        curve.append((0.25 * x0 + 0.75 * x1, 0.25 * y0 + 0.75 * y1))
    return [*curve, points[-1]]


def write(
    draw: ImageDraw.ImageDraw,
    text: str,
    *,
    at: tuple[float, float],
    scale: float,
    ink: tuple[int, int, int],
    chance: random.Random,
) -> None:
    """Draw one line of text; a character that the hand does not know leaves a gap. One point is a dot."""
    left, top = at
    for character in text:
        lift, lean = chance.uniform(-0.4, 0.4), chance.uniform(0.08, 0.16)
        for stroke in _LETTERS.get(character, "").split("/"):
            line = [
                (left + scale * (x + lean * (8 - y)), top + scale * (y + lift + chance.uniform(-0.08, 0.08)))
                for x, y in _smooth(list(_points(stroke)))
            ]
            if len(set(_points(stroke))) == 1:
                x, y = line[0]
                draw.ellipse((x, y, x + scale * 0.5, y + scale * 0.5), fill=ink)
            elif line:
                draw.line(line, fill=ink, width=max(2, round(scale * 0.42)), joint="curve")
        left += scale * (4.6 + chance.uniform(-0.2, 0.3))
