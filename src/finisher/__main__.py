"""`finish`, and `python -m finisher`: ready to be interrupted before anything large is loaded."""

from __future__ import annotations

import signal
import sys
from types import FrameType

_INTERRUPTED = 130
"""As `finisher.problems.Exit` has it, which is not loaded yet."""


def main() -> int:
    """Load the command line, run it, and return its exit code."""
    heard: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        heard.append(number)
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    # What was set to be ignored stays ignored.
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, stop)
    try:
        from finisher.cli.main import main as run  # noqa: PLC0415 - see above

        code = run()
    except BaseException:
        # A library that is interrupted while it loads may well complain of something else.
        if not heard:
            raise
        code = _INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, before)
    if code == _INTERRUPTED:
        # A library that was interrupted while it compiled text leaves a mark by which Python would
        # end by the signal, whatever code it is given. Compiling anything takes it away.
        exec("")  # noqa: S102
    return code


if __name__ == "__main__":
    sys.exit(main())
