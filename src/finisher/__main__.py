"""`python -m finisher` is `finish`."""

from __future__ import annotations

import sys

from finisher.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
