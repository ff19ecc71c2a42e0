"""The shapes of what the API is asked with. Fields only; the acts check what is in them."""

from __future__ import annotations

from rest_framework import serializers as s


class PasskeyRequest(s.Serializer[dict[str, object]]):
    label = s.CharField(required=False)  # type: ignore[assignment]  # a field, not the serializer's own label
    credential = s.CharField(help_text="base64url id that the authenticator gave it")
    clientDataJSON = s.CharField(help_text="base64url")  # noqa: N815 - the names of Web Authentication
    attestationObject = s.CharField(help_text="base64url")  # noqa: N815
    transports = s.ListField(child=s.CharField(), required=False)


class ActRequest(s.Serializer[dict[str, object]]):
    act = s.CharField(help_text="the type of record, for example transfer.offer")
    params = s.DictField(help_text="what the act needs; see docs/api.md")
    keyid = s.CharField(
        required=False, help_text="which of your keys signs; your only registered one by default"
    )


class SignRequest(s.Serializer[dict[str, object]]):
    keyid = s.CharField()
    signature = s.CharField(help_text="base64: DER ECDSA-SHA256 or Ed25519 over PAE(payload_type, payload)")
    authenticatorData = s.CharField(  # noqa: N815 - the names of Web Authentication
        required=False, help_text="base64; passkeys only, with clientDataJSON"
    )
    clientDataJSON = s.CharField(  # noqa: N815
        required=False, help_text="base64; its challenge is SHA-256 of PAE(payload_type, payload)"
    )


class LogOnRequest(s.Serializer[dict[str, object]]):
    username = s.CharField()
    password = s.CharField()


class ReasonRequest(s.Serializer[dict[str, object]]):
    reason = s.CharField()
