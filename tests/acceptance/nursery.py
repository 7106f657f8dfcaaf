"""The command, run over and over without loading its libraries each time.

A process imports all of it once and forks for every run, so that a run costs what it does and not
a second of imports. Each is a process of its own all the same: folder, environment, streams and
exit code are those of a command started in a shell. So are its worker and the children that read
its films, which come from forks too instead of from interpreters that start; the latter know the
environment of the tests, not of the run. What depends on how a process starts is tested with
processes that are started, in `test_again` and `test_outputs`.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_SECONDS = 300

_SERVER = """
import gc, json, os, signal, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver, get_context
from importlib import import_module
import av, c2pa, cryptography, cv2, PyOpenColorIO, pydantic, pydub, rich.console, rich.table, soxr
import finisher.audit.apart, finisher.cli.house, finisher.cli.inspect, finisher.cli.render
import finisher.confined, finisher.pipeline.finish, finisher.pipeline.gate, finisher.pipeline.making
from finisher.cli import main
from finisher.pipeline import workers

# What is imported only once it is used, by libraries at that.
LATE = ("av.subtitles.stream", "imageio_ffmpeg", "importlib.resources.readers", "numpy.fft",
        "numpy.ma", "cryptography.hazmat.backends.openssl.backend")
for name in LATE:
    import_module(name)

# All cores are busy with tests already: one worker a run does it, with one thread of OpenCV's.
workers.usable_cores = lambda: 1
cv2.setNumThreads(1)

# Children that read what nobody vouches for are forked off one server, which stays for all runs.
forkserver.set_forkserver_preload(["finisher.confined", "finisher.audit.apart", *LATE])
forkserver.ensure_running()
forkserver._forkserver.ensure_running = lambda: None

def settle_in():
    for kind in (signal.SIGTERM, signal.SIGHUP):  # as in a process that starts
        signal.signal(kind, signal.SIG_DFL)
    workers._settle_in()

class Ready(workers.LocalWorkers):
    # Forked before the run reads anything: of its threads the worker has nothing.
    def __init__(self, count=None):
        super().__init__(count)
        how = get_context("fork")
        self._pool = ProcessPoolExecutor(self._count, how, initializer=settle_in)
        self._pool.submit(int)

main.LocalWorkers = Ready
requests, answers = os.fdopen(int(sys.argv[1])), os.fdopen(int(sys.argv[2]), "w")
gc.collect()
gc.freeze()
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
        sys.exit(main.main(wanted["words"]))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(code, file=answers, flush=True)
"""


@dataclass(frozen=True)
class Ran:
    """What one run of the command left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.out)


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


def finish(folder: Path, *words: str) -> Ran:
    """Run the command as a user would, in a folder."""
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
            _server.cache_clear()  # one that hangs is one failure, and the next run gets another
            raise TimeoutError(f"{words} did not end within {_SECONDS} s")
        return Ran(int(os.read(told, 20)), _text(out.name), _text(err.name))


def _started(folder: Path, words: tuple[str, ...]) -> Ran:
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
    return Ran(done.returncode, done.stdout, done.stderr)


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
