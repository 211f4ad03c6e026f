"""Hashes that decide what is computed: the same on every machine, for ever."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.provenance.hashing import digest, file_digest, unit_hash
from repository import REPOSITORY


# the first eight bytes of `b2sum -l 64` over the parts joined by the byte 1f
@pytest.mark.parametrize(
    ("parts", "hexadecimal"),
    [
        (("a",), "40f89e395b66422f"),
        (("ab", "c"), "4449645a7ce72544"),
        (("a", "bc"), "a88a4c477c93af5a"),
        (("dropout", 1, 250), "c0aa8b1f8300384f"),
        (("слово", "ñ"), "0370dcfb2ff08fd3"),
        ((), "e4a6a0577479b2b4"),
    ],
)
def test_unit_hash_is_blake2b(parts: tuple[str | int, ...], hexadecimal: str) -> None:
    assert unit_hash(*parts) == int(hexadecimal, 16)


@given(st.lists(st.text(alphabet="ab1", max_size=3), min_size=1, max_size=4))
def test_parts_are_told_apart(parts: list[str]) -> None:
    for cut in range(1, len(parts)):
        joined = [*parts[: cut - 1], parts[cut - 1] + parts[cut], *parts[cut + 1 :]]
        assert unit_hash(*parts) != unit_hash(*joined)


def test_unit_hash_is_spread_evenly() -> None:
    drawn = [unit_hash("seed", number) / 2**64 for number in range(4000)]
    tenths = [sum(low <= value * 10 < low + 1 for value in drawn) for low in range(10)]
    # 400 expected each, standard deviation 19
    assert all(300 < count < 500 for count in tenths)


def test_digest_is_the_sha256_of_canonical_json() -> None:
    canonical = '{"a":[1,2.5,null,true],"b":"ñ"}'
    expected = hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:16]
    assert digest({"b": "ñ", "a": [1, 2.5, None, True]}) == expected
    assert expected == "e84f54b6b06f8d77"


def test_digest_does_not_depend_on_the_order_of_keys_but_on_that_of_lists() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])
    assert digest({"a": 1, "b": 2}) != digest({"a": 2, "b": 1})


def test_digest_refuses_what_is_not_json() -> None:
    with pytest.raises(TypeError):
        digest({"path": Path("x")})


def test_processes_agree() -> None:
    program = (
        "from polystilts.provenance.hashing import digest, unit_hash;"
        "print(digest({'a': ['x', 1]}), unit_hash('x', 1))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": str(REPOSITORY / "workflow"), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert seen == {f"{digest({'a': ['x', 1]})} {unit_hash('x', 1)}\n"}


def test_a_file_larger_than_a_block(tmp_path: Path) -> None:
    file = tmp_path / "large"
    content = b"polystilts" * 300_000
    file.write_bytes(content)
    assert file_digest(file) == hashlib.sha256(content).hexdigest()
