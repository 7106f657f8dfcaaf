"""What a store's own bytes tell, whatever results are recorded in it."""

from dataclasses import replace

import pytest
from tests.unit.provenance.vendors import (
    FIXTURES,
    assembly,
    needs_fixtures,
    store_box,
    take,
    vendor,
)

from finisher.c2pa.boxes import references, store_boxes
from finisher.c2pa.reading import read
from finisher.findings import Status, Verdict
from finisher.provenance import binding, chain
from finisher.provenance.verdict import judge


@pytest.fixture(scope="module")
def house():
    return vendor("Finishing House")


@pytest.fixture(scope="module")
def grown(tmp_path_factory, house):
    """An export of an export of a take."""
    folder = tmp_path_factory.mktemp("grown")
    maker = vendor()
    first = assembly(folder / "first.mp4", house, [take(folder / "t.mp4", maker)])
    return assembly(folder / "second.mp4", house, [first])


def status(found, name):
    return next(check.status for check in found.checks if check.id == name)


def test_every_manifest_is_bound_by_the_one_above(grown):
    reading = read(grown)
    (store,) = reading.stores
    assert {box.label for box in store.manifests} == set(chain.urns(reading.store))
    assert len(reading.references) == 2
    assert binding.replaced(reading) == ()
    assert binding.strays(reading) == ()


def test_a_manifest_that_was_replaced_is_told_though_the_sdk_is_silent(grown):
    reading = read(grown)
    # What the SDK itself tells of is none of this test's: it is silent on the lowest.
    (lowest,) = set(chain.urns(reading.store)) - {one.owner for one in reading.references}
    (store,) = reading.stores
    boxes = tuple(
        replace(box, digests=dict.fromkeys(box.digests, "00")) if box.label == lowest else box
        for box in store.manifests
    )
    stores = (replace(store, manifests=boxes),)
    swapped = replace(reading, stores=stores)
    assert binding.replaced(swapped) == (lowest,)
    found = judge(swapped)
    assert found.verdict is Verdict.TAMPERED
    assert status(found, "ingredients-now") is Status.FAILED


def test_manifests_of_one_label_are_told_apart(grown):
    reading = read(grown)
    (store,) = reading.stores
    twice = replace(store, manifests=(*store.manifests, store.manifests[0]))
    doubled = replace(reading, stores=(twice,))
    found = judge(doubled)
    assert found.verdict is Verdict.TAMPERED
    assert status(found, "store-reachable") is Status.FAILED
    # Something that looks like a store, and holds nothing of this one, lies in some media.
    foreign = replace(
        twice, manifests=tuple(replace(box, label="urn:c2pa:other") for box in twice.manifests)
    )
    assert binding.strays(replace(reading, stores=(store, foreign))) == ()


@pytest.mark.parametrize("cut", [1, 9, 20, 40, 80, 400])
def test_stores_that_break_off_are_no_stores(tmp_path, grown, cut):
    data = grown.read_bytes()
    start, end = store_box(data)
    path = tmp_path / "cut"
    path.write_bytes(data[start : end - cut])
    with path.open("rb") as stream:
        assert [store.manifests for store in store_boxes(stream)] in ([], [()])
    path.write_bytes(b"")
    with path.open("rb") as stream:
        assert store_boxes(stream) == ()


def spoilt(data, offset, value):
    """The same file with a byte of its store's envelope changed, counted from the store's start."""
    at = data.index(b"jumdc2pa") - 12 + offset
    return data[:at] + bytes([value]) + data[at + 1 :]


def test_envelopes_that_no_hash_covers_are_as_specified(tmp_path, grown):
    data = grown.read_bytes()
    top = data.rindex(b"jumb", 0, data.rindex(b"c2ma")) - 4  # the active manifest's box
    start = data.index(b"jumdc2pa") - 12
    signature = data.rindex(b"c2pa.signature") - 37
    told = 0
    for name, offset, value in (
        ("size of the store", 3, data[start + 3] + 1),
        ("toggles of the store", 32, 0x83),
        ("label of the store", 36, ord("b")),
        ("size of the active manifest", top - start + 3, data[top + 3] - 1),
        ("toggles of the active manifest", top - start + 32, 0x83),
        ("label of its signature", signature - start + 36, ord("x")),
        ("place of a further box", -1, 9),
        ("room left in its signature", data.rindex(b"\x63pad") - start + 20, 1),
        ("size of its signature", signature - start + 3, data[signature + 3] ^ 1),
    ):
        path = tmp_path / "spoilt.mp4"
        path.write_bytes(spoilt(data, offset, value))
        outcome = read(path)
        told += outcome is not None
        found = judge(outcome)
        assert found.verdict not in {Verdict.INTACT, Verdict.INTACT_UNTRUSTED}, name
    assert told > 0  # some the SDK itself takes for no store at all
    assert not binding.malformed(read(grown))


def test_nonsense_names_nothing():
    named = {"url": "self#jumbf=/c2pa/urn:x", "hash": "b64'!'"}
    for document in (
        {},
        {"manifests": 5},
        {"manifests": [{"assertions": []}]},
        {"manifests": [{"assertions": {"c2pa.ingredient.v3": {"activeManifest": 7}}}]},
    ):
        assert references(document) == ()
    (found,) = references(
        {
            "manifests": [
                {"label": "a", "assertions": {"c2pa.ingredient.v3": {"activeManifest": named}}}
            ]
        }
    )
    assert found.digest == ""  # which is no manifest's


@needs_fixtures
def test_stores_of_other_formats_and_ages_are_found_whole():
    for name, count in (
        ("CA.jpg", 1),
        ("CACAE-uri-CA.jpg", 3),
        ("legacy_ingredient_hash.jpg", 2),
        ("video1.mp4", 2),
        ("sample1_signed.wav", 1),
    ):
        reading = read(FIXTURES / "c2pa" / name)
        (store,) = reading.stores
        assert len(store.manifests) == count, name
        assert binding.replaced(reading) == binding.strays(reading) == ()
        assert not binding.malformed(reading)
