import pytest
from tests.unit.provenance.vendors import vendor

from finisher.c2pa.sidecars import sidecar
from finisher.pipeline.names import Destination
from finisher.pipeline.settings import Settings, Signing
from finisher.pipeline.signing import UNSTAMPED, _unstamped, signer
from finisher.problems import DocumentError, Exit, MachineError, Severity


def test_a_missing_time_stamp_is_told_and_in_a_strict_run_fatal():
    told = _unstamped("example.org gave none", strict=False)
    assert (told.code, told.severity) == (UNSTAMPED, Severity.WARNING)
    assert "example.org gave none" in told.message
    with pytest.raises(MachineError, match=r"example\.org gave none") as fatal:
        _unstamped("example.org gave none", strict=True)
    assert (fatal.value.exit, fatal.value.problems[0].code) == (Exit.ENVIRONMENT, UNSTAMPED)


def test_who_signs_is_decided_by_what_is_given(tmp_path):
    def settings(**words):
        return Settings(tmp_path / "cache", tmp_path / "data", signing=Signing(**words))

    assert signer(settings(off=True)).identity is None
    assert signer(settings()).identity.development
    (tmp_path / "chain.pem").write_bytes(vendor("Me").chain)
    for half in ({"cert": tmp_path / "chain.pem"}, {"key": tmp_path / "key.pem"}):
        with pytest.raises(DocumentError, match="--signer-cmd"):
            signer(settings(**half))
    with pytest.raises(MachineError, match="no-such-vault"):
        signer(settings(command=("no-such-vault",), cert=tmp_path / "chain.pem"))


def test_the_way_to_ask_a_person_is_no_part_of_what_a_run_is_known_by():
    asking = Signing(ask=lambda _: "open sesame")
    assert asking.told == asking == Signing()
    assert asking.told.ask is None
    assert "lambda" not in repr(asking)


def test_credentials_go_beside_where_they_are_asked_to(tmp_path):
    assert Signing(sidecar=True).beside
    assert Signing(address="https://example.org/").beside
    assert not Signing(sidecar=True, off=True).beside
    place = Destination(tmp_path / "film.mp4", sidecarred=True)
    assert place.sidecar == sidecar(place.media) == tmp_path / "film.c2pa"
    assert place.files.index(place.sidecar) < place.files.index(place.media)
    assert place.sidecar not in Destination(place.media).files
    assert place.failed.sidecar.name == "film.failed.c2pa"
