"""The world of the access tests: one case with one of everything, none of it finished."""

from __future__ import annotations

from types import SimpleNamespace

from custody.acts import keys as key_acts
from custody.acts import receive
from custody.acts import report as report_acts
from custody.proof.digests import b64
from custody.proof.signatures import SigningKey
from custody.transfers import Transfer
from evidence.derivatives import Derivative
from evidence.items import Item
from tests.cast import Cast


def build(cast: Cast) -> SimpleNamespace:
    """One case with one of everything, none of it finished."""
    case = cast.open_case()
    authority = cast.add_authority(case)
    victim = cast.register_victim(case, ("name", "Mirela Dobrin"))
    item = cast.take_in(authority)
    plan = cast.act("examiner", "redaction.plan", item=str(item.pk))
    transfer = cast.hand_over(item)
    upload = receive.create_upload(cast.examiner, cast.sheet(authority, b"12345"), cast.now())
    key = SigningKey.generate()
    key_acts.request(cast.partner, {"keyid": key.keyid, "spki": b64(key.spki)}, cast.now())
    return SimpleNamespace(
        cast=cast,
        case=case,
        victim=victim,
        item=Item.objects.get(pk=item.pk),
        derivative=Derivative.objects.get(pk=plan["derivative"]),
        transfer=Transfer.objects.get(pk=transfer),
        upload=upload,
        report=report_acts.request(cast.prosecutor, {"case": str(case.pk)}, cast.now()),
        draft=cast.prepare("supervisor", "case.close", case=str(case.pk), reason="Done"),
        signature={"keyid": cast.key("supervisor").keyid, "signature": "AAAA"},
        new_key=key.keyid,
    )
