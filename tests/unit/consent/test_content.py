from __future__ import annotations

from dataclasses import replace

from tests.planning import facts, index, taken, timeline

from finisher.consent.content import films, peopled_by_content, recognised, strangers
from finisher.consent.people import recognisable
from finisher.event import Event
from finisher.facts import CredentialFacts, Facts, FileFacts, Integrity, TakeFacts
from finisher.hearing import SoundFacts
from finisher.timecode import Span
from finisher.timeline import Layer, Role, Take, Timeline

SALT = ("e" * 64, "Earlier film")


def film(*names: str, salt: tuple[str, str] = SALT) -> CredentialFacts:
    """Credentials of a film that promises some persons."""
    digests = tuple(sorted(recognisable(name, *salt) for name in names))
    return CredentialFacts(Integrity.INTACT, persons=((*salt, digests),))


def showing(credentials: CredentialFacts) -> TakeFacts:
    return replace(taken("a", index(20)), credentials=credentials)


def edit(*takes: Take, layers: tuple[Layer, ...] = ()) -> Timeline:
    return replace(timeline(Event("x", "a", Span(0, 9)), takes=takes), layers=layers)


def cameos(line: Timeline, known: Facts, *names: str) -> dict[str, tuple[str, ...]]:
    whole = peopled_by_content(line, known, names)
    return {source.id: source.cameos for source in (*whole.takes, *whole.layers)}


def test_a_file_shows_the_same_persons_under_each_of_its_ids() -> None:
    shown = taken("a", index(20))
    known = facts(("a", shown), ("twin", shown), ("b", taken("b", index(20))))
    sound = SoundFacts(240_000, 2, 48_000)
    heard = FileFacts("a.mp4", shown.sha256, 1000, sound, CredentialFacts(Integrity.ABSENT))
    known = replace(known, layers={"vo": heard})
    line = edit(
        Take("a", "a.mp4", cameos=("ana", "Zoe\u0308")),
        Take("twin", "copy.mp4", cameos=("bo", "Zo\u00eb")),
        Take("b", "b.mp4", cameos=("cy",)),
        layers=(Layer("vo", "a.mp4", Role.DIALOGUE),),
    )
    assert cameos(line, known) == {
        "a": ("ana", "Zoe\u0308", "bo"),
        "twin": ("bo", "Zo\u00eb", "ana"),
        "b": ("cy",),
        "vo": ("ana", "Zo\u00eb", "bo"),
    }
    # What nobody measured says what it says.
    assert cameos(line, replace(known, takes={}, layers={}))["twin"] == ("bo", "Zo\u00eb")


def test_a_film_shows_whom_it_promises_as_far_as_they_are_known() -> None:
    known = facts(("a", showing(film("ana", "bo"))))
    line = edit(Take("a", "a.mp4", cameos=("cy",)))
    assert films(known)
    assert cameos(line, known, "ana", "dee") == {"a": ("cy", "ana")}
    assert cameos(line, known) == {"a": ("cy",)}
    assert not films(facts(("a", taken("a", index(20)))))


def test_digests_count_with_the_salt_of_their_own_film_alone() -> None:
    other = film("ana", salt=("e" * 64, "Another title"))
    mixed = CredentialFacts(
        Integrity.INTACT, persons=((*SALT, other.persons[0][2]), *film("bo").persons)
    )
    assert recognised(mixed, ("ana", "bo")) == ("bo",)


def test_who_is_promised_and_known_to_nobody_is_counted() -> None:
    made = film("ana", "bo", "cy")
    assert strangers(made, ("ana",)) == 2
    assert strangers(made, ("ana", "bo", "cy", "dee")) == 0
    assert strangers(CredentialFacts(Integrity.ABSENT), ()) == 0
    # The film that this one was made of tells the same persons by digests of its own.
    within = replace(made, persons=(*made.persons, *film("ana", "bo", salt=("f" * 64, "")).persons))
    assert strangers(within, ()) == 3
