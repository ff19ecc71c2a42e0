"""Keys on cards, with SoftHSM2 in the place of a PIV card: they sign as every other key does, and say what is wrong."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from custody.client import card, cli, drafts, keys
from custody.client.errors import ClientError, ProfileError
from custody.client.profile import Profile
from custody.client.server import Server
from custody.proof import digests, envelope, records, signatures
from tests.client.fake_server import TOKEN, FakeServer
from tests.client.test_keys import enrolment

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
)
MODULE = next((path for path in MODULES if Path(path).exists()), "")
PIN, TOKEN_LABEL = "123456", "PIV of the tests"
pytestmark = pytest.mark.skipif(not MODULE, reason="not run: no SoftHSM2; by hand: keys on cards (PKCS#11)")


@dataclass(frozen=True)
class Slot:
    module: str
    token: str
    label: str

    def choose(self, profile: Profile, **changed: str) -> str:
        return keys.use_card(profile, **{**vars(self), **changed})


@pytest.fixture(scope="module")
def slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slot]:
    """A token with two P-256 keys and one of another curve; the module reads its settings once in a process."""
    import pkcs11
    from pkcs11.util.ec import encode_named_curve_parameters

    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    tool = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        TOKEN_LABEL,
        "--pin",
        PIN,
        "--so-pin",
        "87654321",
    ]
    subprocess.run(tool, check=True, capture_output=True)
    library = pkcs11.lib(MODULE)
    library.reinitialize()
    with library.get_token(token_label=TOKEN_LABEL).open(rw=True, user_pin=PIN) as opened:
        for label, curve in (("sign", "secp256r1"), ("other", "secp256r1"), ("curve", "secp384r1")):
            parameters = opened.create_domain_parameters(
                pkcs11.KeyType.EC,
                {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)},
                local=True,
            )
            parameters.generate_keypair(store=True, label=label)
        opened.generate_keypair(pkcs11.KeyType.RSA, 2048, store=True, label="rsa")
    yield Slot(MODULE, TOKEN_LABEL, "sign")
    del os.environ["SOFTHSM2_CONF"]


def test_a_card_signs_what_every_verifier_accepts(profile: Profile, slot: Slot) -> None:
    keyid = slot.choose(profile)
    with keys.opened(profile, PIN) as key:
        assert key.keyid == keyid == digests.keyid(key.spki)
        message = envelope.pae(records.RECORD_PAYLOAD_TYPE, b"a record")
        for _ in range(20):  # some have leading zeros in r or s
            signatures.verify(key.spki, key.sign(message), message)
    with pytest.raises(ClientError):
        key.sign(message)


def test_the_profile_keeps_where_the_key_is_and_no_pin(profile: Profile, slot: Slot) -> None:
    keyid = slot.choose(profile)
    path = profile.folder / f"keys/{keyid}.card.json"
    assert path.stat().st_mode & 0o077 == 0
    assert PIN not in path.read_text()
    assert keys.current(profile)["label"] == "sign"
    assert keys.is_on_card(keys.current(profile))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"module": "/nowhere/module.so"}, "cannot be loaded"),
        ({"token": "another card"}, "No card or token"),
        ({"label": "another key"}, "no such key"),
        ({"label": "curve"}, "only P-256"),
        ({"label": "rsa"}, "no such key|not an elliptic"),
    ],
)
def test_what_is_not_there_is_said(profile: Profile, slot: Slot, changed: dict[str, str], words: str) -> None:
    with pytest.raises(ClientError, match=words):
        slot.choose(profile, **changed)


def test_a_wrong_pin_signs_nothing(profile: Profile, slot: Slot) -> None:
    slot.choose(profile)
    with pytest.raises(ClientError, match="PIN is wrong"), keys.opened(profile, "000000"):
        pass


def test_another_key_under_the_label_is_noticed(profile: Profile, slot: Slot) -> None:
    keyid = slot.choose(profile)
    profile.change(f"keys/{keyid}.card.json", label="other")
    with pytest.raises(ProfileError, match="another key"), keys.opened(profile, PIN):
        pass


def test_a_card_proves_possession_for_its_enrolment(
    fake: FakeServer, profile: Profile, slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot.choose(profile)
    signed: list[bytes] = []

    def take(name: str, body: Any) -> tuple[int, Any]:
        signed.append(digests.unb64(body["signature"]))
        return 200, {"entry": None, "leaf": "", "result": {}, "receipt_url": ""}

    monkeypatch.setattr(fake, "_sign", take)
    with Server(fake.address, TOKEN) as server, keys.opened(profile, PIN) as key:
        holder = drafts.Session(server, profile, key, pause=lambda seconds: None)
        enrolment(fake, holder)
        (sentence,) = keys.prove(holder)
    assert f"Enrolment of key {key.keyid}" in sentence
    payload = digests.unb64(fake.drafts["d"]["payload"])
    signatures.verify(key.spki, signed[0], envelope.pae(records.RECORD_PAYLOAD_TYPE, payload))


def test_the_command_line_takes_a_card_into_use(
    profile: Profile, slot: Slot, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--profile", str(profile.folder), "key"]
    chosen = ["card", "--module", slot.module, "--token", slot.token, "--label", slot.label]
    assert cli.main([*words, *chosen]) == 0
    assert cli.main([*words, "show"]) == 0
    shown = capsys.readouterr().out
    keyid = str(keys.current(profile)["keyid"])
    assert f"the key {keyid} on the card" in shown
    assert f"keyid: {keyid}" in shown


def test_without_the_library_it_is_said_how_to_get_it(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(ClientError, match="extra `pkcs11`"):
        card.choose(profile, module=MODULE, token="x", label="y")
