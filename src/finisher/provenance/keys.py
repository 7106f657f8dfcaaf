"""Sign bytes with a private key, and check signatures, by the algorithms C2PA knows."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificatePublicKeyTypes,
    PrivateKeyTypes,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from finisher.problems import MachineError, Problem

_CURVES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "secp256r1": ("es256", hashes.SHA256()),
    "secp384r1": ("es384", hashes.SHA384()),
    "secp521r1": ("es512", hashes.SHA512()),
}
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}


def algorithm(key: PrivateKeyTypes | CertificatePublicKeyTypes) -> str:
    """The COSE algorithm of a key, private or public, by the SDK's names.

    Raises:
        ValueError: for a key of a kind or size that C2PA does not allow.
    """
    if (
        isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey)
        and key.curve.name in _CURVES
    ):
        return _CURVES[key.curve.name][0]
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey) and key.key_size >= 2048:
        return "ps256"
    if isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        return "ed25519"
    raise ValueError("C2PA takes keys on P-256, P-384, P-521 or Ed25519, or RSA of 2048 bits up")


def fits(name: str, key: CertificatePublicKeyTypes) -> bool:
    """Whether signatures of an algorithm can be made with the private half of a key."""
    try:
        own = algorithm(key)
    except ValueError:
        return False
    return name == own or (own == "ps256" and name in ("ps384", "ps512"))


def signing(key: PrivateKeyTypes) -> Callable[[bytes], bytes]:
    """A function that signs bytes with a key; neither it nor its errors show anything of the key.

    Raises:
        ValueError: as `algorithm`.
    """
    name = algorithm(key)
    sign = _signer(key, name)

    def shielded(data: bytes) -> bytes:
        try:
            return sign(data)
        except Exception:  # noqa: BLE001 - whatever a library has to say of a key is not passed on
            raise MachineError(Problem("signing-failed", "the private key did not sign")) from None

    return shielded


def _signer(key: PrivateKeyTypes, name: str) -> Callable[[bytes], bytes]:
    """The plain function that signs with a key."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        digest = _CURVES[key.curve.name][1]
        return lambda data: key.sign(data, ec.ECDSA(digest))
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda data: key.sign(data, _pss(hashes.SHA256()), hashes.SHA256())
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign
    raise ValueError(name)


def checked(
    key: CertificatePublicKeyTypes, name: str, signature: bytes, data: bytes
) -> bytes | None:
    """A signature as COSE has it, None where the key did not make it of these bytes.

    An elliptic signature may be r and s side by side (RFC 9053) or in DER, as most tools write it.

    Args:
        key: the signer's public key.
        name: COSE algorithm, one that `fits` the key.
        signature: what is to be checked.
        data: what was to be signed.
    """
    digest = _DIGESTS.get(name[-3:], hashes.SHA256())
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            r, s = _pair(signature, (key.key_size + 7) // 8)
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(digest))
            return b"".join(n.to_bytes((key.key_size + 7) // 8, "big") for n in (r, s))
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, _pss(digest), digest)
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        else:
            return None
    except (InvalidSignature, ValueError, OverflowError):
        return None
    return signature


def _pair(signature: bytes, width: int) -> tuple[int, int]:
    """The numbers r and s of an elliptic signature, side by side or in DER.

    Raises:
        ValueError: when it is neither.
    """
    if len(signature) == 2 * width:
        return int.from_bytes(signature[:width], "big"), int.from_bytes(signature[width:], "big")
    r, s = decode_dss_signature(signature)
    return r, s


def _pss(digest: hashes.HashAlgorithm) -> padding.PSS:
    """The padding of RFC 8230: a salt as long as the digest."""
    return padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
