"""Policies: which lines are read, which are refused, and when a quorum of witnesses is reached."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.proof import digests
from custody.proof.checkpoint import Checkpoint, parse_note
from custody.proof.errors import MalformedError, PolicyError, SignatureError
from custody.proof.note_keys import Cosigner, NoteSigner, add_signatures, sign_note
from custody.proof.policy import (
    MAX_POLICY,
    Group,
    Policy,
    Witness,
    cosignatures,
    format_policy,
    is_reached,
    parse_policy,
    verify_checkpoint,
)
from custody.proof.signatures import Algorithm, SigningKey

ORIGIN = "evidence.example/log"
TIME = 1_795_000_000
SIGNER = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ED25519))
OWN = Cosigner(ORIGIN, SigningKey.generate(Algorithm.ML_DSA_44))
NAMES = ("court", "bar", "ministry", "university")
COSIGNERS = {
    name: Cosigner(f"{name}.example/witness", SigningKey.generate(Algorithm.ED25519)) for name in NAMES
}
HEAD = Checkpoint(ORIGIN, 19255, digests.sha256(b"root"))
NOTE = sign_note(HEAD.text(), [SIGNER])
POLICY = Policy((SIGNER.public,), digests.sha256(b"genesis"), (digests.sha256(b"certificate").hex(),))
LINES = "".join(f"witness {name} {one.vkey}\n" for name, one in COSIGNERS.items())


def policy(rules: str) -> Policy:
    """A policy with four witnesses and these groups and this quorum."""
    return parse_policy(f"log {SIGNER.vkey}\n{LINES}{rules}")


def cosigned(*names: str, note: str = NOTE, time: int = TIME) -> str:
    return add_signatures(note, [COSIGNERS[name].signature(HEAD.text(), time) for name in names])


def test_a_policy_is_read_back_and_remains_a_policy_for_others() -> None:
    text = format_policy(POLICY)
    assert parse_policy(text) == POLICY
    assert text.splitlines()[:2] == [f"log {SIGNER.vkey}", "quorum none"]
    assert all(line.startswith("#") for line in text.splitlines()[2:])
    commented = f"# ours\n\n \t log\t{SIGNER.vkey}  https://evidence.example/\n#pins follow\nquorum none\n"
    assert parse_policy(commented) == Policy((SIGNER.public,))


PIN = digests.b64(digests.sha256(b"genesis"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log {SIGNER.vkey}\n",
        "quorum none\nquorum none\n",
        "quorum\n",
        "quorum none\nlog\n",
        f"quorum none\nlog {SIGNER.vkey} url more\n",
        f"quorum none\nlog {SIGNER.vkey}\nlog {SIGNER.vkey}\n",
        "quorum none\nmystery line\n",
        "quorum none\n#pin\n",
        "quorum none\n#pin mystery AAAA\n",
        f"quorum none\n#pin genesis {PIN}\n#pin genesis {PIN}\n",
        f"quorum none\n#pin genesis {PIN} more\n",
        "quorum none\n#pin genesis AAAA\n",
        "quorum none\n#pin seal AAAA\n",
        "quorum none\n#pin seal\n",
        "quorum none\n#pin seal " + "A" * 64 + "\n",
        "quorum none\r\n",
        "quorum none\n" + "#" * MAX_POLICY,
    ],
)
def test_other_texts_are_no_policy(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_policy(text)


def test_a_policy_that_could_not_be_read_back_is_not_written() -> None:
    with pytest.raises(MalformedError):
        format_policy(Policy((), None, ("not a hash",)))


@pytest.mark.parametrize(
    "rules",
    [
        f"witness court {SIGNER.vkey}\nquorum none\n",  # a log's key cannot witness
        f"log {COSIGNERS['court'].vkey}\nquorum none\n",
        f"witness court {COSIGNERS['court'].vkey}\nquorum none\n",  # twice the same name
        f"witness court-again {COSIGNERS['court'].vkey}\nquorum none\n",  # twice the same key
        f"witness itself {Cosigner('x.example/w', SIGNER._key).vkey}\nquorum none\n",
        f"witness none {OWN.vkey}\nquorum none\n",
        "witness\nquorum none\n",
        f"witness log {OWN.vkey} url more\nquorum none\n",
        "group\nquorum none\n",
        "group both all\nquorum none\n",
        "group both all court nobody\nquorum none\n",
        "group both all court both\nquorum none\n",
        "group both all court none\nquorum none\n",
        "group both all court court\nquorum none\n",
        "group court all bar\nquorum none\n",
        "group one any court\ngroup two any court bar\nquorum two\n",  # court would count twice
        "group late all early\ngroup early all court\nquorum late\n",
        "group both 0 court bar\nquorum none\n",
        "group both 3 court bar\nquorum none\n",
        "group both 02 court bar\nquorum none\n",
        "group both +1 court bar\nquorum none\n",
        "group both -1 court bar\nquorum none\n",
        "group both most court bar\nquorum none\n",
        "group both 100 court bar\nquorum none\n",
        "quorum nobody\n",
        "quorum court bar\n",
        "quorum both\ngroup both all court bar\n",
        "quorum court\nquorum court\n",
        "quorum none\x7f\n",
    ],
)
def test_lines_about_witnesses_that_are_not_a_policy(rules: str) -> None:
    with pytest.raises(MalformedError):
        policy(rules)


def test_a_policy_with_witnesses_is_read_back() -> None:
    rules = (
        f"witness log-ml-dsa-44 {OWN.vkey}\n"
        "group outside 2 court bar ministry\n"
        "group all-of-them all log-ml-dsa-44 outside\n"
        "quorum all-of-them\n"
    )
    read = policy(rules)
    assert read.groups == (
        Group("outside", 2, ("court", "bar", "ministry")),
        Group("all-of-them", 2, ("log-ml-dsa-44", "outside")),
    )
    assert [one.name for one in read.outside(ORIGIN)] == list(NAMES)
    assert [one.name for one in read.own_keys(ORIGIN)] == ["log-ml-dsa-44"]
    assert parse_policy(format_policy(read)) == read
    named = Policy(
        (SIGNER.public,), None, (), (Witness("court", COSIGNERS["court"].public, "https://c.example/"),)
    )
    assert parse_policy(format_policy(named)) == named


def test_thirty_two_witnesses_and_groups_with_post_quantum_keys_fit() -> None:
    vkey = OWN.vkey
    assert 32 * (len(vkey) + 300) < MAX_POLICY


@pytest.mark.parametrize(
    ("rules", "needed"),
    [
        ("quorum none\n", [()]),
        ("quorum bar\n", [("bar",)]),
        ("group g any court bar\nquorum g\n", [("court",), ("bar",)]),
        ("group g all court bar\nquorum g\n", [("court", "bar")]),
        (
            "group g 2 court bar ministry\nquorum g\n",
            [("court", "bar"), ("court", "ministry"), ("bar", "ministry")],
        ),
        (
            "group x 2 court bar ministry\ngroup y any university\ngroup z all x y\nquorum z\n",
            [
                ("court", "bar", "university"),
                ("court", "ministry", "university"),
                ("bar", "ministry", "university"),
            ],
        ),
        ("group x all court bar\ngroup z any x university\nquorum z\n", [("court", "bar"), ("university",)]),
    ],
)
def test_a_quorum_is_reached_by_exactly_these_witnesses(rules: str, needed: list[tuple[str, ...]]) -> None:
    read = policy(rules)
    for count in range(len(NAMES) + 1):
        for some in combinations(NAMES, count):
            enough = any(set(few) <= set(some) for few in needed)
            assert is_reached(read, set(some)) is enough, (rules, some)
            if enough:
                assert verify_checkpoint(cosigned(*some), read) == HEAD
            else:
                with pytest.raises(PolicyError, match="Fewer witnesses"):
                    verify_checkpoint(cosigned(*some), read)


@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
def test_more_witnesses_never_break_a_quorum(some: set[str], more: set[str]) -> None:
    read = policy("group g 2 court bar ministry\ngroup h any g university\nquorum h\n")
    assert is_reached(read, some | more) or not is_reached(read, some)


def test_the_newest_time_of_a_witness_is_told_and_strangers_are_ignored() -> None:
    note = cosigned("court", note=cosigned("court", time=TIME - 60))
    stranger = Cosigner("stranger.example/witness", SigningKey.generate(Algorithm.ED25519))
    note = add_signatures(note, [stranger.signature(HEAD.text(), TIME)])
    assert cosignatures(parse_note(note), policy("quorum court\n")) == {"court": TIME}


def test_a_witness_that_states_no_time_does_not_count_but_the_log_itself_may() -> None:
    assert cosignatures(parse_note(cosigned("court", time=0)), policy("quorum court\n")) == {}
    own = policy(f"witness log-ml-dsa-44 {OWN.vkey}\nquorum log-ml-dsa-44\n")
    note = add_signatures(NOTE, [OWN.signature(HEAD.text(), 0)])
    assert verify_checkpoint(note, own) == HEAD


def test_a_wrong_cosignature_of_a_known_witness_spoils_the_note_even_where_none_is_asked_for() -> None:
    other = Checkpoint(ORIGIN, 5, HEAD.root)
    forged = add_signatures(NOTE, [COSIGNERS["court"].signature(other.text(), TIME)])
    with pytest.raises(SignatureError):
        verify_checkpoint(forged, policy("quorum none\n"))


def test_witnesses_do_not_replace_the_signature_of_the_log() -> None:
    bare = add_signatures(
        HEAD.text() + "\n", [one.signature(HEAD.text(), TIME) for one in COSIGNERS.values()]
    )
    with pytest.raises(SignatureError, match="No known key"):
        verify_checkpoint(bare, policy("quorum court\n"))


def test_a_p256_log_key_is_a_log_key_and_no_witness_key() -> None:
    fips = NoteSigner(ORIGIN, SigningKey.generate(Algorithm.ES256))
    read = parse_policy(f"log {fips.vkey}\nquorum none\n")
    assert verify_checkpoint(sign_note(HEAD.text(), [fips]), read) == HEAD
    with pytest.raises(MalformedError):
        parse_policy(f"witness w {fips.vkey}\nquorum none\n")
