"""A packed encoder file of a few kilobytes, written from the layout's description."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS, TOKEN_TYPES = 32, 2, 4, 64, 16, 2
PIECES = [
    ("<s>", 0.0),
    ("<pad>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    ("▁", -3.0),
    ("▁good", -2.0),
    ("▁day", -2.5),
    ("s", -4.0),
    ("é", -5.0),
    ("½", -5.5),
    ("1\u20442", -5.6),
    ("<mask>", 0.0),
]
# the zero-width joiner becomes a space, a bell nothing, one half its compatibility form
NORMALISED = {"\u200d": " ", "\x07": "", "½": "1\u20442"}


@dataclass
class PackedFile:
    """Everything that goes into a packed file; tests change a part and write it."""

    magic: bytes = b"E5S1"
    version: int = 1
    block: int = 32
    rows: int = len(PIECES) + 1  # one row more than pieces, as in the real file
    pieces: list[tuple[str, float]] = field(default_factory=lambda: list(PIECES))
    normalised: Mapping[str, str] = field(default_factory=lambda: dict(NORMALISED))
    without: frozenset[str] = frozenset()
    tensors: dict[str, np.ndarray] = field(default_factory=dict)

    def write(self, path: Path) -> "PackedFile":
        sizes = (HIDDEN, LAYERS, HEADS, FEED_FORWARD, self.rows, POSITIONS, TOKEN_TYPES)
        head = self.magic + struct.pack("<I", self.version)
        head += struct.pack("<7ifi", *sizes, 1e-12, self.block)
        texts = [piece.encode() for piece, _ in self.pieces]
        head += struct.pack("<5iQ", len(texts), 0, 2, 1, 3, sum(map(len, texts)))
        offsets = np.cumsum([0, *map(len, texts)])
        head += offsets.astype("<u4").tobytes()
        head += np.array([score for _, score in self.pieces], "<f4").tobytes()
        head += b"".join(texts)
        entries = b"".join(
            struct.pack(f"<IB{len(to)}I", ord(source), len(to), *map(ord, to))
            for source, to in sorted(self.normalised.items())
        )
        head += struct.pack("<iI", len(self.normalised), len(entries)) + entries
        stored = {name: t for name, t in self._tensors().items() if name not in self.without}
        head += struct.pack("<i", len(stored))
        directory = sum(2 + len(name) + 21 for name in stored)
        offset, listing, body = len(head) + directory, b"", b""
        for name, (kind, count, raw) in stored.items():
            listing += struct.pack("<H", len(name)) + name.encode()
            listing += struct.pack("<BIQQ", kind, count, offset + len(body), len(raw))
            body += raw
        path.write_bytes(head + listing + body)
        return self

    def _tensors(self) -> dict[str, tuple[int, int, bytes]]:
        generator = np.random.default_rng(5)
        shapes: dict[str, tuple[int, ...]] = {
            "emb.word": (self.rows, HIDDEN),
            "emb.pos": (POSITIONS, HIDDEN),
            "emb.type": (TOKEN_TYPES, HIDDEN),
            "emb.ln.w": (HIDDEN,),
            "emb.ln.b": (HIDDEN,),
        }
        for layer in range(LAYERS):
            for name in ("q", "k", "v", "ao"):
                shapes[f"l{layer}.{name}.w"] = (HIDDEN, HIDDEN)
                shapes[f"l{layer}.{name}.b"] = (HIDDEN,)
            shapes[f"l{layer}.fi.w"] = (FEED_FORWARD, HIDDEN)
            shapes[f"l{layer}.fi.b"] = (FEED_FORWARD,)
            shapes[f"l{layer}.fo.w"] = (HIDDEN, FEED_FORWARD)
            shapes[f"l{layer}.fo.b"] = (HIDDEN,)
            for name in ("aln", "oln"):
                shapes[f"l{layer}.{name}.w"] = (HIDDEN,)
                shapes[f"l{layer}.{name}.b"] = (HIDDEN,)
        packed: dict[str, tuple[int, int, bytes]] = {}
        for name, shape in shapes.items():
            count = int(np.prod(shape))
            if name == "emb.word" or (name.endswith(".w") and len(shape) == 2):
                raw = b"".join(
                    struct.pack("<e", generator.normal() / 50) + generator.bytes(16)
                    for _ in range(count // 32)
                )
                packed[name] = (1, count, raw)
                self.tensors[name] = slow_dequantise(raw).reshape(shape)
            else:
                values = generator.normal(size=shape).astype("<f4")
                packed[name] = (0, count, values.tobytes())
                self.tensors[name] = values
        return packed


def slow_dequantise(raw: bytes) -> np.ndarray:
    """Decode Q4_0 weight by weight, as the format is described."""
    weights: list[float] = []
    for start in range(0, len(raw), 18):
        (scale,) = struct.unpack_from("<e", raw, start)
        octets = raw[start + 2 : start + 18]
        weights += [((octet & 15) - 8) * scale for octet in octets]
        weights += [((octet >> 4) - 8) * scale for octet in octets]
    return np.array(weights, np.float32)


@pytest.fixture
def packed_file() -> Callable[..., PackedFile]:
    return PackedFile
