"""Labels of takes and sounds come out of the command as they went in, and agree with the claim."""

from __future__ import annotations

from pathlib import Path

import av
from tests.acceptance.studio import Ran, finish, write_edl, write_take
from tests.unit.media.labelled import sound

from finisher.media import xmp
from finisher.media.stated import Stated, stated

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI, COMPOSITE = _IPTC + "trainedAlgorithmicMedia", _IPTC + "compositeWithTrainedAlgorithmicMedia"
SURE = '{"Label":"1","ContentProducer":"voices"}'
MAYBE = '{"Label":"2","ContentProducer":"films"}'


def labelled(source: Path, path: Path, **metadata: str) -> None:
    """A copy of a film with metadata of its own."""
    with (
        av.open(str(source)) as reading,
        av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as writing,
    ):
        writing.metadata.update(metadata)
        stream = writing.add_stream_from_template(reading.streams.video[0])
        for packet in reading.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                writing.mux(packet)


def project(folder: Path) -> dict[str, object]:
    """Takes that only their metadata call generated, and a voice that is certain to be."""
    write_take(folder / "raw.mp4", 24, 1)
    labelled(folder / "raw.mp4", folder / "a.mp4", AIGC=MAYBE)
    labelled(folder / "raw.mp4", folder / "b.mp4", title="b")
    xmp.append(folder / "b.mp4", xmp.packet(AI, "a generator"))
    sound(folder / "voice.m4a", AIGC=SURE)
    document: dict[str, object] = {
        "schema": "finisher/edl@1",
        "title": "Labels",
        "rate": "24",
        "canvas": {"width": 640, "height": 360},
        "takes": {"a": {"file": "a.mp4"}, "b": {"file": "b.mp4"}},
        "events": [{"take": "a", "in": 0, "out": 12}, {"take": "b", "in": 4, "out": 16}],
        "audio": [{"id": "voice", "file": "voice.m4a", "role": "narration"}],
        "deliverables": [{"preset": "small"}],
    }
    (folder / "presets").mkdir()
    preset = 'inherits = "yt169"\ndescription = "Small"\nraster = [320, 180]\n[video]\n'
    (folder / "presets" / "small.toml").write_text(preset + 'speed = "ultrafast"\ncrf = 16\n')
    write_edl(folder, document)
    return document


def checks(ran: Ran) -> dict[str, str]:
    (file,) = ran.document["files"]
    return {check["id"]: check["status"] for check in file["checks"]}


def test_labels_come_out_as_they_went_in(tmp_path: Path) -> None:
    document = project(tmp_path)
    ran = finish(tmp_path, "edl.json")
    assert ran.code == 0, ran.err
    assert "2 different AIGC labels go in" in ran.out + ran.err
    export = tmp_path / "edl.small.mp4"
    assert stated(export) == Stated(SURE, COMPOSITE)
    ran = finish(tmp_path, "audit", export.name, "--json")
    found = checks(ran)
    names = ("source-type-agrees", "aigc-label", "ai-disclosure", "actions", "container-slack")
    assert {name: found[name] for name in names} == dict.fromkeys(names, "passed")
    assert ran.document["files"][0]["labels"] == {"aigc": SURE, "iptc": COMPOSITE}

    # What is said of training is part of the claim: the file known from before won't do.
    document["training"] = {"ai_training": "notAllowed"}
    write_edl(tmp_path, document)
    before = export.read_bytes()
    assert finish(tmp_path, "edl.json").code == 0
    assert b"cawg.training-mining" in export.read_bytes()
    assert b"cawg.training-mining" not in before

    # Others' tools drop labels: the takes at hand tell that there were some.
    labelled(export, tmp_path / "stripped.mp4", title="Labels")
    found = checks(finish(tmp_path, "audit", "stripped.mp4", "--edl", "edl.json", "--json"))
    assert found["aigc-label"] == "failed"
