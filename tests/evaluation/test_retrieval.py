"""Mining agrees with a brute-force reading of the published procedure."""

import numpy as np
import pytest
from numpy.typing import NDArray

from polystilts.errors import PolystiltsError
from polystilts.evaluation import retrieval
from polystilts.evaluation.search import all_rows

Floats = NDArray[np.float32]


def mine(source: Floats, target: Floats, neighbours: int = 4) -> retrieval.Candidates:
    return retrieval.mine(all_rows(source), all_rows(target), neighbours)


def vectors(seed: int, rows: int, width: int = 12) -> Floats:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def brute_force_pairs(source: Floats, target: Floats, k: int) -> list[tuple[int, int, float]]:
    """Margin mining written out in plain loops and double precision."""

    def cosine(a: Floats, b: Floats) -> float:
        a, b = a.astype(float), b.astype(float)
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))

    similarity = [[cosine(x, y) for y in target] for x in source]
    columns = [list(column) for column in zip(*similarity, strict=True)]
    near_source = [sorted(range(len(row)), key=lambda j, r=row: -r[j])[:k] for row in similarity]
    near_target = [sorted(range(len(col)), key=lambda i, c=col: -c[i])[:k] for col in columns]
    source_mean = [
        sum(row[j] for j in near) / len(near)
        for row, near in zip(similarity, near_source, strict=True)
    ]
    target_mean = [
        sum(col[i] for i in near) / len(near)
        for col, near in zip(columns, near_target, strict=True)
    ]

    def margin(i: int, j: int) -> float:
        return similarity[i][j] / ((source_mean[i] + target_mean[j]) / 2)

    pool = [max((margin(i, j), i, j) for j in near) for i, near in enumerate(near_source)]
    pool += [max((margin(i, j), i, j) for i in near) for j, near in enumerate(near_target)]
    pairs: list[tuple[int, int, float]] = []
    for value, i, j in sorted(pool, reverse=True):
        unused = all(i != a and j != b for a, b, _ in pairs)
        if unused and value > 0:
            pairs.append((i, j, value))
    return pairs


@pytest.mark.parametrize(("seed", "sources", "targets"), [(0, 25, 30), (1, 30, 17), (2, 3, 40)])
def test_mining_equals_brute_force(seed: int, sources: int, targets: int) -> None:
    source, target = vectors(seed, sources), vectors(seed + 100, targets)
    target[: min(sources, targets) // 2] += 2 * source[: min(sources, targets) // 2]
    expected = brute_force_pairs(source, target, k=4)
    found = mine(source, target)
    assert list(zip(found.source_rows, found.target_rows, strict=True)) == [
        (i, j) for i, j, _ in expected
    ]
    assert found.margins == pytest.approx([value for _, _, value in expected], rel=1e-4)


def test_mining_finds_planted_pairs_and_uses_each_sentence_once() -> None:
    source = vectors(3, 40)
    order = np.random.default_rng(4).permutation(40)
    target = source[order] + 0.1 * vectors(5, 40)
    found = mine(source, target)
    assert (order[found.target_rows] == found.source_rows).mean() > 0.9
    assert len(set(found.source_rows)) == len(found.source_rows)
    assert len(set(found.target_rows)) == len(found.target_rows)
    assert (np.diff(found.margins) <= 0).all()


def test_mining_survives_vectors_of_zero_and_one_empty_side() -> None:
    source, target = vectors(6, 8), vectors(7, 8)
    source[2] = 0
    found = mine(source, target)
    assert np.isfinite(found.margins).all()
    assert 2 not in found.source_rows
    assert len(mine(source, target[:0]).margins) == 0


def test_retrieval_is_by_angle_not_by_length() -> None:
    index = np.array([[10, 10], [0.1, 0]], dtype=np.float32)
    assert retrieval.retrieve(np.array([[5, 0.5]], dtype=np.float32), index).rows[0, 0] == 1


def test_search_leaves_its_input_alone() -> None:
    queries, index = vectors(12, 4), vectors(13, 5)
    before = queries.copy(), index.copy()
    retrieval.retrieve(queries, index)
    assert (queries == before[0]).all() and (index == before[1]).all()


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e30])
def test_vectors_of_a_diverged_model_are_no_predictions(number: float) -> None:
    sound, broken = vectors(18, 6), vectors(19, 5)
    broken[[1, 3], 2] = number
    message = "2 of 5 sentence vectors are not finite: the model has probably diverged"
    for source, target in ((sound, broken), (broken, sound)):
        with pytest.raises(PolystiltsError, match=message):
            retrieval.retrieve(source, target)
        with pytest.raises(PolystiltsError, match=message):
            mine(source, target)


def test_repeated_sentences_are_thrown_out_and_counted() -> None:
    base = vectors(14, 6) + 1
    source = base[[0, 1, 2, 2, 3]]
    mined = retrieval.mine_sentences(
        source,
        ["s0", "s1", "s2", "s2-copy", "s3"],
        ["a", "b", "c", "c", "d"],
        base,
        ["t0", "t1", "t2", "t3", "t4", "t5"],
        ["A", "B", "C", "D", "E", "E"],
    )
    pairs = {(source_id, target_id) for source_id, target_id, _ in mined.pairs}
    assert {("s0", "t0"), ("s1", "t1"), ("s3", "t3")} <= pairs
    assert not {"s2", "s2-copy"} & {source_id for source_id, _ in pairs}
    assert not {"t4", "t5"} & {target_id for _, target_id in pairs}
    assert (mined.repeated_source, mined.repeated_target) == (2, 2)


@pytest.mark.parametrize("seed", range(3))
def test_mining_of_files_with_copies_equals_the_published_steps(seed: int) -> None:
    """Collapse, mine, throw out: step by step over texts, of which a third are copies."""
    draw = np.random.default_rng(seed)
    sides = []
    for name, size in (("s", 30), ("t", 40)):
        texts = [f"{name} text {number}" for number in draw.integers(0, 2 * size, size)]
        sides.append((vectors(seed + size, size), [f"{name}{i}" for i in range(size)], texts))
    (source, source_ids, source_texts), (target, target_ids, target_texts) = sides
    given = source.copy(), target.copy()

    distinct = [list(dict.fromkeys(texts)) for _, _, texts in sides]
    last = [
        np.stack([side[len(texts) - 1 - texts[::-1].index(text)] for text in kept])
        for (side, _, texts), kept in zip(sides, distinct, strict=True)
    ]
    expected = [
        (source_ids[source_texts.index(x)], target_ids[target_texts.index(y)], margin)
        for i, j, margin in brute_force_pairs(*last, k=4)
        if source_texts.count(x := distinct[0][i]) == 1
        and target_texts.count(y := distinct[1][j]) == 1
    ]
    mined = retrieval.mine_sentences(
        source, source_ids, source_texts, target, target_ids, target_texts
    )
    assert 0 < len(mined.pairs) < min(map(len, distinct))
    assert [pair[:2] for pair in mined.pairs] == [pair[:2] for pair in expected]
    margins = [margin for _, _, margin in mined.pairs]
    assert margins == pytest.approx([margin for _, _, margin in expected], rel=1e-4)
    repeated = [sum(texts.count(text) > 1 for text in texts) for _, _, texts in sides]
    assert [mined.repeated_source, mined.repeated_target] == repeated
    assert (source == given[0]).all() and (target == given[1]).all()


def test_a_sentence_that_is_thrown_out_keeps_its_partner_from_others() -> None:
    """XTREME throws out after mining, when the pair is taken."""
    source = np.array([[1, 0], [1, 0], [1, 0.2]], dtype=np.float32)
    target = np.array([[1, 0]], dtype=np.float32)
    mined = retrieval.mine_sentences(
        source, ["s0", "s1", "s2"], ["a", "a", "b"], target, ["t0"], ["A"]
    )
    assert mined.pairs == []


def test_the_last_copy_lends_its_vector() -> None:
    base = np.eye(4, dtype=np.float32) + 0.1
    targets = (base[:2], ["t0", "t1"], ["T0", "T1"])
    # "a" was at base[0] and is at base[2]: with the last copy, s1 is the only one near t0.
    source = np.vstack([base[0], base[0] + 0.3 * base[3], base[2]])
    mined = retrieval.mine_sentences(source, ["s0", "s1", "s2"], ["a", "b", "a"], *targets)
    assert ("s1", "t0") in {(source_id, target_id) for source_id, target_id, _ in mined.pairs}


def test_pairs_that_point_apart_are_not_mined() -> None:
    # The last source is free for the last target, but their cosine is negative.
    source = np.array([[1, 0], [1, 0.03], [-0.1, 1]], dtype=np.float32)
    target = np.array([[1, 0.01], [1, 0.035], [1, 0.06]], dtype=np.float32)
    found = mine(source, target, neighbours=2)
    pairs = set(zip(found.source_rows.tolist(), found.target_rows.tolist(), strict=True))
    assert pairs == {(0, 0), (1, 1)}
