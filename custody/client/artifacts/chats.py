"""Two chat exports: a telephone messenger's plain text and a messenger's JSON.

The forms are those that people know from export functions; the words are the story's. The text export
carries the marks that such exports carry (direction marks, omitted media, messages of several lines),
because parsers and redactors must live with them.
"""

from __future__ import annotations

import json
import random

from . import story

_NOTICE = "Messages in this group are end-to-end encrypted. Nobody outside of this chat can read them."
_LEFT_TO_RIGHT = "\u200e"


def group_text(chance: random.Random) -> bytes:
    """Give the group's chat as the text file that a telephone exports, UTF-8, one message a line."""
    lines = [f"{_stamp(0)} - {_LEFT_TO_RIGHT}{_NOTICE}"]
    lines.append(f'{_stamp(1)} - {story.MANAGER} created group "Rooms team"')
    for message in story.GROUP_CHAT:
        text = message.text.replace(". Van leaves", ".\nVan leaves")
        lines.append(f"{_stamp(message.minute)} - {message.sender}: {text}")
        if chance.random() < 0.12:
            lines.append(f"{_stamp(message.minute)} - {message.sender}: {_LEFT_TO_RIGHT}<Media omitted>")
    return ("\n".join(lines) + "\n").encode("utf-8")


def _stamp(minute: int) -> str:
    return story.moment(minute).strftime("%d/%m/%Y, %H:%M")


def private_json(chance: random.Random) -> bytes:
    """Give the private chat as the JSON file that a desktop messenger exports."""
    ids = {story.ZOFIE.handle: "user7000118", story.MYROSLAVA.handle: "user7000264"}
    names = {story.ZOFIE.handle: story.ZOFIE.name, story.MYROSLAVA.handle: story.MYROSLAVA.name}
    messages = []
    for number, message in enumerate(story.PRIVATE_CHAT, start=4101):
        at = story.moment(message.minute)
        messages.append(
            {
                "id": number,
                "type": "message",
                "date": at.strftime("%Y-%m-%dT%H:%M:") + f"{chance.randrange(60):02d}",
                "date_unixtime": str(int(at.timestamp())),
                "from": names[message.sender],
                "from_id": ids[message.sender],
                "text": message.text,
            }
        )
    messages[-1]["text"] = [messages[-1]["text"], {"type": "mention", "text": story.RIMA.handle}]
    chat = {"name": story.MYROSLAVA.name, "type": "personal_chat", "id": 7000264, "messages": messages}
    return json.dumps(chat, ensure_ascii=True, indent=1).encode("ascii")
