"""Credentials that lie where an export's go, or would be taken for its: spared, or replaced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from finisher.c2pa.reading import Reading, read
from finisher.c2pa.sidecars import SUFFIX
from finisher.c2pa.untyped import map_of, maps_of
from finisher.pipeline.names import Destination, writing
from finisher.problems import DocumentError, MediaError, Problem, Where
from finisher.provenance.codes import MEDIA_BINDINGS

_MATCHED = frozenset(f"{binding}.match" for binding in MEDIA_BINDINGS)
_UNMATCHED = frozenset(f"{binding}.mismatch" for binding in MEDIA_BINDINGS)
_OUTCOMES = ("success", "failure")


def spare(places: Sequence[Destination], *, unsigned: bool) -> None:
    """Refuse to replace credentials that are not those of the film that is replaced.

    An unsigned export is refused beside such credentials too: they would lie there as if they
    were its own. One that embeds its credentials is judged by these alone.

    Raises:
        DocumentError: naming each file that is in the way.
    """
    problems = [
        Problem(
            "output-exists",
            f"the credentials in {place.sidecar.name} are not known to be those of "
            f"{place.media.name}, and would be "
            + ("replaced" if place.sidecarred else "taken for its own"),
            Where(str(place.sidecar)),
            hint="name another output with -o, or move that file away",
        )
        for place in places
        if (place.sidecarred or unsigned) and place.sidecar.is_file() and not _its_own(place)
    ]
    if problems:
        raise DocumentError(problems)


def outdated(place: Destination) -> bool:
    """Whether credentials lie beside the film there that go with it when it is replaced.

    They do where the new film has none beside it, and they are the old one's and nobody else's.
    Ask before the old film is gone.
    """
    return not place.sidecarred and place.sidecar.is_file() and _its_own(place)


def drop(place: Destination) -> None:
    """Take away the credentials beside a film.

    Raises:
        MachineError: when the folder can't be changed.
    """
    with writing(place.sidecar):
        place.sidecar.unlink(missing_ok=True)


def _its_own(place: Destination) -> bool:
    """Whether the store beside a place is made for the film that lies there, and for no other."""
    store = place.sidecar
    if not _made_for(place.media, store):
        return False
    return not any(_made_for(other, store) for other in _namesakes(place))


def _namesakes(place: Destination) -> Iterator[Path]:
    """Other files whose credentials would lie in the same place."""
    for path in sorted(place.media.parent.iterdir()):
        if path.stem == place.media.stem and path.suffix not in (place.media.suffix, SUFFIX):
            yield path


def _made_for(media: Path, store: Path) -> bool:
    """Whether a store binds the bytes of a file, whoever signed it and whatever is inside."""
    if not media.is_file():
        return False
    try:
        found = read(media, None, store)
    except MediaError:
        return False
    if not isinstance(found, Reading):
        return False
    results = map_of(map_of(found.store.get("validation_results")).get("activeManifest"))
    good, bad = ({one.get("code") for one in maps_of(results.get(k))} for k in _OUTCOMES)
    return bool(good & _MATCHED) and not bad & _UNMATCHED
