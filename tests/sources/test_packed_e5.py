"""The packed 4-bit format is read exactly, and a damaged file is named as such."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.errors import InputError
from polystilts.sources.packed_e5 import dequantise, parse


def test_a_block_by_hand() -> None:
    # scale 0.5; byte 0 = 0xF0: weight 0 has bits 0 -> -4.0, weight 16 has bits 15 -> 3.5;
    # byte 1 = 0x81: weight 1 has bits 1 -> -3.5, weight 17 has bits 8 -> 0; byte 2..15 = 0x88: 0
    raw = struct.pack("<e", 0.5) + bytes([0xF0, 0x81]) + bytes([0x88] * 14)
    expected = np.zeros(32, np.float32)
    expected[[0, 1, 16]] = [-4.0, -3.5, 3.5]
    weights = dequantise(raw)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, expected)


half = st.floats(-8, 8, width=16)


@given(blocks=st.lists(st.tuples(half, st.binary(min_size=16, max_size=16)), max_size=5))
def test_every_weight_is_its_bits_less_eight_times_the_scale(
    blocks: list[tuple[float, bytes]],
) -> None:
    weights = dequantise(b"".join(struct.pack("<e", scale) + octets for scale, octets in blocks))
    for number, (scale, octets) in enumerate(blocks):
        for j, octet in enumerate(octets):
            low, high = octet % 16, octet // 16
            assert weights[32 * number + j] == np.float32(low - 8) * np.float32(scale)
            assert weights[32 * number + j + 16] == np.float32(high - 8) * np.float32(scale)


def test_what_was_written_is_read(packed_file, tmp_path: Path) -> None:
    written = packed_file().write(tmp_path / "e5.bin")
    packed = parse(tmp_path / "e5.bin")
    assert packed.pieces == [(text, pytest.approx(score)) for text, score in written.pieces]
    assert packed.normalised == written.normalised
    assert packed.special == {"bos": 0, "eos": 2, "pad": 1, "unk": 3}
    assert packed.sizes.layers == 2
    for name, expected in written.tensors.items():
        np.testing.assert_array_equal(packed.tensor(name, expected.shape), expected)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"magic": b"GGUF"}, "b'GGUF'.*another format"),
        ({"version": 2}, "layout version 2"),
        ({"block": 64}, "blocks of 64"),
    ],
)
def test_another_format_is_named(packed_file, tmp_path: Path, change: dict, reason: str) -> None:
    packed_file(**change).write(tmp_path / "e5.bin")
    with pytest.raises(InputError, match=rf"e5\.bin: .*{reason}"):
        parse(tmp_path / "e5.bin")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.05, 0.2, 0.999])
def test_a_file_cut_short_is_named(packed_file, tmp_path: Path, share: float) -> None:
    path = tmp_path / "e5.bin"
    packed_file().write(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match="cut short"):
        parse(path)


def test_a_missing_or_misshapen_tensor_is_named(packed_file, tmp_path: Path) -> None:
    packed_file(without=frozenset({"l1.fi.w"})).write(tmp_path / "e5.bin")
    packed = parse(tmp_path / "e5.bin")
    with pytest.raises(InputError, match=r"lacks the tensor `l1\.fi\.w`"):
        packed.tensor("l1.fi.w", (64, 32))
    with pytest.raises(InputError, match=r"`l1\.q\.w` holds 1024 numbers"):
        packed.tensor("l1.q.w", (64, 32))
