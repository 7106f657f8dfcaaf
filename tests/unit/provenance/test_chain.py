from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.c2pa.reading import Reading
from finisher.facts import Integrity
from finisher.findings import Verdict
from finisher.provenance import chain, credentials
from finisher.provenance.verdict import judge

WORDS = st.sampled_from(
    [
        "active_manifest", "manifests", "ingredients", "assertions", "label", "data", "actions",
        "action", "parameters", "url", "code", "failure", "success", "validation_results",
        "validation_status", "activeManifest", "ingredientDeltas", "validationDeltas", "a", "b",
        "claim_generator_info", "signature_info", "relationship", "parentOf", "title",
        "c2pa.actions", "c2pa.created", "digitalSourceType", "assertion.bmffHash.mismatch",
    ]
)  # fmt: skip
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)


def entry(urn, **more):
    return {"title": urn or "bare", "label": f"i-{urn}", "active_manifest": urn, **more}


def store(**manifests):
    return {
        "active_manifest": "top",
        "manifests": {urn: {"ingredients": parts} for urn, parts in manifests.items()},
    }


@settings(max_examples=100, deadline=None)  # a busy machine is no failure
@given(st.dictionaries(WORDS, JUNK, max_size=6))
def test_no_store_however_malformed_is_called_intact_or_raises(data):
    reading = Reading(data, "Trusted", embedded=True)
    assert credentials.of(reading).integrity is Integrity.BROKEN
    assert judge(reading).verdict is Verdict.TAMPERED


def test_manifests_that_name_each_other_end():
    links = chain.links(store(top=[entry("a")], a=[entry("b")], b=[entry("a"), entry("top")]))
    assert [(link.title, link.depth) for link in links] == [
        ("a", 1),
        ("b", 2),
        ("a", 3),
        ("top", 3),
    ]


def test_a_manifest_that_many_share_is_opened_once():
    layers = {f"m{n}": [entry(f"m{n + 1}")] * 10 for n in range(12)}
    links = chain.links(store(top=[entry("m0")] * 10, **layers, m12=[]))
    assert len(links) == 130


def test_a_chain_longer_than_the_stack_is_walked():
    manifests = {f"m{n}": [entry(f"m{n + 1}")] for n in range(3000)}
    assert chain.links(store(top=[entry("m0")], **manifests))[-1].depth == 3001


def test_a_record_without_a_manifest_in_the_store_is_no_manifest():
    invented = {"activeManifest": {"success": [{"code": "claimSignature.validated"}]}}
    (link,) = chain.links(store(top=[entry("gone", validation_results=invented)]))
    assert link.manifest is None
    assert link.claimed


def test_records_of_both_versions_are_read():
    code = "assertion.dataHash.mismatch"
    new = {"activeManifest": {"failure": [{"code": code}]}}
    nested = {
        "ingredientDeltas": [
            {"ingredientAssertionURI": "x", "validationDeltas": {"failure": [{"code": code}]}}
        ]
    }
    old = [{"code": code}, {"code": "claimSignature.validated"}, {"code": "x", "success": True}]
    for more in (
        {"validation_results": new},
        {"validation_results": nested},
        {"validation_status": old},
    ):
        (link,) = chain.links(store(top=[entry("a", **more)], a=[]))
        assert link.recorded == (code,)


def test_what_differs_today_is_found_at_its_ingredient():
    data = store(top=[entry("a")], a=[entry("b")], b=[])
    data["validation_results"] = {
        "ingredientDeltas": [
            {
                "ingredientAssertionURI": "self#jumbf=/c2pa/a/c2pa.assertions/i-b",
                "validationDeltas": {"failure": [{"code": "claimSignature.mismatch"}]},
            }
        ]
    }
    assert [link.now for link in chain.links(data)] == [(), ("claimSignature.mismatch",)]
    assert chain.failures(data) == ("claimSignature.mismatch",)


def test_generator_and_soft_bindings_are_told():
    data = store(top=[])
    data["manifests"]["top"]["claim_generator"] = "old/1"
    data["manifests"]["top"]["assertions"] = [
        {
            "label": "c2pa.soft-binding__1",
            "data": {"alg": "com.example.mark", "blocks": [{"scope": {}, "value": "2*01"}]},
        },
        {"label": "c2pa.soft-binding__2", "data": {"alg": 3, "blocks": [{"value": []}]}},
    ]
    assert chain.generator(data, "top") == "old/1"
    named, odd = chain.soft_bindings(data)
    assert (named.alg, named.value) == ("com.example.mark", "2*01")
    assert (odd.alg, odd.value) == ("unnamed", "")
