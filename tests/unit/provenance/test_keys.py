import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from finisher.problems import MachineError
from finisher.provenance.keys import algorithm, checked, fits, signing

KEYS = {
    "es256": ec.generate_private_key(ec.SECP256R1()),
    "es384": ec.generate_private_key(ec.SECP384R1()),
    "es512": ec.generate_private_key(ec.SECP521R1()),
    "ps256": rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
WIDTHS = {"es256": 64, "es384": 96, "es512": 132}


@pytest.mark.parametrize("name", KEYS)
@given(data=st.binary(min_size=1, max_size=200))
def test_what_a_key_signs_checks_and_nothing_else_does(name, data):
    key = KEYS[name]
    public = key.public_key()
    signature = signing(key)(data)
    proven = checked(public, name, signature, data)
    assert proven is not None
    if name in WIDTHS:
        # COSE wants r and s side by side; they are the same numbers, and check again as such.
        assert len(proven) == WIDTHS[name]
        r, s = decode_dss_signature(signature)
        assert proven == b"".join(n.to_bytes(WIDTHS[name] // 2, "big") for n in (r, s))
        assert checked(public, name, proven, data) == proven
    else:
        assert proven == signature
    assert checked(public, name, signature, data + b"x") is None
    for wrong in (b"", b"\0", signature[:-1], bytes(len(signature)), bytes(len(proven))):
        assert checked(public, name, wrong, data) is None


def test_algorithms_go_with_keys():
    for name, key in KEYS.items():
        assert algorithm(key) == algorithm(key.public_key()) == name
        assert [other for other in KEYS if fits(other, key.public_key())] == [name]
    assert fits("ps512", KEYS["ps256"].public_key())
    assert not fits("es256", x25519.X25519PrivateKey.generate().public_key())
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is to be refused
    for key in (ec.generate_private_key(ec.SECP256K1()), weak):
        with pytest.raises(ValueError, match="P-256"):
            algorithm(key)
        assert not fits("es256", key.public_key())


def test_what_a_library_says_of_a_key_is_not_passed_on():
    class Leaky(ed25519.Ed25519PrivateKey):
        def sign(self, data):
            raise RuntimeError(f"key bytes: {data!r}")

    Leaky.__abstractmethods__ = frozenset()
    with pytest.raises(MachineError) as told:
        signing(Leaky())(b"secret")
    assert "secret" not in str(told.value)
    assert told.value.__suppress_context__
