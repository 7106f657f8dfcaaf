"""Make the Harbour sample: takes, marks, sound and the vendors' trust anchors.

    python samples/harbour/make_harbour.py            everything
    python samples/harbour/make_harbour.py --sound    the three sound files only
    python samples/harbour/make_harbour.py --take scene03_take03 --take ...

The picture and the sound are drawn from fixed seeds, so they come out alike every time. The
signing keys are new on every run and never written to disk: a run that makes only some takes
adds its vendors' roots to ``trust/vendors.pem`` instead of replacing them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from making import credentials, film, grade, marks, sound, video, voice
from making.nature import Nature
from making.noise import grain
from making.shots import Take, takes
from making.town import Town

HERE = Path(__file__).resolve().parent
GRAIN = 1.0 / 255
CRF = {1080: 28.0, 720: 27.0}
SCENES = {
    "scene01": "The harbour in the evening, wide",
    "scene02": "People going home along the quay",
    "scene03": "A rower crosses the light",
    "scene04": "The lighthouse turning",
    "scene05": "Wooden boats at the end of the quay",
    "scene06": "A warm window at dusk",
}


def _pictures(take: Take, town: Town) -> Iterator[video.Planes]:
    """Every frame of a take: drawn, grained, drifted by its session, marked, as YUV planes."""
    nature = Nature.make(take.shot.period)
    mark = marks.make(take.vendor, take.width, take.height)
    drift = grade.DRIFTS[take.session]
    seed = int(take.name[5:7])
    for index in range(take.frames):
        picture = film.frame(take.shot, index / take.rate, nature, town)
        # Film grain is strongest in the middle tones.
        luma = grade.luma(picture)
        noise = grain(take.height, take.width, index, seed) * luma * (1 - luma)
        picture += cv2.merge([noise * np.float32(4 * GRAIN)] * 3)
        np.clip(picture, 0, 1, out=picture)
        if drift is not None:
            picture = drift.apply(picture)
        marks.burn(picture, mark)
        yield grade.to_yuv420(picture)
        if index % 24 == 0:
            print(f"{take.name}: {index}/{take.frames}", file=sys.stderr, flush=True)


def _draw_take(name: str, threads: int) -> Path:
    """Draw and encode one take (in a process of its own); returns the unsigned file."""
    cv2.setNumThreads(threads)
    take = next(t for t in takes() if t.name == name)
    folder = HERE / "takes"
    folder.mkdir(exist_ok=True)
    raw = folder / f".{take.name}.raw.mp4"
    raw.unlink(missing_ok=True)
    native = None
    if take.sound is not None:
        native = sound.native(take.sound, take.frames / take.rate).astype(np.float32)
    video.write(take, _pictures(take, Town.make()), native, raw, CRF[take.height])
    return raw


def _sign_take(take: Take, raw: Path, vendor: credentials.Vendor) -> None:
    """Sign to a new file, read it back, and only then put it in place."""
    title = f"{take.name}.mp4"
    signed = raw.with_name(f".{title}")
    signed.unlink(missing_ok=True)
    credentials.sign(vendor, raw, signed, title, SCENES[take.name[:7]])
    credentials.verify(signed, vendor.root.decode())
    raw.unlink()
    signed.replace(raw.with_name(title))


def _make_sound() -> None:
    folder = HERE / "audio"
    sound.save(folder / "narration.wav", voice.narration())
    sound.save(folder / "score.wav", sound.score())
    sound.save(folder / "ambience.wav", sound.ambience())


def _write_trust(vendors: dict[str, credentials.Vendor], *, keep: bool) -> None:
    """The roots to trust, each under its vendor's name; older ones stay on a partial run."""
    target = HERE / "trust" / "vendors.pem"
    target.parent.mkdir(exist_ok=True)
    text = target.read_text() if keep and target.exists() else ""
    text += "".join(f"# {v.name}\n{v.root.decode()}" for v in vendors.values())
    part = target.with_suffix(".part")
    part.write_text(text)
    part.replace(target)


def main() -> None:
    """Parse the words and make what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--take", action="append", help="make only this take (repeatable)")
    parser.add_argument("--sound", action="store_true", help="make only the sound files")
    parser.add_argument("--jobs", type=int, default=1, help="takes drawn at the same time")
    words = parser.parse_args()
    if words.sound or not words.take:
        _make_sound()
    if words.sound:
        return
    wanted = [t for t in takes() if not words.take or t.name in words.take]
    if not wanted:
        parser.error(f"no such take; there are {', '.join(t.name for t in takes())}")
    for take in takes():
        marks.save(marks.make(take.vendor, take.width, take.height), HERE / "marks")
    vendors = {name: credentials.make(name) for name in sorted({t.vendor for t in wanted})}
    # The longest first; keys stay in this process, the workers only draw.
    order = sorted(wanted, key=lambda t: -t.frames * t.height)
    with ProcessPoolExecutor(words.jobs, mp_context=get_context("spawn")) as pool:
        drawn = {t.name: pool.submit(_draw_take, t.name, 1) for t in order}
        raws = {name: job.result() for name, job in drawn.items()}
    for take in wanted:
        _sign_take(take, raws[take.name], vendors[take.vendor])
    _write_trust(vendors, keep=bool(words.take))


if __name__ == "__main__":
    main()
