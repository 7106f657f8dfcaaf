"""How the encoder's choices are told: in the document, on the page, in the summary."""

from __future__ import annotations

import io

from tests.unit.report import made

from finisher.console.summary import show_summary
from finisher.findings import Finding, Status, Weight
from finisher.geometry import Raster
from finisher.report.delivery import Delivery
from finisher.report.document import report_document
from finisher.report.html import report_html
from finisher.report.model import Encoding, UnitEncoding
from finisher.timecode import Rate

SCORED = Encoding(
    (UnitEncoding(0, 48, 21.4, 94.96123), UnitEncoding(48, 96, 24.0, 95.30001)), vmaf=95.0
)
SIZED = Encoding((UnitEncoding(0, 48, 23.7), UnitEncoding(48, 96, 23.7)), file_bytes=8_000_000)


def test_the_document_holds_what_was_asked_and_what_every_stretch_got() -> None:
    told = report_document(made.report(encoding=SCORED))["encoding"]
    assert told == {
        "vmaf": 95.0,
        "file_bytes": None,
        "reached_vmaf": 95.187,  # (48 · 94.96123 + 96 · 95.30001) / 144
        "units": [
            {"start": 0, "frames": 48, "crf": 21.4, "vmaf": 94.961},
            {"start": 48, "frames": 96, "crf": 24.0, "vmaf": 95.3},
        ],
    }


def test_a_size_claims_no_score() -> None:
    told = report_document(made.report(encoding=SIZED))["encoding"]
    assert isinstance(told, dict)
    assert (told["vmaf"], told["reached_vmaf"], told["file_bytes"]) == (None, None, 8_000_000)


def test_where_the_preset_gives_a_crf_there_is_nothing_to_tell() -> None:
    assert report_document(made.report())["encoding"] is None
    assert "Encoded" not in report_html(made.report())


def test_the_page_says_it_at_its_head() -> None:
    page = report_html(made.report(encoding=SCORED))
    assert "VMAF 95.19, 95 asked for · crf 21.4 to 24" in page
    assert "crf 23.7, found for the size asked for" in report_html(made.report(encoding=SIZED))
    # All of it was carried over: there was nothing to choose.
    assert "Encoded" not in report_html(made.report(encoding=Encoding((), vmaf=95.0)))


def test_the_summary_says_what_score_was_reached() -> None:
    words = "VMAF 91.20 over 144 frames, 95 asked for"
    finding = Finding("picture-quality", Status.WARNED, words, Weight.ADVISORY)
    audit = made.replace(made.audit(), checks=(*made.audit().checks, finding))
    delivery = Delivery(
        path="a.mp4",
        bytes=audit.bytes,
        report_json="a.json",
        report_html="a.html",
        preset="yt169",
        raster=Raster(64, 64),
        rate=Rate.parse("24"),
        frames=144,
        audit=audit,
        signed_by="nobody",
    )
    stream = io.StringIO()
    show_summary([delivery], stream)
    assert words in stream.getvalue()
