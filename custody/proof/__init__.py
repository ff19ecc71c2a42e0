"""Make and check custody proofs: bytes and rules only. No database, no network, no Django."""
