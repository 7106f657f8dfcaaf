"""What a child may do to its parent, or to itself."""
# ruff: noqa: ARG001, T201 (all are called alike, and some talk)

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from finisher.problems import MachineError, MediaError, Problem
from finisher.progress import Advanced, Finished, Started


def answer(argument, listen):
    listen(Started("work", 500, "steps"))
    for _ in range(500):
        listen(Advanced("work"))
    listen(Finished("work", "done"))
    return {"argument": argument, "names": sorted(os.environ)}


def crash(argument, listen):
    print("\x1b[31mlast words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(argument, listen):
    os._exit(7)


def abort_for_memory(argument, listen):
    print("memory allocation of 99 bytes failed", file=sys.stderr, flush=True)
    os.abort()


def swell(argument, listen):
    return len(bytearray(argument))


def sleep(argument, listen):
    time.sleep(60)


def work_without_end(argument, listen):
    while True:
        listen(Advanced("work"))
        time.sleep(0.02)


def fail(argument, listen):
    raise KeyError("\x1b[31m" + "x" * 10_000)


def refuse(argument, listen):
    raise (MediaError if argument == "media" else MachineError)(Problem("media-missing", "gone"))


def talk(argument, listen):
    return "x" * argument


def begin_to_answer(argument, listen):
    os.write(listen._sender.fileno(), (1000).to_bytes(4, "big") + b"[")
    time.sleep(60)


def nest(argument, listen):
    listen._sender.send_bytes(b"[" * 200_000)


def lie(argument, listen):
    listen.say(*argument)


def child_of_its_own(argument, listen):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(argument).write_text(str(process.pid), encoding="ascii")
    time.sleep(60)


def speak(argument, listen):
    print("for a terminal")
    print("for a terminal", file=sys.stderr)
