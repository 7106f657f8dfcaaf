"""Conforming one event's pictures: cut, grade, scale and tag, as one reused filter graph."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av.filter
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

from finisher.geometry import Box, Fit, Framing, Raster, frame
from finisher.look import ColorTags
from finisher.media.dither import deep, dithered
from finisher.media.index import put_tags
from finisher.problems import Problem, RenderError

_SCALER = "lanczos+accurate_rnd+full_chroma_int+full_chroma_inp"
BLUR_DIVISOR = 8
"""The surround is blurred at an eighth of its size: cheaper, and softer than any full-size blur."""
BLUR_SIGMA = 6
"""Standard deviation of that blur in pixels of the reduced picture."""
BLUR_STEPS = 2
"""Passes of the recursive filter that stands for a Gaussian; each goes there and back."""
SURROUND_LEVEL = 0.75
"""How bright the blurred surround is, so that the picture itself stays what one looks at."""


def surround_raster(raster: Raster) -> Raster:
    """The size at which a raster's surround is blurred: even, so that 4:2:0 chroma fits."""
    return Raster(
        max(2, raster.width // BLUR_DIVISOR // 2 * 2),
        max(2, raster.height // BLUR_DIVISOR // 2 * 2),
    )


@dataclass(frozen=True, slots=True)
class PictureInput:
    """What a graph must know of the pictures that come in; matrix and range are decided."""

    pixel_format: str
    time_base: Fraction
    matrix: str = "bt709"
    range: str = "tv"
    siting: str = "left"
    """Where chroma lies between the pixels, as libavutil calls it."""

    @property
    def foreign(self) -> bool:
        """Whether it is Y'CbCr of another matrix or range than finished pictures.

        From one to another the scaler goes by 8 bits, and full-range white comes out a code low.
        """
        return self.matrix != "gbr" and (self.matrix, self.range) != ("bt709", "tv")


def siting(codec: str) -> str:
    """Where a codec's chroma lies, by the decoder's name.

    Half a pixel off what Rec. ITU-T H.273 has is where the scaler takes it to lie unless it is
    told: what a decoder says of its pictures it does not ask.
    """
    return "center" if codec in _CENTRED else "left"


_CENTRED = ("mpeg1video", "mjpeg")


class Conform:
    """A graph from a take's pictures to finished ones: crop, LUT, scale, pad, tags.

    Pictures whose colour changes pass through 16-bit RGB, leave the graph in 16 bits and are
    dithered once, to those that are asked for.
    """

    def __init__(
        self,
        source: PictureInput,
        framing: Framing,
        lut: Path | None,
        pixel_format: str,
        scaler: str = _SCALER,
    ) -> None:
        """Build the graph for one framing and one baked LUT (None leaves the colour alone)."""
        self._scaler = scaler
        self._source, self._framing = source, framing
        self._lut, self._finished = lut, pixel_format
        self._through_rgb = lut is not None or source.foreign
        self._pixel_format = deep(pixel_format) if self._through_rgb else pixel_format
        self._pushed = 0
        self._last: tuple[VideoFrame, VideoFrame] | None = None
        self._graph: av.filter.Graph | None = None
        if not self._passes_through():
            self._graph = self._build()

    def __call__(self, picture: VideoFrame) -> VideoFrame:
        """One finished picture for one source picture.

        Raises:
            RenderError: when the picture is not of the announced size and format, or the graph
                does not give exactly one picture back.
        """
        if self._last is not None and self._last[0] is picture:
            return self._last[1]
        self._check(picture)
        finished = picture if self._graph is None else self._through(self._graph, picture)
        self._last = (picture, finished)
        return finished

    def _through(self, graph: av.filter.Graph, picture: VideoFrame) -> VideoFrame:
        """Push one picture and pull one."""
        # What was decided of an untagged take must stand on the picture as on the graph's entry.
        # What the values mean is the cube's business: the scaler must not have a say in it.
        put_tags(picture, ColorTags(self._source.range, self._source.matrix))
        # Filters with two inputs wait for rising times; a take may be running backwards.
        picture.pts = self._pushed
        self._pushed += 1
        graph.vpush(picture)
        try:
            finished = graph.vpull()
        except (BlockingIOError, EOFError) as error:
            raise RenderError(
                Problem("graph-stalled", "a filter graph kept a picture back")
            ) from error
        if self._pixel_format == self._finished:
            return finished
        return dithered(finished, self._finished)

    def _check(self, picture: VideoFrame) -> None:
        """Refuse a picture whose size or format changed in mid-stream."""
        found = (picture.width, picture.height, picture.format.name)
        announced = (
            self._framing.source.width,
            self._framing.source.height,
            self._source.pixel_format,
        )
        if found != announced:
            raise RenderError(
                Problem("picture-changed", f"a picture is {found} where {announced} was announced")
            )

    def _passes_through(self) -> bool:
        """Whether the pictures are already what is asked for."""
        return (
            self._framing.untouched
            and self._lut is None
            and self._source.pixel_format == self._finished
            and (self._source.matrix, self._source.range) == ("bt709", "tv")
        )

    def _build(self) -> av.filter.Graph:
        """Lay the filters."""
        graph = av.filter.Graph()
        # One picture at a time: slice threads would only compete with the other units.
        graph.threads = 1
        size = self._framing.source
        node: FilterContext = graph.add(
            "buffer",
            video_size=f"{size.width}x{size.height}",
            pix_fmt=self._source.pixel_format,
            time_base=str(self._source.time_base),
            pixel_aspect="1/1",
            colorspace=self._source.matrix,
            range=self._source.range,
        )
        if self._framing.fit is Fit.BLUR_PAD:
            node = self._lay_over_blur(graph, node)
        else:
            node = self._lay_plain(graph, node)
        node = _after(graph, node, "setparams", **_FINISHED)
        node = _after(graph, node, "setsar", sar="1")
        _after(graph, node, "buffersink")
        graph.configure()
        return graph

    def _lay_plain(self, graph: av.filter.Graph, node: FilterContext) -> FilterContext:
        """Crop, grade and scale, with bars where the picture does not fill the raster.

        A picture that gets smaller is graded at its smaller size, which costs less.
        """
        node = _crop(graph, node, self._framing.crop, self._framing.source)
        place = self._framing.place
        shrinks = place.area < self._framing.crop.area
        node = self._grade(graph, node, place if shrinks else None)
        node = self._scale(graph, node, place, self._pixel_format)
        raster = self._framing.raster
        if place == Box.of(0, 0, raster.width, raster.height):
            return node
        x, y, _, _ = place.whole()
        return _after(
            graph,
            node,
            "pad",
            width=str(raster.width),
            height=str(raster.height),
            x=str(x),
            y=str(y),
            color="black",
        )

    def _lay_over_blur(self, graph: av.filter.Graph, node: FilterContext) -> FilterContext:
        """The whole picture over a blurred, darkened copy of itself that covers the raster.

        Pictures are laid over each other in 10 bits at most: libavfilter knows no deeper way.
        """
        framing, finished = self._framing, self._pixel_format
        laid = finished.replace("16le", "10le")
        split = _after(graph, self._grade(graph, node), "split", outputs="2")
        cover = frame(framing.source, framing.raster, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
        small = surround_raster(framing.raster)
        back = _crop(graph, split, cover.crop, framing.source)
        back = self._scale(graph, back, Box.of(0, 0, small.width, small.height), laid)
        back = _after(graph, back, "gblur", sigma=str(BLUR_SIGMA), steps=str(BLUR_STEPS))
        back = _after(graph, back, "lutyuv", y=f"minval+(val-minval)*{SURROUND_LEVEL}")
        back = _after(graph, back, "scale", **_size(framing.raster), **_WITHIN, flags="bicubic")
        front = graph.add("null")
        split.link_to(front, 1, 0)
        front = self._scale(graph, front, framing.place, laid)
        over = graph.add(
            "overlay",
            x=str(int(framing.place.x)),
            y=str(int(framing.place.y)),
            format="auto",
        )
        back.link_to(over, 0, 0)
        front.link_to(over, 0, 1)
        over = _after(graph, over, "format", pix_fmts=laid)
        if laid == finished:
            return over
        over = _after(graph, over, "scale", **_WITHIN, flags=self._scaler)
        return _after(graph, over, "format", pix_fmts=finished)

    def _grade(
        self, graph: av.filter.Graph, node: FilterContext, place: Box | None = None
    ) -> FilterContext:
        """Through the LUT at the picture's present size or a box's, in 16-bit full-range RGB.

        libavfilter's 16-bit planar lut3d is both the most exact and the cheapest of its paths.
        """
        if not self._through_rgb:
            return node
        size = {} if place is None else _size(Raster(*place.whole()[2:]))
        node = _after(
            graph,
            node,
            "scale",
            flags=self._scaler,
            **size,
            **self._coming(),
            out_range="pc",
        )
        node = _after(graph, node, "format", pix_fmts="gbrp16le")
        if self._lut is None:
            return node
        return _after(graph, node, "lut3d", file=str(self._lut), interp="tetrahedral")

    def _coming(self) -> dict[str, str]:
        """The scale filter's options for the pictures that come in; RGB has no matrix."""
        span = {"in_range": self._source.range}
        if self._source.matrix == "gbr":
            return span
        lies = {"in_chroma_loc": self._source.siting}
        return {"in_color_matrix": self._source.matrix} | lies | span

    def _scale(
        self, graph: av.filter.Graph, node: FilterContext, place: Box, pixel_format: str
    ) -> FilterContext:
        """To the size of a box, in a pixel format of finished pictures, their matrix and range."""
        _, _, width, height = place.whole()
        coming = {"in_range": "pc"} if self._through_rgb else self._coming()
        node = _after(
            graph,
            node,
            "scale",
            **_size(Raster(width, height)),
            flags=self._scaler,
            out_color_matrix="bt709",
            out_range="tv",
            out_chroma_loc="left",
            **coming,
        )
        return _after(graph, node, "format", pix_fmts=pixel_format)


# Tags of every finished SDR picture (Rec. ITU-R BT.709).
_FINISHED = {
    "range": "tv",
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "colorspace": "bt709",
}

# From finished pictures to finished ones, of another size or depth.
_WITHIN = {
    "in_color_matrix": "bt709",
    "out_color_matrix": "bt709",
    "in_range": "tv",
    "out_range": "tv",
    "in_chroma_loc": "left",
    "out_chroma_loc": "left",
}


def _after(graph: av.filter.Graph, node: FilterContext, name: str, **options: str) -> FilterContext:
    """Add a filter behind a node; options go by name, so that nothing needs escaping."""
    added = graph.add(name, **options)
    node.link_to(added)
    return added


def _size(raster: Raster) -> dict[str, str]:
    """The scale filter's size options."""
    return {"width": str(raster.width), "height": str(raster.height)}


def _crop(graph: av.filter.Graph, node: FilterContext, crop: Box, source: Raster) -> FilterContext:
    """Cut a box out, unless it is the whole picture."""
    x, y, width, height = crop.whole()
    if (x, y, width, height) == (0, 0, source.width, source.height):
        return node
    return _after(graph, node, "crop", out_w=str(width), out_h=str(height), x=str(x), y=str(y))
