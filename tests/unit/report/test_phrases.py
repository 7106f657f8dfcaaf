from dataclasses import replace
from fractions import Fraction

from tests.unit.report import made

from finisher.geometry import Box, Fit, frame
from finisher.look import CDL, ColorTags, Grade, Space
from finisher.plan.decode import Decoding
from finisher.plan.model import PlannedMark
from finisher.problems import Problem, Where
from finisher.report import charts, phrases
from finisher.timecode import Span

MIDDLE = (Fraction(1, 2), Fraction(1, 2))


def test_framings_say_what_is_cut_and_where_it_lands() -> None:
    told = phrases.framing(frame(made.HD, made.TALL, Fit.COVER, MIDDLE))
    assert told == "cover: 608×1080 at 656, 0 of 1920×1080, filling 1080×1920"
    told = phrases.framing(frame(made.HD, made.TALL, Fit.PAD, MIDDLE))
    assert told == "pad: the whole 1920×1080, onto 1080×608 at 0, 656"
    assert phrases.framing(frame(made.HD, made.HD, Fit.COVER, MIDDLE)).startswith("untouched")


def test_grades_name_the_session_they_were_matched_to_only_when_it_is_that_match() -> None:
    matches = made.report().matches
    (line,) = phrases.grade(Grade(match=made.MATCH), matches)
    assert line.startswith("matched to session monday: slope 1.04 1 0.93, offset")
    (line,) = phrases.grade(Grade(match=made.MATCH.scaled(0.5)), matches)
    assert line.startswith("matched to session monday at 50 %: slope 1.02")
    (line,) = phrases.grade(Grade(match=CDL(slope=(1.02, 1.0, 1.0))), matches)
    assert line.startswith("matched: slope 1.02")
    assert phrases.grade(Grade(), matches) == ("untouched",)
    assert phrases.grade(Grade(cdl=CDL(saturation=0.9)), {}) == ("CDL: saturation 0.9",)


def _repairs(*pointers: str) -> tuple[Problem, ...]:
    return tuple(Problem("x", p, Where("edl.json", p)) for p in pointers)


def test_repairs_go_to_the_event_or_take_they_name() -> None:
    plan = made.replace(
        made.plan(),
        repairs=_repairs("/events/1", "/events/1/in", "/events/10", "/takes/s09t02/file"),
    )
    told = [[r.message for r in phrases.repairs_of(plan, n)] for n in range(4)]
    assert told == [["/takes/s09t02/file"], ["/events/1", "/events/1/in"], [],
                    ["/takes/s09t02/file"]]  # fmt: skip


def test_behind_a_gap_an_events_place_in_the_edl_is_not_guessed() -> None:
    plan = made.replace(made.plan(), repairs=_repairs("/events/2", "/events/3"))
    assert phrases.repairs_of(plan, 2) == phrases.repairs_of(plan, 3) == ()


def test_take_names_are_found_under_their_json_pointer() -> None:
    plan = made.plan()
    odd = made.replace(plan.events[0], take="a/b~c")
    plan = made.replace(
        plan, events=(odd, *plan.events[1:]), repairs=_repairs("/takes/a~1b~0c/file")
    )
    assert len(phrases.repairs_of(plan, 0)) == 1


def test_edits_are_told_in_plain_words() -> None:
    plan = made.plan()
    told = phrases.edits(plan.events[2])
    assert told == "trimmed, looped, resized, graded; 140 of 144 frames are the take's own"


def test_a_table_gets_the_short_form() -> None:
    assert (
        phrases.framing_in_brief(frame(made.HD, made.TALL, Fit.COVER, MIDDLE)) == "cover 608×1080"
    )
    assert phrases.framing_in_brief(frame(made.HD, made.HD, Fit.COVER, MIDDLE)) == "untouched"
    assert phrases.edits_in_brief(made.event("a", "b", (0, 1), (0, 1), edits=("odd",))) == "odd"


def test_how_a_take_is_read_is_told_beside_what_it_says() -> None:
    take = replace(made.plan().takes[0], tags=ColorTags("tv", None, "bt2020", "smpte2084"))
    take = replace(take, read=Decoding("bt2020nc", "tv", Space.PQ))
    wanted = "rec2100-pq, matrix bt2020nc, limited range; tags ?/bt2020/smpte2084/tv"
    assert phrases.read_as(take) == wanted


def test_a_mark_that_jumps_is_one_line_however_often_it_does() -> None:
    first, *_ = made.plan().events
    places = [
        PlannedMark("sora", Box.of(20 * i, 40, 160, 60), kept, (Span(9 * i, 9 * i + 6),))
        for i, kept in enumerate((1.0, 0.25, 1.0))
    ]
    event = replace(first, marks=(*first.marks, *places), hidden=("sdxl",))
    assert phrases.marks(event)[1:] == (
        "sora, 25 % kept, 160×60 at 20, 40, the least of 3 places, 18 frames",
    )
    kept = replace(event, marks=tuple(replace(place, visible=1.0) for place in places))
    assert phrases.marks(kept) == ("sora, kept whole at 3 places, 18 frames",)
    assert phrases.hidden(event) == ("sdxl, hidden",)


def test_the_bar_of_a_mark_lies_where_the_mark_is_shown() -> None:
    decided = made.plan()
    first, *others = decided.events
    spans = (Span(0, 6), Span(30, 36))
    jumping = PlannedMark("sora", Box.of(0, 40, 160, 60), 1.0, spans)
    events = (replace(first, marks=(jumping,)), *(replace(e, marks=()) for e in others))
    (lane,) = charts.programme(replace(decided, events=events)).marks
    assert [bar.x for bar in lane.bars] == [
        charts.percent(span.start, decided.frames) for span in spans
    ]
