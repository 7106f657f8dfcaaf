"""A film of copied and encoded stretches, frame by frame in every player that is installed.

Takes whose pictures carry their numbers are cut anywhere, mixed, slowed and looped, copied where
nothing changes them; each player shows every frame, and its number is compared with the edit's.
PyAV and ffmpeg come with finisher; GStreamer (`gst-launch-1.0` with libav) and Chromium
(`chromium`) are asked where they are there. Chromium seeks to the middle of every frame, as a page
would, and then plays the film through.
`python benchmarks/copy_players.py`
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import numpy as np
from benchmarks.clock import table
from tests import barcode
from tests.acceptance.numbered import EVENTS, build

_SECONDS = 180
_PAGE = """<!doctype html><canvas id=c width={w} height={h}></canvas><script>
const bytes = Uint8Array.from(atob("{data}"), c => c.charCodeAt(0));
const video = document.createElement("video");
video.muted = true;
video.src = URL.createObjectURL(new Blob([bytes], {{type: "video/mp4"}}));
const pen = document.getElementById("c").getContext("2d", {{willReadFrequently: true}});
function number() {{
  pen.drawImage(video, 0, 0, {w}, {h});
  let found = 0;
  for (let bit = 0; bit < {bits}; bit++) {{
    const x = Math.floor((2 * bit + 1) * {w} / (2 * {bits}));
    if (pen.getImageData(x, 90, 1, 1).data[1] > 127) found += 1 << bit;
  }}
  return found;
}}
async function run() {{
  await new Promise(done => video.addEventListener("loadeddata", done, {{once: true}}));
  const found = [];
  for (let k = 0; k < {frames}; k++) {{
    const sought = new Promise(done => video.addEventListener("seeked", done, {{once: true}}));
    video.currentTime = (k + 0.5) / 24;
    await sought;
    found.push(number());
  }}
  video.currentTime = 0;
  video.playbackRate = 4;
  let ended = "played to its end";
  await Promise.race([
    new Promise(done => video.addEventListener("ended", done)),
    new Promise(done => video.addEventListener("error", () => {{
      ended = video.error.message; done(); }})),
    video.play().then(() => new Promise(done => setTimeout(() => {{
      ended = "stuck at " + video.currentTime; done(); }}, 60000))),
  ]);
  return {{found, ended}};
}}
run().catch(error => ({{error: String(error)}}))
  .then(told => fetch("/told", {{method: "POST", body: JSON.stringify(told)}}));
</script>"""


def lay(folder: Path) -> tuple[Path, list[int | None]]:
    """The film, and the number each of its frames must show; None where two are mixed."""
    build(folder)
    env = os.environ | {"FINISHER_CACHE": str(folder / "c"), "FINISHER_DATA": str(folder / "d")}
    finish = [sys.executable, "-m", "finisher"]
    options = ["edl.json", "-p", "same", "--json", "--progress", "none"]
    subprocess.run([*finish, "render", *options], cwd=folder, env=env, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    told = subprocess.run([*finish, "plan", *options], cwd=folder, env=env, check=True,
                          capture_output=True)  # fmt: skip
    plan = json.loads(told.stdout)
    base = {event["id"]: 500 if event["take"] == "b" else 0 for event in EVENTS}
    pictures = [picture for unit in plan["units"] for picture in unit["pictures"]]
    copied = sum(unit["frames"] for unit in plan["units"] if unit["copied"])
    print(f"{plan['frames']} frames, {copied} of them copied", file=sys.stderr)
    wanted = [base[str(p[0])] + p[1] if len(p) == 2 else None for p in pictures]
    return folder / "edl.same.mp4", wanted


def by_pyav(film: Path) -> list[int]:
    with av.open(str(film)) as container:
        return [barcode.number(frame) for frame in container.decode(video=0)]


def by_ffmpeg(film: Path) -> list[int]:
    return [sum(1 << i for i, on in enumerate(row > 0.5) if on) for row in barcode.levels(film)]


def by_gstreamer(film: Path) -> list[int]:
    raw = film.with_suffix(".gray")
    subprocess.run(
        [
            "gst-launch-1.0", "-q", "filesrc", f"location={film}", "!", "qtdemux", "!",
            "h264parse", "!", "avdec_h264", "!", "videoconvert", "!",
            "video/x-raw,format=GRAY8", "!", "filesink", f"location={raw}",
        ],
        check=True, timeout=_SECONDS,
    )  # fmt: skip
    planes = np.fromfile(raw, np.uint8).reshape(-1, barcode.HEIGHT, barcode.WIDTH)
    return [_number(plane) for plane in planes]


def _number(luma: np.ndarray) -> int:
    middles = [(2 * bit + 1) * barcode.WIDTH // (2 * barcode.BITS) for bit in range(barcode.BITS)]
    return sum(1 << bit for bit, x in enumerate(middles) if luma[90, x] > 127)


def by_chromium(film: Path, frames: int) -> tuple[list[int], str]:
    """Frame numbers after seeking to each, and how playing it through ended."""
    page = _PAGE.format(
        data=base64.b64encode(film.read_bytes()).decode(),
        w=barcode.WIDTH,
        h=barcode.HEIGHT,
        bits=barcode.BITS,
        frames=frames,
    ).encode()
    told: list[dict[str, object]] = []
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page)

        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, *words: object) -> None:
            del words

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as profile:
        browser = subprocess.Popen(
            [
                "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio",
                "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={profile}",
                f"http://127.0.0.1:{server.server_port}/",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        done.wait(_SECONDS)
        browser.kill()
        browser.wait()
    server.shutdown()
    if not told:
        return [], "no answer"
    if "error" in told[0]:
        return [], str(told[0]["error"])
    found = told[0]["found"]
    return [int(n) for n in found] if isinstance(found, list) else [], str(told[0]["ended"])


def judged(found: Sequence[int], wanted: Sequence[int | None]) -> str:
    """How many frames are right, of those whose number is known."""
    if len(found) != len(wanted):
        return f"{len(found)} frames instead of {len(wanted)}"
    known = [(a, b) for a, b in zip(found, wanted, strict=True) if b is not None]
    return f"{sum(a == b for a, b in known)} of {len(known)}"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="finisher-players-") as name:
        film, wanted = lay(Path(name))
        rows = [
            ("PyAV", judged(by_pyav(film), wanted), ""),
            ("ffmpeg", judged(by_ffmpeg(film), wanted), ""),
        ]
        if shutil.which("gst-launch-1.0"):
            rows.append(("GStreamer", judged(by_gstreamer(film), wanted), ""))
        if shutil.which("chromium"):
            found, ended = by_chromium(film, len(wanted))
            rows.append(("Chromium, seeking", judged(found, wanted), ended))
    print(table(["player", "frames right", ""], rows))


if __name__ == "__main__":
    main()
