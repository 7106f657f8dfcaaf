import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.provenance.codes import Class, breaking, classify, failing


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("claimSignature.validated", Class.GOOD),
        ("assertion.bmffHash.match", Class.GOOD),
        ("signingCredential.trusted", Class.GOOD),
        ("assertion.bmffHash.additionalExclusionsPresent", Class.NOTE),
        ("signingCredential.ocsp.skipped", Class.NOTE),
        ("signingCredential.ocsp.inaccessible", Class.NOTE),
        ("ingredient.unknownProvenance", Class.NOTE),
        ("signingCredential.untrusted", Class.TRUST),
        ("signingCredential.expired", Class.TRUST),
        ("timeStamp.untrusted", Class.TRUST),
        ("timeStamp.mismatch", Class.TRUST),
        ("cawg.ica.untrusted_issuer", Class.TRUST),
        ("cawg.identity.assertion.mismatch", Class.INTEGRITY),
        ("signingCredential.invalid", Class.INTEGRITY),
        ("signingCredential.ocsp.revoked", Class.INTEGRITY),
        ("assertion.bmffHash.mismatch", Class.INTEGRITY),
        ("assertion.hashedURI.mismatch", Class.INTEGRITY),
        ("ingredient.manifest.missing", Class.INTEGRITY),
        ("manifest.inaccessible", Class.INTEGRITY),
        ("claimSignature.mismatch", Class.INTEGRITY),
        ("missing:claimSignature.validated", Class.INTEGRITY),
        ("a.code.of.the.future", Class.INTEGRITY),
        ("", Class.INTEGRITY),
    ],
)
def test_what_a_code_speaks_of(code, kind):
    assert classify(code) is kind


@given(st.lists(st.text(max_size=40)).map(tuple))
def test_breaking_codes_are_failing_codes(codes):
    assert set(breaking(codes)) <= set(failing(codes)) <= set(codes)
