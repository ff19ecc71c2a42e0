"""Digests of the same bytes in one pass."""

import pytest

from evidence.vault.hashing import LEGACY, Algorithm, Digests, rehash

# Known answers for "abc": FIPS 180-4 and FIPS 202 examples, RFC 1321, the BLAKE3 paper's reference program.
ABC = {
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sha512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "sha3-512": "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
    "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
    "blake3": "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
    "md5": "900150983cd24fb0d6963f7d28e17f72",
}


def test_every_algorithm_gives_its_known_answer() -> None:
    digests = Digests([algorithm.value for algorithm in Algorithm])
    digests.update(b"a")
    digests.update(memoryview(bytearray(b"bc")))
    assert digests.hexdigests() == ABC
    assert digests.length == 3


def test_the_usual_two_are_of_different_construction() -> None:
    assert list(Digests().hexdigests()) == ["sha256", "blake3"]
    assert not LEGACY & {Algorithm(name) for name in Digests().hexdigests()}


@pytest.mark.parametrize("algorithms", [["crc32"], ["sha256", "sha256"], []])
def test_an_unknown_doubled_or_missing_algorithm_is_refused(algorithms: list[str]) -> None:
    with pytest.raises(ValueError, match=r"algorithm|crc32"):
        Digests(algorithms)


def test_rehashing_pieces_agrees_and_can_go_on() -> None:
    digests = rehash(iter([b"a", b"b"]))
    digests.update(b"c")
    assert digests.hexdigests() == {name: ABC[name] for name in ("sha256", "blake3")}
