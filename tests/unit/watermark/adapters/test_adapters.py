"""The adapters' loading and asking, on small networks of the same interface as the real ones."""

import importlib.util
import warnings

import numpy as np
import pytest

from finisher.problems import DocumentError, MachineError, MediaError
from finisher.watermark import detectors
from finisher.watermark.adapters import networks, trustmark
from finisher.watermark.detector import Declared, Hearing, Reading, Sight

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed"
)
WITH_WEIGHTS = ("trustmark", "videoseal", "audioseal")
RANDOM = np.random.default_rng(11)
BITS = {name: RANDOM.integers(0, 2, n) for name, n in (("videoseal", 256), ("trustmark", 100))}
MESSAGE = "1011001110001011"


def text(bits):
    return "".join(map(str, bits))


def chart(bits, side, cell=24):
    """A picture of as many cells as there are bits, lighter for a one."""
    cells = 128 + 40 * (2 * bits.reshape(side, side).astype(int) - 1)
    return np.repeat(np.kron(cells, np.ones((cell, cell), int))[..., None], 3, 2).astype(np.uint8)


@pytest.fixture
def made(tmp_path):
    """Paths of three TorchScript modules that read cells of a picture, or parts of a sound."""
    torch = networks.torch()

    class Seal(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

        @torch.jit.export
        def detect(self, imgs: torch.Tensor) -> torch.Tensor:
            cells = torch.nn.functional.adaptive_avg_pool2d(imgs, [16, 16])[:, 1]
            return torch.cat([torch.zeros(imgs.shape[0], 1), cells.flatten(1) - 0.5], dim=1)

    class Mark(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert x.shape[2] == 245
            return torch.nn.functional.adaptive_avg_pool2d(x, [10, 10])[:, 1].flatten(1)

    class Voice(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

        @torch.jit.export
        def detect_watermark(
            self, x: torch.Tensor, sample_rate: int
        ) -> tuple[torch.Tensor, torch.Tensor]:
            assert sample_rate == 16000
            parts = torch.nn.functional.adaptive_avg_pool1d(x, [16])[:, 0]
            return (parts.abs() > 0.05).float().mean(), (parts > 0).int()

    paths = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer releases of torch announce another format
        for name, module in (("videoseal", Seal()), ("trustmark", Mark()), ("audioseal", Voice())):
            paths[name] = tmp_path / f"{name}.pt"
            torch.jit.script(module).save(str(paths[name]))
    return paths


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_what_is_missing_is_said(name, monkeypatch):
    monkeypatch.setattr(networks.importlib.util, "find_spec", lambda _module: None)
    told = detectors.look(name, {}, [], Declared("01" * 24, (64, 64)))
    assert [each.reading for each in told] == [Reading.UNREADABLE]
    assert "torch is not installed" in told[0].reason
    with pytest.raises(MachineError, match="torch"), detectors.opened(name, {}):
        pass


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_weights_are_never_fetched(name, tmp_path):
    detector = detectors.found(name)
    assert detector.capability.weights
    assert not detector.capability.network
    with pytest.raises(MediaError, match="no path of weights"):
        detector.open({})
    with pytest.raises(MediaError, match="no weights at"):
        detector.open({"weights": str(tmp_path / "absent.pt")})
    with pytest.raises(DocumentError, match="no option"):
        detector.open({"wieghts": "x"})


def test_trustmark_refuses_before_its_package_could_download(tmp_path):
    detector = detectors.found("trustmark")
    with pytest.raises(MediaError, match=r"has no trustmark_Q\.yaml"):
        detector.open({"weights": str(tmp_path)})
    (tmp_path / "trustmark_Q.yaml").write_text("model: {}")
    with pytest.raises(MediaError, match=r"has no decoder_Q\.ckpt"):
        detector.open({"weights": str(tmp_path)})
    with pytest.raises(DocumentError, match="no model 'Z'"):
        detector.open({"weights": str(tmp_path), "model": "Z"})


def test_payloads_of_soft_bindings():
    bits = "01" * 34
    assert trustmark.payload_of("com.adobe.trustmark.Q", f"2*{bits}") == bits
    assert trustmark.payload_of("com.adobe.trustmark.P", "2*") is None
    assert trustmark.payload_of("com.adobe.trustmark.P", f"9*{bits}") is None
    assert trustmark.payload_of("com.digimarc.validate.1", f"2*{bits}") is None


@needs_torch
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize(("name", "side"), [("videoseal", 16), ("trustmark", 10)])
def test_pictures_are_read_by_the_network(made, name, side):
    options = {"weights": str(made[name])}
    marked = chart(BITS[name], side)
    size = marked.shape[1], marked.shape[0]
    shown = np.ascontiguousarray(marked[:, ::-1])
    sights = [Sight(marked), Sight(marked)]
    (blind,) = detectors.look(name, options, sights, Declared(text(BITS[name]), size))
    assert (blind.reading, blind.matched, blind.pictures) == (Reading.FOUND, BITS[name].size, 2)
    other = Declared(text(np.roll(BITS[name], 3)), size)
    assert detectors.look(name, options, sights, other)[0].reading is Reading.ABSENT
    # Mirrored on the way, and brought back: found with the edit's knowledge alone.
    blind, placed = detectors.look(
        name, options, [Sight(shown, marked)], Declared(text(BITS[name]), size)
    )
    assert (blind.reading, placed.reading) == (Reading.ABSENT, Reading.FOUND)


@needs_torch
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_payload_before_error_correction_is_enough(made):
    options = {"weights": str(made["trustmark"])}
    marked = chart(BITS["trustmark"], 10)
    declared = Declared(text(BITS["trustmark"][:68]), (240, 240))
    (blind,) = detectors.look("trustmark", options, [Sight(marked)], declared)
    assert (blind.reading, blind.matched, blind.bits) == (Reading.FOUND, 68, 68)
    (blind,) = detectors.look("trustmark", options, [Sight(marked)], Declared("01" * 60, (9, 9)))
    assert blind.reading is Reading.UNREADABLE


@needs_torch
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_sound_is_read_by_the_network(made):
    options = {"weights": str(made["audioseal"])}
    signs = np.array([1 if bit == "1" else -1 for bit in MESSAGE])
    sound = np.repeat(signs * 0.3, 6000).astype(np.float32)[:, None].repeat(2, 1)
    declared = Declared(MESSAGE, (0, 0))
    (told,) = detectors.look("audioseal", options, Hearing(sound, 48000), declared)
    assert (told.reading, told.matched, told.bits) == (Reading.FOUND, 16, 16)
    assert told.p is not None
    # Nine ones in sixteen bits lie one way in 11440: certainty ends there.
    assert 1e-4 < told.p < 1e-3
    (told,) = detectors.look("audioseal", options, Hearing(sound * 0.01, 48000), declared)
    assert told.reading is Reading.ABSENT
    (told,) = detectors.look("audioseal", options, Hearing(-sound, 48000), declared)
    assert told.reading is Reading.INVERTED
    (told,) = detectors.look("audioseal", options, Hearing(sound[:9000], 48000), declared)
    assert told.reading is Reading.UNREADABLE


@needs_torch
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_other_networks_are_refused(made, tmp_path):
    with pytest.raises(MediaError, match="no 'detect'"):
        detectors.found("videoseal").open({"weights": str(made["trustmark"])})
    torn = tmp_path / "torn.pt"
    torn.write_bytes(b"PK\x03\x04 and nothing else")
    for name in WITH_WEIGHTS:
        with pytest.raises(MediaError, match="no TorchScript module"):
            detectors.found(name).open({"weights": str(torn)})
