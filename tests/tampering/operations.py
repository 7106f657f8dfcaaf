"""Every way to tamper with an export, and what the gate has to say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.tampering import launder, suppress, tools
from tests.tampering.boxes import without_store, wrapped
from tests.tampering.stage import Stage
from tests.tampering.tools import written

Make = Callable[[Stage, Path], Path]


@dataclass(frozen=True)
class Operation:
    """One tampering: how it is done, and the verdict, exit code and checks that tell of it."""

    name: str
    make: Make
    """Makes the file in a folder that is its own; returns its path."""
    verdict: str
    exit: int
    checks: tuple[str, ...] = ()
    """Checks that must have failed or warned."""
    words: tuple[str, ...] = ()
    """What the gate is told besides whom to trust."""
    slow: bool = False
    """Whether only the benchmark runs it."""


def _bytes(make: Callable[[Stage], bytes]) -> Make:
    """An operation that makes a file's bytes."""
    return lambda stage, folder: written(folder / "out.mp4", make(stage))


def _appended(more: bytes) -> Make:
    return _bytes(lambda stage: stage.export.read_bytes() + more)


def _copied(suffix: str, *words: str) -> Make:
    def make(stage: Stage, folder: Path) -> Path:
        return tools.ffmpeg(stage.export, folder / f"out{suffix}", *words)

    return make


def _brand(stage: Stage) -> bytes:
    data = stage.export.read_bytes()
    return data[:8] + b"mp42" + data[12:]


_ABSENT = ("absent", 1, ("manifest-present",))
_MEDIA = ("tampered", 1, ("integrity-media",))
_CLAIM = ("tampered", 1, ("integrity-claim",))
_DAMAGED = ("tampered", 1, ("manifest-readable",))

TOOLS = (
    Operation("ffmpeg -c copy to mp4", _copied(".mp4", "-c", "copy"), *_ABSENT),
    Operation("ffmpeg -c copy to mov", _copied(".mov", "-c", "copy"), *_ABSENT, slow=True),
    Operation("ffmpeg -c copy to mkv", _copied(".mkv", "-c", "copy"), *_ABSENT),
    Operation(
        "ffmpeg -c copy, faststart",
        _copied(".mp4", "-c", "copy", "-movflags", "+faststart"),
        *_ABSENT,
        slow=True,
    ),
    Operation(
        "ffmpeg -c copy, all metadata mapped",
        _copied(
            ".mp4",
            "-c",
            "copy",
            "-map_metadata",
            "0",
            "-movflags",
            "use_metadata_tags",
            "-copy_unknown",
        ),
        *_ABSENT,
        slow=True,
    ),
    Operation(
        "ffmpeg -c copy, a new title",
        _copied(".mp4", "-c", "copy", "-metadata", "title=Mine"),
        *_ABSENT,
        slow=True,
    ),
    Operation(
        "encoded again", _copied(".mp4", "-c:v", "libx264", "-crf", "23"), *_ABSENT, slow=True
    ),
    Operation("a tagger's title", _bytes(tools.titled), *_MEDIA),
    Operation("index moved to the end", _bytes(tools.index_last), *_MEDIA, slow=True),
    Operation("index moved to the front", _bytes(tools.moved_index), *_MEDIA, slow=True),
)

BYTES = (
    Operation("untouched", _appended(b""), "intact", 0),
    Operation("1 byte appended", _appended(b"\0"), "tampered", 1),
    Operation("media data appended", _appended(wrapped(b"mdat", bytes(500))), *_MEDIA),
    Operation(
        "XMP appended",
        _appended(wrapped(b"uuid", tools.XMP_UUID + b"<x:xmpmeta/>")),
        *_MEDIA,
        slow=True,
    ),
    Operation("100 random bytes appended", _appended(tools.noise(100)), "tampered", 1, slow=True),
    Operation(
        "free space with a payload appended",
        _appended(wrapped(b"free", tools.noise(5000))),
        "intact",
        0,
        ("container-slack",),
    ),
    Operation(
        "skip box with a payload appended",
        _appended(wrapped(b"skip", tools.noise(5000))),
        "intact",
        0,
        ("container-slack",),
        slow=True,
    ),
    Operation("another brand", _bytes(_brand), "intact", 0, slow=True),
    Operation(
        "a second C2PA box of another purpose",
        _bytes(tools.hidden_store),
        "intact",
        0,
        ("container-slack",),
    ),
    Operation(
        "last 10 bytes cut off",
        _bytes(lambda s: s.export.read_bytes()[:-10]),
        "tampered",
        1,
        slow=True,
    ),
    Operation(
        "cut in half",
        _bytes(lambda s: s.export.read_bytes()[: s.export.stat().st_size * 3 // 4]),
        "tampered",
        1,
        slow=True,
    ),
    Operation("a bit of the media", _bytes(tools.in_media), *_MEDIA),
    Operation("a bit of the index", _bytes(tools.in_index), *_MEDIA, slow=True),
    Operation("a track switched off", _bytes(tools.header_flags), *_MEDIA),
    Operation("the picture's clock changed", _bytes(tools.timescale), *_MEDIA, slow=True),
    Operation("an edit list put in", _bytes(tools.edit_list), *_MEDIA, slow=True),
)

STORES = (
    Operation(
        "a bit of the signature",
        _bytes(lambda s: tools.in_store(s, b"c2pa.signature", 400)),
        *_CLAIM,
    ),
    Operation(
        "a bit of the claim",
        _bytes(lambda s: tools.in_store(s, b"alg", 8)),
        "tampered",
        1,
        slow=True,
    ),
    Operation(
        "made by a model, rewritten to taken by a camera",
        _bytes(
            lambda s: tools.replaced(
                s.export.read_bytes(),
                b"compositeWithTrainedAlgorithmicMedia",
                b"digitalCapture//////////////////////",
            )
        ),
        "tampered",
        1,
        slow=True,
    ),
    Operation(
        "a take's marking rewritten inside the export",
        _bytes(
            lambda s: tools.replaced(
                s.export.read_bytes(), b"/trainedAlgorithmicMedia", b"/digitalCapture/////////"
            )
        ),
        "tampered",
        1,
        ("ingredients-now",),
    ),
    Operation(
        "the promised frame count rewritten",
        _bytes(
            lambda s: tools.replaced(
                s.export.read_bytes(), b"org.finisher.promises", b"org.finisher.promiser"
            )
        ),
        "tampered",
        1,
        slow=True,
    ),
    Operation("store removed", _bytes(lambda s: without_store(s.export.read_bytes())), *_ABSENT),
    Operation("store renamed to free space", _bytes(tools.renamed), *_ABSENT, slow=True),
    Operation(
        "store doubled",
        _bytes(lambda s: tools.doubled(s, last=False)),
        "tampered",
        1,
        ("manifest-single",),
    ),
    Operation(
        "store doubled at the end",
        _bytes(lambda s: tools.doubled(s, last=True)),
        "tampered",
        1,
        ("manifest-single",),
        slow=True,
    ),
    Operation(
        "store transplanted onto a take",
        _bytes(lambda s: tools.transplanted(s.export, s.raw("a"))),
        *_MEDIA,
        slow=True,
    ),
    Operation(
        "a take's store transplanted onto the export",
        _bytes(lambda s: tools.transplanted(s.take("a"), s.export)),
        *_MEDIA,
    ),
    *(
        Operation(
            f"store: {change}",
            _bytes(lambda s, change=change: tools.restored(s, change)),
            "tampered",
            1,
            slow=change != "first ingredient removed",
        )
        for change in (
            "first ingredient removed",
            "active first",
            "own claim removed",
            "stray manifest last",
            "nothing left",
            "first ingredient twice",
            "active twice",
        )
    ),
    Operation(
        "store: ingredients swapped",
        _bytes(lambda s: tools.restored(s, "ingredients swapped")),
        "intact",
        0,
        slow=True,
    ),
)

EDL = ("--edl", "edl.json")
TRUSTED = ("--require", "trusted")
SIGNERS = (
    Operation(
        "stripped and signed by a look-alike as a camera's",
        launder.lookalike,
        "intact-untrusted",
        1,
        ("trust-signer",),
        TRUSTED,
    ),
    Operation(
        "the same, held to its edit",
        launder.lookalike,
        "incomplete",
        1,
        ("ingredients-complete",),
        EDL,
        slow=True,
    ),
    Operation(
        "the same, with the promises copied",
        launder.lookalike_promising,
        "incomplete",
        1,
        ("ingredients-complete",),
    ),
    Operation(
        "signed by a self-signed stranger",
        launder.stranger,
        "intact-untrusted",
        1,
        ("trust-signer",),
        TRUSTED,
    ),
    Operation(
        "signed by nobody's certificate: a usage nobody allows",
        launder.wrong_usage,
        "tampered",
        1,
        slow=True,
    ),
    Operation(
        "signed before its certificate is valid",
        launder.premature,
        "intact-untrusted",
        1,
        ("trust-signer",),
        TRUSTED,
    ),
    Operation(
        "a good file whose certificate ran out",
        launder.expired,
        "intact-untrusted",
        0,
        ("trust-signer",),
    ),
)

_NOW = ("tampered", 1, ("ingredients-now",))
_RECORDED = ("tampered", 1, ("ingredients-recorded",))
TAKES = (
    Operation(
        "a take's pictures changed before it went in", launder.bad_take("flipped"), *_RECORDED
    ),
    Operation(
        "a take's marking rewritten before it went in", launder.bad_take("relabelled"), *_RECORDED
    ),
    Operation(
        "a take's store damaged before it went in",
        launder.bad_take("damaged"),
        *_RECORDED,
        slow=True,
    ),
    Operation(
        "a take's store doubled before it went in",
        launder.bad_take("doubled"),
        *_RECORDED,
        slow=True,
    ),
    Operation(
        "a take stripped before it went in",
        launder.bad_take("stripped"),
        "incomplete",
        1,
        ("ingredients-complete",),
        EDL,
    ),
    Operation(
        "a take signed by a look-alike before it went in",
        launder.bad_take("lookalike"),
        "incomplete",
        1,
        ("ingredients-complete",),
        EDL,
    ),
    Operation(
        "a record alone, with invented successes",
        launder.bad_take("invented"),
        "incomplete",
        1,
        ("ingredients-complete",),
        EDL,
    ),
    Operation(
        "a record alone, judged without the edit",
        launder.bad_take("invented", promising=False),
        "intact",
        0,
        ("ingredients-marked",),
        slow=True,
    ),
    Operation(
        "a take of an unknown signer",
        launder.bad_take("unknown", promising=False),
        "intact",
        0,
        slow=True,
    ),
    *(
        Operation(
            f"a bad take {depth} exports down",
            launder.nested(depth),
            *_RECORDED,
            slow=depth != 5,
        )
        for depth in (1, 2, 3, 4, 5)
    ),
)

_STRAY = ("tampered", 1, ("store-reachable",))
HIDDEN = (
    Operation("a take's manifest replaced, its failures foretold", suppress.usurped, *_NOW),
    Operation(
        "a take's marking rewritten, foretold by another take", suppress.silenced, "tampered", 1
    ),
    Operation("the whole film exchanged under an addition", suppress.exchanged, *_NOW),
    Operation("a second manifest under a take's name", suppress.shadowed, *_STRAY),
    Operation("a manifest that nothing refers to", suppress.stray, *_STRAY),
    Operation(
        "signed again without its takes, their manifests left lying",
        suppress.overlaid,
        *_STRAY,
        slow=True,
    ),
)

BESIDE = (
    Operation("the store beside the file", launder.sidecar("own"), "intact", 0),
    Operation("another file's store beside it", launder.sidecar("other"), *_ABSENT),
    Operation(
        "only an address of credentials", launder.remote, "absent", 1, ("remote-not-fetched",)
    ),
    Operation(
        "another film with this one's promises",
        launder.other_film,
        "intact",
        1,
        ("picture-content",),
    ),
)

OPERATIONS = (*TOOLS, *BYTES, *STORES, *SIGNERS, *TAKES, *HIDDEN, *BESIDE)
