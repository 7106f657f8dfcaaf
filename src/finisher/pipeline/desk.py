"""What every deliverable of a run is made with."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from finisher.pipeline.edit import Edit
from finisher.pipeline.platforms import NO_RULES, Rules
from finisher.pipeline.settings import Settings
from finisher.pipeline.signing import SignedBy
from finisher.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """An edit, its circumstances, and who works and signs."""

    edit: Edit
    settings: Settings
    store: Store
    workers: Executor
    signer: SignedBy
    rules: Rules = NO_RULES
