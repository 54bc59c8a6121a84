"""MinHash: datasketch's own signature, bit for bit, and as exact as theory says."""

import math
import random

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.measures.compiled import minhash as compiled
from curation.measures.definitions import minhash
from curation.measures.definitions.hashing import hash_text
from curation.measures.text_pass import measure

NAME = "minhash.signature@1"
WORDS = ("the", "Balance", "beam", "weighs", "salt", "and", "é", "日本", "x1", "(all)")


def texts(count: int) -> list[str]:
    draw = random.Random(4)
    return [" ".join(draw.choices(WORDS, k=draw.randrange(0, 400))) for _ in range(count)]


def of_datasketch(shingles: set[int]) -> bytes | None:
    sketch = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda number: number)
    sketch.update_batch(sorted(shingles))
    return sketch.hashvalues.astype("<u4").tobytes() if shingles else None


def compiled_signature(words: list[str]) -> np.ndarray:
    hashes = np.array([hash_text(word) for word in words], np.uint64)
    signature = np.full(minhash.PERMUTATIONS, compiled.EMPTY, np.uint32)
    factors, summands = minhash.permutations()
    compiled.sign(hashes, len(words), factors, summands, compiled.block_room(), signature)
    return signature


def test_the_signature_is_datasketchs_bit_for_bit_on_300_texts() -> None:
    some = texts(300)
    expected = [of_datasketch(minhash.shingles(minhash.words_of(text))) for text in some]

    signatures = measure(pa.array(some)).column(NAME).to_pylist()

    assert signatures == expected
    assert len(set(signatures)) > 290


def test_the_plain_signature_is_the_same() -> None:
    some = texts(40)

    plain = [minhash.count(text)[NAME] for text in some]

    assert plain == [of_datasketch(minhash.shingles(minhash.words_of(text))) for text in some]


def test_the_permutations_are_datasketchs() -> None:
    ours = np.array(minhash.permutations())

    assert (ours == MinHash(num_perm=128, seed=1, scheme="affine32").permutations).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abcdef"), max_size=40))
def test_compiled_and_plain_agree(words: list[str]) -> None:
    plain = minhash.count(" ".join(words))[NAME]
    expected = plain or np.full(128, compiled.EMPTY, np.uint32).tobytes()

    assert compiled_signature(words).tobytes() == expected


def test_a_text_longer_than_one_block_of_shingles_is_signed_whole() -> None:
    words = [f"w{number}" for number in range(5000)]

    assert compiled_signature(words).tobytes() == minhash.count(" ".join(words))[NAME]


@pytest.mark.parametrize("n", [1, 2, 3, 4], ids=lambda n: f"{n} words")
def test_fewer_than_five_words_are_one_shingle(n: int) -> None:
    words = ["one", "two", "three", "four"][:n]

    assert len(minhash.shingles(words)) == 1


def test_without_words_there_is_no_signature() -> None:
    assert measure(pa.array(["", "-- !", None], pa.string())).column(NAME).to_pylist() == [None] * 3


def test_case_outer_punctuation_and_white_space_make_no_difference() -> None:
    one, other = "The beam, the salt; and ALL of it.", "the beam\nthe  salt and (all) of it"

    assert minhash.count(one) == minhash.count(other)


def test_the_smallest_of_two_signatures_is_the_signature_of_the_union() -> None:
    left, right = "a b c d e f g", "x y z a b c d e"
    union = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda number: number)
    union.update_batch(sorted(minhash.shingles(left.split()) | minhash.shingles(right.split())))

    both = minhash.minimum([minhash.count(left)[NAME], None, minhash.count(right)[NAME]])

    assert both == union.hashvalues.astype("<u4").tobytes()


def test_the_estimate_is_unbiased_and_as_exact_as_theory_says() -> None:
    errors, variances = [], []
    for pair in range(600):
        shared = pair % 101
        common = [f"common{pair}-{number}" for number in range(shared + 4)]
        left = common + [f"left{pair}-{number}" for number in range(100 - shared)]
        right = common + [f"right{pair}-{number}" for number in range(100 - shared)]
        one, other = minhash.shingles(left), minhash.shingles(right)
        jaccard = len(one & other) / len(one | other)
        agree = np.mean(compiled_signature(left) == compiled_signature(right))
        errors.append(agree - jaccard)
        variances.append(jaccard * (1 - jaccard) / minhash.PERMUTATIONS)
    theory = math.sqrt(np.mean(variances))  # root mean square error of a binomial share

    assert abs(np.mean(errors)) < 4 * theory / math.sqrt(len(errors))
    assert math.sqrt(np.mean(np.square(errors))) == pytest.approx(theory, rel=0.1)
