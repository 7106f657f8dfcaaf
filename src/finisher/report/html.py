"""The report and the audit as one HTML file that needs nothing else and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from finisher.findings import FileAudit, TrustList
from finisher.report import audit_view, charts, colour_view, delivery_view, sound_view
from finisher.report.model import Report
from finisher.report.plain import plain
from finisher.report.policy_view import policy_views
from finisher.report.text import trust_list
from finisher.report.words import plural

_LINE = 400
_STYLE = "page.css"


@cache
def _environment() -> Environment:
    """Templates that escape everything and stop at a name nobody gave them."""
    environment = Environment(
        loader=PackageLoader("finisher.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plural"] = plural
    return environment


def _page(template: str, context: dict[str, object]) -> str:
    """A whole page, its style sheet named in the policy by its digest.

    The policy allows that one style sheet and embedded pictures. A script or a style attribute that
    found a way through the escaping would still not run.
    """
    environment = _environment()
    style = environment.loader.get_source(environment, _STYLE)[0] if environment.loader else ""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return environment.get_template(template).render(
        # The one text that is not escaped is our own style sheet.
        style=Markup(style),  # noqa: S704
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        **context,
    )


def report_html(report: Report) -> str:
    """A delivery's report as a page to send along with the file."""
    plan = report.plan
    return _page(
        "report.html.j2",
        {
            "title": plain(plan.title, 200) or plain(report.output, 200),
            "shape": "portrait" if plan.raster.height > plan.raster.width else "landscape",
            "raster": plan.raster,
            "facts": delivery_view.delivered(report),
            "audit": audit_view.audit(report.audit),
            "policies": policy_views(report.audit),
            "sidecar": plain(report.sidecar, _LINE),
            "programme": charts.programme(plan),
            "events": delivery_view.events(report),
            "curve": charts.curve(report),
            "sound": sound_view.sound(report),
            "sound_head": sound_view.HEAD,
            "stems": plain(", ".join(report.stems), _LINE),
            "silent": plan.sound is None or plan.sound.silent,
            "gauges": audit_view.gauges(report.audit),
            "matches": colour_view.matches(report),
            "unscoped": colour_view.unscoped(report),
            "repairs": delivery_view.problems(plan.repairs),
            "warnings": delivery_view.problems((*plan.warnings, *report.remarks)),
            "files": delivery_view.files(plan),
            "identity": plain(report.identity, _LINE),
            "stages": delivery_view.stages(report),
            "units": len(plan.units),
            "cached_units": report.cached_units,
            "command": _command(report.output),
            "version": plain(report.version, 40),
            "created": plain(report.created, 40),
        },
    )


def audit_html(
    audits: Sequence[FileAudit], trust_lists: Sequence[TrustList], version: str, created: str
) -> str:
    """An audit of any files as a page; `created` is an ISO 8601 instant."""
    return _page(
        "audit.html.j2",
        {
            "title": plain(audits[0].name, 200)
            if len(audits) == 1
            else plural(len(audits), "file"),
            "audits": [
                (audit_view.audit(audit), policy_views(audit), _command(audit.name))
                for audit in audits
            ],
            "trust_lists": list(map(trust_list, trust_lists)),
            "version": plain(version, 40),
            "created": plain(created, 40),
        },
    )


def _command(name: str) -> str:
    """What to type to audit a file again; the name is quoted for a shell and can't be an option."""
    shown = plain(name, _LINE)
    return f"finish audit {shlex.quote(f'./{shown}' if shown.startswith('-') else shown)}"
