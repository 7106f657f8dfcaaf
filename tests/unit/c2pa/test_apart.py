import io
import os
import signal
import threading
import time

import pytest

from finisher.c2pa.apart import Interruptible, Stopped, apart


def test_what_the_work_gives_and_raises_comes_through():
    assert apart(lambda _: 7) == 7
    for error in (ValueError("no"), KeyboardInterrupt(), SystemExit(3)):

        def fail(_, error=error):
            raise error

        with pytest.raises(type(error)) as raised:
            apart(fail)
        assert raised.value is error


@pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")
def test_an_interrupt_reaches_whoever_waits_and_stops_the_work():
    stopped = threading.Event()

    def work(stop):
        stream = Interruptible(io.BytesIO(bytes(10)), stop)
        os.kill(os.getpid(), signal.SIGINT)
        try:
            while True:
                stream.seek(0)
                stream.read(1)
                time.sleep(0.01)
        except Stopped:
            stopped.set()
            raise

    with pytest.raises(KeyboardInterrupt):
        apart(work)
    assert stopped.is_set()


def test_a_stream_does_as_its_file_until_it_is_told_to_stop():
    stop = threading.Event()
    stream = Interruptible(io.BytesIO(), stop)
    assert (stream.write(b"abc"), stream.tell(), stream.seek(1)) == (3, 3, 1)
    into = memoryview(bytearray(4))
    assert (stream.readinto(into), bytes(into[:2])) == (2, b"bc")
    stream.flush()
    stop.set()
    for use in (stream.read, stream.tell, stream.flush, lambda: stream.write(b"x")):
        with pytest.raises(Stopped):
            use()


@pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")
def test_what_the_work_waits_for_ends_with_it():
    stop = threading.Event()

    def work(told):
        os.kill(os.getpid(), signal.SIGINT)
        assert told is stop
        assert told.wait(5)

    with pytest.raises(KeyboardInterrupt):
        apart(work, stop)
    assert stop.is_set()
