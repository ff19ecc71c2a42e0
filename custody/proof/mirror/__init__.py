"""A mirror of a log, which is also a witness: it recomputes what the log says and cosigns only that.

It needs the standard library and `cryptography`, and nothing of the server: it is to be run by somebody
else, on a machine of theirs. `python -m custody.proof.mirror --help`; docs/operations.md, "A witness".
"""
