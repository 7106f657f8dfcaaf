import os
import signal
import sys
import textwrap
import time
from pathlib import Path
from threading import Event, Timer

import pytest

from finisher import command
from finisher.__main__ import main as entry
from finisher.cli import main
from finisher.command import Limits, find, run, words_of
from finisher.confidential import without_keys
from finisher.problems import DocumentError, Exit, MachineError

KEY = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTmV2ZXJTaG93VGhpczA"


def python(code):
    return (sys.executable, "-c", code)


def told(words, given=b"", limits=None):
    with pytest.raises(MachineError) as error:
        run(words, given, limits or Limits())
    assert error.value.exit is Exit.ENVIRONMENT
    (problem,) = error.value.problems
    return problem


def test_bytes_go_in_and_come_out():
    copy = python("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])")
    assert run(copy, bytes(range(256)) * 1000, Limits()) == (bytes(range(256)) * 1000)[::-1]


def test_words_are_split_as_a_shell_does_and_no_shell_runs_them():
    assert words_of("kms --key 'a b' \"$HOME\"") == ("kms", "--key", "a b", "$HOME")
    echo = words_of(f"{sys.executable} -c 'import sys; print(sys.argv[1:])' '; touch x' $HOME *")
    assert run(echo, b"", Limits()).decode().strip() == "['; touch x', '$HOME', '*']"


@pytest.mark.parametrize("text", ["", "  ", "kms 'open"])
def test_a_command_of_no_words_is_a_usage_error(text):
    with pytest.raises(DocumentError) as error:
        words_of(text)
    assert error.value.problems[0].code == "command-unreadable"


def test_a_program_that_is_not_there_is_told_before_it_is_needed():
    with pytest.raises(MachineError, match="no-such-signer is no program"):
        find(("no-such-signer", "--fast"))
    assert told(("no-such-signer",)).code == "command-missing"


def test_a_program_that_does_not_read_its_input_may():
    assert run(python("print('done')"), bytes(1 << 20), Limits()) == b"done\n"


def test_failure_is_told_by_the_last_two_lines_made_harmless():
    problem = told(
        python("import sys; print('a\\nb\\n\\033[31mno\\n\\nstop', file=sys.stderr); exit(3)")
    )
    assert problem.code == "command-failed"
    assert problem.message.endswith("failed with exit code 3: [31mno; stop".replace("[", " [", 1))
    assert told(python("exit(1)")).message.endswith("it did not say why")


def test_whatever_looks_like_a_key_is_left_out():
    problem = told(
        python(f"import sys; sys.exit('{KEY}\\nbad key {KEY} in /usr/lib/softhsm/libsofthsm2.so')")
    )
    assert not any(KEY[i : i + 24] in problem.message for i in range(len(KEY) - 24))
    assert "libsofthsm2.so" in problem.message


def test_a_pin_that_a_program_repeats_is_left_out(monkeypatch):
    monkeypatch.setenv("P11_PIN", "4711")
    problem = told(python("import os, sys; sys.exit('bad pin ' + os.environ['P11_PIN'] + '!')"))
    assert problem.message.endswith("bad pin [left out]!")


def test_a_program_that_says_too_much_or_nothing_for_too_long_is_stopped():
    problem = told(python("while True: print('x' * 65536)"), limits=Limits(answer=1000))
    assert (problem.code, "1000 bytes" in problem.message) == ("command-overflow", True)
    began = time.monotonic()
    problem = told(python("import time; time.sleep(60)"), limits=Limits(seconds=0.2))
    assert problem.code == "command-timeout"
    assert time.monotonic() - began < 10  # the program would sleep for 60


@pytest.mark.skipif(os.name != "posix", reason="a shell's child keeps the pipes")
def test_a_child_that_keeps_the_pipes_open_holds_nothing_up():
    began = time.monotonic()
    assert run(("sh", "-c", "sleep 20 & echo signed"), b"", Limits()) == b"signed\n"
    assert time.monotonic() - began < 15  # two pipes, two seconds each, before the child's 20


def test_variables_that_are_none_of_its_business_are_withheld(monkeypatch):
    monkeypatch.setenv("FINISH_KEY_PASSPHRASE", "open sesame")
    monkeypatch.setenv("KMS_PROFILE", "studio")
    code = "import os; print(os.environ.get('FINISH_KEY_PASSPHRASE'), os.environ['KMS_PROFILE'])"
    assert run(python(code), b"", Limits(withheld=("FINISH_KEY_PASSPHRASE",))) == b"None studio\n"


def test_keys_are_left_out_of_any_text_and_paths_are_not():
    block = f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----"
    for leak in (block, repr(block), block[:60], KEY, "0123456789abcdef" * 4, f"key={KEY}"):
        shown = without_keys(f"ValueError: {leak} is no key")
        assert not any(leak[i : i + 30] in shown for i in range(len(leak) - 30))
        assert shown.startswith("ValueError: ")
    for path in (
        "/Users/JohnSmith2/projects/finisher/src/finisher/cli/main.py",
        "finisher.c2pa.signing",
    ):
        assert without_keys(f'File "{path}", line 12') == f'File "{path}", line 12'


def test_a_bug_does_not_show_a_key_it_had_in_its_hands(monkeypatch, capsys):
    block = f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----"

    def broken(*_):
        raise RuntimeError(f"can't parse {block!r}")

    monkeypatch.setattr(main, "_run", broken)
    assert main.main(["presets", "--json"]) == 70
    shown = "".join(capsys.readouterr())
    assert "RuntimeError: can't parse" in shown
    assert not any(KEY[i : i + 24] in shown for i in range(len(KEY) - 24))


def is_gone(pid, seconds=5.0):
    """Whether a process ends soon; one that nobody has asked about yet is gone all the same."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
@pytest.mark.parametrize("attended", [True, False])
def test_who_is_stopped_is_ended_with_everything_it_started(attended, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_attended", lambda: attended)
    told, stop = tmp_path / "pid", Event()
    words = ("sh", "-c", f"sh -c 'sleep 60 & echo $! > {told}; wait'; exit 0")

    def halt():
        while not (told.exists() and told.read_text().endswith("\n")):
            time.sleep(0.01)
        stop.set()

    waiter = Timer(0, halt)
    waiter.start()
    with pytest.raises(KeyboardInterrupt):
        run(words, b"", Limits(seconds=20), stop)
    waiter.join()
    assert is_gone(int(told.read_text()))


def test_who_is_stopped_already_does_not_wait():
    stop = Event()
    stop.set()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(python("import time; time.sleep(60)"), b"", Limits(), stop)
    assert time.monotonic() - began < 20  # the program would sleep for 60


@pytest.mark.parametrize("size", [4, 5, 8, 10, 16, 20, 23])
def test_a_key_in_pieces_is_left_out_too(size):
    pieces = " ".join(textwrap.wrap(KEY, size))
    shown = without_keys(f"bad key {pieces} was given")
    assert shown.startswith("bad key [left out]")
    assert shown.endswith(" was given")
    # What is shorter than the rest at its end may stay: it is too little to be of use.
    assert len(shown) <= len("bad key [left out] was given") + size


@pytest.mark.parametrize("between", [":", " ", "-", ": "])
def test_bytes_in_hexadecimal_are_left_out_however_they_are_parted(between):
    secret = between.join(f"{byte:02x}" for byte in range(0x30, 0x50))
    assert without_keys(f"priv: {secret} end") == "priv: [left out] end"


@pytest.mark.parametrize(
    "said",
    [
        "this file that must have been read with more care than that",
        "error: CKR_PIN_INCORRECT (0xa0): C_Login failed: rv = CKR_PIN_INCORRECT",
        "network card 00:1b:44:11:3a:b7 is gone",
        "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef is disabled",
        "took 2048 3072 4096 bits of RSA at /opt/kms2/bin/Sign1",
    ],
)
def test_words_are_not_taken_for_keys(said):
    assert without_keys(said) == said


@pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")
def test_who_is_interrupted_while_libraries_load_was_interrupted(monkeypatch, capsys):
    def library(*_):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            raise ImportError("half a library") from None

    monkeypatch.setattr(main, "_command", library)
    before = signal.getsignal(signal.SIGINT)
    assert main.main(["presets"]) == Exit.INTERRUPTED
    shown = "".join(capsys.readouterr())
    assert "interrupted" in shown
    assert "Traceback" not in shown
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")
def test_the_first_library_may_be_interrupted_too(monkeypatch, capsys):
    class Library:
        def __getattr__(self, name):
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(5)
            except KeyboardInterrupt:
                raise ImportError("half a library") from None

    monkeypatch.setitem(sys.modules, "finisher.cli.main", Library())
    before = signal.getsignal(signal.SIGINT)
    assert entry() == Exit.INTERRUPTED
    assert "Traceback" not in "".join(capsys.readouterr())
    assert signal.getsignal(signal.SIGINT) is before


def test_what_fails_while_loading_without_an_interrupt_is_not_hidden(monkeypatch):
    monkeypatch.setitem(sys.modules, "finisher.cli.main", None)
    with pytest.raises(ImportError):
        entry()
