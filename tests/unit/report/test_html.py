import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from tests.unit.report import made

from finisher.findings import Finding, Status, Verdict
from finisher.geometry import Raster
from finisher.problems import Problem, Severity, Where
from finisher.report.html import audit_html, report_html

HOSTILE = "</style></title><script>alert(1)</script>\"' onload=x \u202egpj\x1b[2J\x00" + "W" * 5000
VOID = {"meta", "img", "br", "hr", "link", "input"}
# SVG shapes are written as self-closing elements; the parser reports those apart.


class Page(HTMLParser):
    """A page's elements, each closed where it must be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def hostile_report() -> str:
    plan = made.plan(HOSTILE)
    event = made.replace(plan.events[0], id=HOSTILE, take=HOSTILE, edits=(HOSTILE,))
    take = made.replace(plan.takes[0], id=HOSTILE, path=HOSTILE)
    mark = made.replace(event.marks[0], mark=HOSTILE)
    plan = made.replace(
        plan,
        events=(made.replace(event, marks=(mark,), may_crop=HOSTILE), *plan.events[1:]),
        takes=(take, plan.takes[1]),
        repairs=(Problem(HOSTILE, HOSTILE, Where(HOSTILE, HOSTILE, 1, 1), HOSTILE),),
        warnings=(Problem(HOSTILE, HOSTILE, severity=Severity.WARNING),),
    )
    audit = made.audit()
    audit = made.replace(
        audit,
        name=HOSTILE,
        sha256=HOSTILE,
        checks=(Finding(HOSTILE, Status.FAILED, HOSTILE, codes=(HOSTILE,), promised=HOSTILE,
                        measured={HOSTILE: [HOSTILE]}),
                Finding("sound", Status.PASSED, HOSTILE, measured=HOSTILE)),
        active=made.replace(audit.active, generator=HOSTILE, common_name=HOSTILE, issuer=HOSTILE),
        ingredients=(made.replace(audit.ingredients[0], title=HOSTILE, issuer=HOSTILE, depth=10**6,
                                  recorded=(HOSTILE,), source_type=HOSTILE),),
        watermarks=(made.replace(audit.watermarks[0], mark=HOSTILE, verdict=HOSTILE),),
        labels={HOSTILE: HOSTILE},
        not_checked=(HOSTILE,),
    )  # fmt: skip
    return report_html(
        made.report(plan=plan, audit=audit, output=HOSTILE, identity=HOSTILE, version=HOSTILE,
                    pictures={HOSTILE: (b"\xff\xd8",)}, matches={HOSTILE: made.replace(
                        made.report().matches["tuesday"], reference=HOSTILE)})
    )  # fmt: skip


def test_nothing_from_a_file_becomes_markup_or_steers_the_text() -> None:
    text = hostile_report()
    page = Page(text)
    assert not page.open
    assert not page.all("script")
    assert len(page.all("style")) == 1
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]", text)
    assert not any(name.startswith("on") for _, attrs in page.elements for name in attrs)
    # The longest name is 120 characters, the longest line 400: no string floods the page.
    assert "W" * 401 not in text


@pytest.mark.parametrize(
    "text", [report_html(made.report()), hostile_report()], ids=["", "hostile"]
)
def test_the_page_asks_for_nothing_from_anywhere(text: str) -> None:
    page = Page(text)
    for tag, attributes in page.elements:
        assert tag not in {"script", "link", "iframe", "object", "embed", "form", "base"}
        # Style attributes would need a weaker policy.
        assert "style" not in attributes
        for name in ("src", "href", "xlink:href", "action"):
            value = attributes.get(name) or ""
            assert value.startswith(("data:image/jpeg;base64,", "#")) or not value
    (style,) = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    (policy,) = [
        m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"
    ]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:;")


def test_the_page_tells_everything() -> None:
    report = made.report()
    words = Page(report_html(report)).words
    for told in (
        "Harbour teaser", "Everything promised was found in the file, with remarks.",
        "the signer could not be traced to a trust list", "00:00:02:12", "[60, 108)",
        "dissolve of 12 frames from open", "matched to session monday", "−1.31 dBTP",
        "agreed with the artist, 3 November", "runs at a variable rate", "scene10_take01.mp4",
        "finish audit harbour.social916.mp4", made.sha("f"), made.sha("e"), "Not checked",
        "invisible watermarks: none was declared", "0:00.75 to 0:05",
        "the bed is cut at the programme's end", "13 s · 312 frames at 24 fps", "7.9 → 2.0",
    ):  # fmt: skip
        assert told in words, told
    assert "/home/" not in words


def test_every_outcome_is_told_in_words_beside_its_icon() -> None:
    page = Page(report_html(made.report()))
    for check in made.checks():
        assert check.detail in page.words
    for word in ("Passed", "Warning", "Not checked"):
        assert word in page.words
    icons = {use["href"] for use in page.all("use")}
    assert icons <= {f"#{symbol['id']}" for symbol in page.all("symbol")}


def test_pictures_tables_and_drawings_have_words_for_those_who_do_not_see_them() -> None:
    page = Page(report_html(made.report()))
    assert [image["alt"] for image in page.all("img")] == [
        f"{moment} frame of open" for moment in ("first", "middle", "last")
    ]
    assert len(page.all("caption")) == len(page.all("table"))
    for drawing in page.all("svg"):
        assert (
            drawing.get("aria-hidden") == "true"
            or drawing.get("aria-label")
            or "role" not in drawing
        )
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_a_failed_delivery_says_so_first() -> None:
    audit = made.replace(
        made.audit(),
        verdict=Verdict.TAMPERED,
        checks=(Finding("integrity-media", Status.FAILED, "changed"), *made.checks()),
    )
    words = Page(report_html(made.report(audit=audit))).words
    assert words.index("1 required check did not pass.") < words.index("Programme")
    assert "Content Credentials are broken" in words


def test_a_bare_report_has_a_page_too() -> None:
    plan = made.replace(made.plan(), sound=None, repairs=(), warnings=(), raster=Raster(1920, 1080))
    audit = made.replace(made.audit(), active=None, ingredients=(), watermarks=(), labels={},
                         not_checked=(), checks=(), verdict=Verdict.ABSENT)  # fmt: skip
    text = report_html(
        made.report(plan=plan, audit=audit, pictures={}, loudness=(), ducking=(), stages=(),
                    matches={}, identity="")
    )  # fmt: skip
    words = Page(text).words
    assert "The programme is silent." in words
    assert "Nothing was checked." in words
    assert "travel inside the file" not in words


def test_the_same_work_gives_the_same_page() -> None:
    assert report_html(made.report()) == report_html(made.report())


def test_an_audit_of_several_files_has_each_of_them() -> None:
    other = made.replace(made.audit(), name="--help; rm -rf ~.mp4")
    lists = [made.trust_list("<list>")]
    text = audit_html([made.audit(), other], lists, "0.1.0", "2026-11-20T17:42:11Z")
    page = Page(text)
    assert "2 files" in page.words
    assert "<list> (2026-11-20, 30 certificates)" in page.words
    assert "finish audit './--help; rm -rf ~.mp4'" in page.words
    assert len(page.all("article")) == 2


def test_the_curve_hides_no_peak_and_stays_in_its_box() -> None:
    report = made.report()
    points = (*((n * 48, -30.0) for n in range(12_999)), (12_999 * 48, -3.0))
    (path,) = re.findall(
        'class="line" d="M([^"]*)"', report_html(made.replace(report, loudness=points))
    )
    places = [tuple(map(float, point.split())) for point in path.split(" L")]
    assert len(places) <= 1001
    assert all(0 <= x <= 1000 and 0 <= y <= 100 for x, y in places)
    # -3 LUFS of a scale down to -54 lies 5.56 % below its top.
    assert min(y for _, y in places) == 5.56
