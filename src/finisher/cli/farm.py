"""Units for others to render: `finish plan --openjd` writes them down, `finish unit` does them."""

from __future__ import annotations

from argparse import Namespace

from finisher.canonical import to_json
from finisher.cli.session import Session, put, say
from finisher.farm import errand, jobs
from finisher.farm.errand import Errand
from finisher.pipeline.handout import Asked, hand_out
from finisher.problems import DocumentError, Exit, Problem, Where
from finisher.progress import Advanced, Finished, Started
from finisher.report.words import plural

STAGE = "picture"


def openjd(words: Namespace, session: Session) -> Exit:
    """Write an edit's units down as an Open Job Description job."""
    asked = Asked(words.edl, words.preset, words.openjd)
    made = hand_out(asked, session.settings, session.workers, session.listen)
    if words.json:
        put(
            {
                "schema": "finisher/openjd@1",
                "template": str(made.template),
                "jobs": str(made.jobs),
                "steps": [to_json(step) for step in made.steps],
            }
        )
    else:
        say(str(made.template))
    return Exit.OK


def unit(words: Namespace, session: Session) -> Exit:
    """Render units of a jobs file into the store they were planned for."""
    chosen = _chosen(words, jobs.read(words.file))
    session.listen(Started(STAGE, sum(len(one.job.pictures) for one in chosen.values()), "frames"))
    made = {}
    for number, one in chosen.items():
        made[number] = session.workers.submit(errand.run, errand.rendered, one).result()
        session.listen(Advanced(STAGE, len(one.job.pictures)))
    session.listen(Finished(STAGE, f"{plural(len(made), 'unit')} in the store"))
    if words.json:
        units: list[dict[str, object]] = [
            {"number": n, "key": chosen[n].key, "path": str(path)} for n, path in made.items()
        ]
        put({"schema": "finisher/units@1", "units": units})
    else:
        say("\n".join(map(str, made.values())))
    return Exit.OK


def _chosen(words: Namespace, errands: tuple[Errand, ...]) -> dict[int, Errand]:
    """The errands asked for, by number.

    Raises:
        DocumentError: when there are not so many.
    """
    first, last = words.number
    if last > len(errands):
        message = f"--number {last}: the file has units 1 to {len(errands)}"
        raise DocumentError(Problem("usage", message, Where(str(words.file))))
    return {number: errands[number - 1] for number in range(first, last + 1)}
