"""`finish render`: deliver, summarise, and let the exit code say whether all passed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from finisher.canonical import to_json
from finisher.cli.session import Session, put, say
from finisher.console import show_problems, show_summary
from finisher.pipeline.deliver import Delivered
from finisher.pipeline.finish import finish
from finisher.problems import Exit
from finisher.report.document import audit_document
from finisher.report.model import Delivery


def render(words: Namespace, session: Session) -> Exit:
    """Deliver every preset asked for."""
    if words.dry_run:
        from finisher.cli.inspect import plan  # noqa: PLC0415 (what only looks is loaded apart)

        return plan(words, session)
    delivered = finish(
        words.edl, words.preset, words.output, session.settings, session.workers, session.listen
    )
    show_summary(
        [
            Delivery(str(d.destination.media), d.plan, d.audit, str(d.destination.html))
            for d in delivered
        ]
    )
    for one in delivered:
        show_problems([w for w in one.warnings if w not in one.plan.warnings])
    if words.json:
        put(_document(delivered))
    else:
        for one in delivered:
            say(str(one.destination.media))
    return Exit.OK if all(one.passed for one in delivered) else Exit.CHECK_FAILED


def _document(delivered: Sequence[Delivered]) -> dict[str, object]:
    """`finisher/delivery@1`."""
    return {
        "schema": "finisher/delivery@1",
        "passed": all(one.passed for one in delivered),
        "deliverables": [
            {
                "preset": one.plan.preset.name,
                "path": str(one.destination.media),
                "report": {"json": str(one.destination.json), "html": str(one.destination.html)},
                "passed": one.passed,
                "signed_by": one.signed_by,
                "known": one.remembered,
                "repairs": [problem.as_json() for problem in one.plan.repairs],
                "warnings": [problem.as_json() for problem in one.warnings],
                "audit": to_json(audit_document([one.audit])),
            }
            for one in delivered
        ],
    }
