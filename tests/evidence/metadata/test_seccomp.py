"""The filter itself, run in a small interpreter of its language for both processor families."""

import errno
import struct

import pytest

from evidence.metadata import seccomp
from evidence.metadata.seccomp import MACHINES, RET_ALLOW, RET_ERRNO, RET_KILL, build_filter

OWN_PROCESS = 4242
X86_64, AARCH64 = 0, 1
REFUSED = RET_ERRNO | errno.EPERM
ABSENT = RET_ERRNO | errno.ENOSYS

# Numbers from the kernel's unistd.h of each family; None where the family has no such call.
FORBIDDEN: dict[str, tuple[int | None, int | None]] = {
    "open": (2, None),
    "openat": (257, 56),
    "openat2": (437, 437),
    "creat": (85, None),
    "open_by_handle_at": (304, 265),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "pidfd_send_signal": (424, 424),
    "mount": (165, 40),
    "umount2": (166, 39),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "memfd_create": (319, 279),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat2": (316, 276),
    "mkdirat": (258, 34),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "fchmodat": (268, 53),
    "fchownat": (260, 54),
    "setuid": (105, 146),
    "setresuid": (117, 147),
    "capset": (126, 91),
    "prctl": (157, 167),
    "personality": (135, 92),
    "ioctl": (16, 29),
    "prlimit64": (302, 261),
    "shmget": (29, 194),
    "perf_event_open": (298, 241),
    "init_module": (175, 105),
    "reboot": (169, 142),
    "userfaultfd": (323, 282),
    "pkey_mprotect": (329, 288),
    "seccomp": (317, 277),
    "a call of the future": (600, 600),
}


def decide(family: int, number: int, *arguments: int, audit: int | None = None) -> int:
    """Run the filter of a family on one system call and return its verdict."""
    machine = next(machine for machine in MACHINES.values() if machine.column == family)
    given = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number, machine.audit if audit is None else audit, 0, *given)
    code = build_filter(machine, OWN_PROCESS)
    lines = list(struct.iter_unpack("=HBBI", code))
    place, register = 0, 0
    while True:
        operation, when_true, when_false, value = lines[place]
        place += 1
        if operation == seccomp.RETURN:
            return int(value)
        if operation == seccomp.LOAD_WORD:
            register = struct.unpack_from("<I", data, value)[0]
        elif operation == seccomp.JUMP_EQUAL:
            place += when_true if register == value else when_false
        elif operation == seccomp.JUMP_SET:
            place += when_true if register & value else when_false
        else:
            raise AssertionError(f"unknown operation {operation}")


@pytest.mark.parametrize("family", [X86_64, AARCH64])
@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_call_that_is_not_on_the_list_is_refused(name: str, family: int) -> None:
    number = FORBIDDEN[name][family]
    if number is not None:
        assert decide(family, number) == REFUSED


@pytest.mark.parametrize("family", [X86_64, AARCH64])
def test_every_call_on_the_list_is_allowed_and_none_is_on_both_lists(family: int) -> None:
    allowed = {numbers[family] for numbers in seccomp.ALLOWED.values()} - {None}
    assert allowed.isdisjoint({numbers[family] for numbers in FORBIDDEN.values()} - {None})
    for number in allowed:
        assert number is not None
        assert decide(family, number) == RET_ALLOW


@pytest.mark.parametrize("family", [X86_64, AARCH64])
def test_the_c_library_is_told_that_newer_calls_are_absent(family: int) -> None:
    for numbers in seccomp.ABSENT.values():
        assert decide(family, numbers[family]) == ABSENT


@pytest.mark.parametrize("family", [X86_64, AARCH64])
def test_memory_may_be_mapped_but_not_to_run(family: int) -> None:
    for call in (seccomp.MMAP, seccomp.MPROTECT):
        assert decide(family, call[family], 0, 4096, 3) == RET_ALLOW
        assert decide(family, call[family], 0, 4096, 5) == REFUSED
        assert decide(family, call[family], 0, 4096, 7) == REFUSED


@pytest.mark.parametrize("family", [X86_64, AARCH64])
def test_only_open_files_may_be_asked_about(family: int) -> None:
    assert decide(family, seccomp.NEWFSTATAT[family], 3, 0, 0, 0x1000) == RET_ALLOW
    assert decide(family, seccomp.NEWFSTATAT[family], 3, 0, 0, 0) == REFUSED


@pytest.mark.parametrize("family", [X86_64, AARCH64])
def test_only_harmless_commands_to_handles_are_allowed(family: int) -> None:
    own, lock, receive_signals = 8, 6, 10
    for command in seccomp.FCNTL_COMMANDS:
        assert decide(family, seccomp.FCNTL[family], 3, command) == RET_ALLOW
    for command in (own, lock, receive_signals, 1024, 1033):
        assert decide(family, seccomp.FCNTL[family], 3, command) == REFUSED


@pytest.mark.parametrize("family", [X86_64, AARCH64])
def test_only_the_process_itself_may_be_signalled(family: int) -> None:
    assert decide(family, seccomp.TGKILL[family], OWN_PROCESS, OWN_PROCESS, 6) == RET_ALLOW
    assert decide(family, seccomp.TGKILL[family], 1, 1, 9) == REFUSED


def test_calls_of_another_machine_end_the_process() -> None:
    i386 = 0x40000003
    assert decide(X86_64, 1, audit=i386) == RET_KILL
    assert decide(X86_64, 1, audit=MACHINES["aarch64"].audit) == RET_KILL


def test_the_second_numbering_of_x86_64_is_refused() -> None:
    x32 = 0x40000000
    for numbers in seccomp.ALLOWED.values():
        number = numbers[X86_64]
        assert number is not None
        assert decide(X86_64, x32 | number) == REFUSED
