"""The command, run over and over without loading its libraries each time.

A process imports all of it once and forks for every run, so that a run costs what it does and not
a second of imports. Each is a process of its own all the same: folder, environment, streams and
exit code are those of a command started in a shell. What depends on how a process starts is tested
with processes that are started, in `test_again` and `test_outputs`.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

_SECONDS = 300

_SERVER = """
import json, os, sys, traceback
import av, c2pa, cryptography, cv2, numpy, PyOpenColorIO, pydantic, pydub, rich, soxr
import finisher.pipeline.finish, finisher.pipeline.gate, finisher.pipeline.making
import finisher.pipeline.workers, finisher.cli.render, finisher.cli.inspect
from finisher.cli.main import main

# All cores are busy with tests already: one worker a run does it with one start.
finisher.pipeline.workers.usable_cores = lambda: 1
requests, answers = os.fdopen(int(sys.argv[1])), os.fdopen(int(sys.argv[2]), "w")
for line in requests:
    wanted = json.loads(line)
    pid = os.fork()
    if not pid:
        requests.close()
        answers.close()
        for name, number in (("out", 1), ("err", 2)):
            os.dup2(os.open(wanted[name], os.O_WRONLY), number)
        os.environ.clear()
        os.environ.update(wanted["env"])
        os.chdir(wanted["folder"])
        sys.argv = ["finish", *wanted["words"]]
        sys.exit(main(wanted["words"]))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(code, file=answers, flush=True)
"""


@cache
def _server() -> tuple[subprocess.Popen[bytes], int, int]:
    """The process that forks, started once, with the pipes to it and from it."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(theirs_in), str(theirs_out)],
        pass_fds=(theirs_in, theirs_out),
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONWARNINGS": "default"},
    )
    os.close(theirs_in)
    os.close(theirs_out)
    return process, ours_out, ours_in


def run(folder: Path, words: tuple[str, ...]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command run in a folder."""
    if sys.platform != "linux":  # elsewhere libraries may not survive a fork
        return _started(folder, words)
    process, asking, told = _server()
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        request = {
            "folder": str(folder),
            "words": words,
            "env": dict(os.environ) | {"PYTHONWARNINGS": "default"},
            "out": out.name,
            "err": err.name,
        }
        os.write(asking, (json.dumps(request) + "\n").encode())
        ready, _, _ = select.select([told], [], [], _SECONDS)
        if not ready:
            process.kill()
            raise TimeoutError(f"{words} did not end within {_SECONDS} s")
        return int(os.read(told, 20)), _text(out.name), _text(err.name)


def _started(folder: Path, words: tuple[str, ...]) -> tuple[int, str, str]:
    """The same by a process that loads everything itself."""
    done = subprocess.run(
        [sys.executable, "-m", "finisher", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONWARNINGS": "default"},
        timeout=_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
