"""A replacement with Content Credentials is an ingredient; an altered one stops the render."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.studio import build, edl, finish, write_edl
from tests.unit.provenance.vendors import ACTIONS, claim, vendor

from finisher.c2pa.signing import SigningRequest, sign


def test_a_signed_sound_goes_into_the_manifest_and_an_altered_one_blocks(tmp_path: Path) -> None:
    folder = build(tmp_path / "project")
    voice = folder / "voice.wav"
    raw = voice.rename(folder / "raw.wav")
    by = vendor("Parrot Voices")
    sign(raw, voice, SigningRequest(claim("voice"), by.signer, attributed=ACTIONS))
    document = edl()
    document["events"] = document["events"][:1]
    document["audio"][0]["at"] = 0
    write_edl(folder, document)
    ran = finish(folder, "edl.json")
    assert ran.code == 0, ran.err
    (file,) = finish(folder, "audit", "edl.tiny.mp4", "--json").document["files"]
    (ingredient,) = [i for i in file["ingredients"] if i["title"] == "voice.wav"]
    assert ingredient["now"] == []  # nothing is wrong with it
    data = bytearray(voice.read_bytes())
    data[data.index(b"data") + 5_000] ^= 1
    voice.write_bytes(data)
    ran = finish(folder, "edl.json")
    assert ran.code == 5
    assert "layer 'voice' is not what was signed" in ran.err
