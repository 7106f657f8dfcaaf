"""`finish render`: deliver, summarise, and let the exit code say whether all passed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext

from finisher.canonical import to_json
from finisher.cli.session import Session, put, say
from finisher.console.summary import show_summary
from finisher.pipeline import runs
from finisher.pipeline.runs import Request
from finisher.problems import Exit
from finisher.progress import Finished
from finisher.report.delivery import Delivery
from finisher.store import Store


def render(words: Namespace, session: Session) -> Exit:
    """Deliver every preset asked for."""
    if words.dry_run:
        from finisher.cli.inspect import plan  # noqa: PLC0415 (what only looks is loaded apart)

        return plan(words, session)
    request = Request(words.edl, tuple(words.preset), words.output, session.settings)
    delivered = _delivered(request, session, words.farm)
    show_summary(delivered)
    if words.json:
        put(_document(delivered))
    else:
        for one in delivered:
            say(one.path)
    return Exit.OK if all(one.passed for one in delivered) else Exit.CHECK_FAILED


def _delivered(request: Request, session: Session, farm: str | None) -> tuple[Delivery, ...]:
    """What a run before this one delivered, if nothing changed since; what this one does."""
    known = runs.recall(request, Store(session.settings.cache))
    if known is not None:
        session.listen(Finished("audit", "known: nothing changed"))
        return known
    # A run that has nothing to do must not wait for what would do it.
    from finisher.pipeline.finish import finish  # noqa: PLC0415

    with _workers(session, farm) as workers:
        return finish(request, workers, session.listen)


def _workers(session: Session, farm: str | None) -> AbstractContextManager[Executor]:
    """Who works: the processes of this machine, or with them a cluster that renders the units."""
    if farm is None:
        return nullcontext(session.workers)
    from finisher.farm.cluster import hire  # noqa: PLC0415 (most runs have no farm)

    return hire(farm, Store(session.settings.cache), session.workers)


def _document(delivered: Sequence[Delivery]) -> dict[str, object]:
    """`finisher/delivery@1`."""
    # The same: only a run that tells it as JSON needs it.
    from finisher.report.document import audit_document  # noqa: PLC0415

    return {
        "schema": "finisher/delivery@1",
        "passed": all(one.passed for one in delivered),
        "deliverables": [
            {
                "preset": one.preset,
                "path": one.path,
                "report": {"json": one.report_json, "html": one.report_html},
                "sidecar": one.sidecar,
                "publish": one.publish,
                "stems": list(one.stems),
                "draft": one.audit is None,
                "passed": None if one.audit is None else one.passed,
                "signed_by": one.signed_by,
                "known": one.known,
                "repairs": [problem.as_json() for problem in one.repairs],
                "warnings": [problem.as_json() for problem in one.warnings],
                "audit": None if one.audit is None else to_json(audit_document([one.audit])),
            }
            for one in delivered
        ],
    }
