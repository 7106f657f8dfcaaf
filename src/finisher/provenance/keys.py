"""Sign bytes with a private key by the algorithms Content Credentials know."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_CURVES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "secp256r1": ("es256", hashes.SHA256()),
    "secp384r1": ("es384", hashes.SHA384()),
    "secp521r1": ("es512", hashes.SHA512()),
}


def algorithm(key: PrivateKeyTypes) -> str:
    """The COSE algorithm of a key, by the SDK's names.

    Raises:
        ValueError: for a key of a kind or size that C2PA does not allow.
    """
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name][0]
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return "ps256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    raise ValueError("C2PA takes keys on P-256, P-384, P-521 or Ed25519, or RSA of 2048 bits up")


def signing(key: PrivateKeyTypes) -> Callable[[bytes], bytes]:
    """A function that signs bytes with a key; it shows nothing of the key.

    Raises:
        ValueError: as `algorithm`.
    """
    name = algorithm(key)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        digest = _CURVES[key.curve.name][1]
        return lambda data: key.sign(data, ec.ECDSA(digest))
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
        return lambda data: key.sign(data, pss, hashes.SHA256())
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign
    raise ValueError(name)
