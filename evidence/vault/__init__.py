"""The vault: objects written once, encrypted under a key of their own; docs/vault-format.md has the bytes."""
