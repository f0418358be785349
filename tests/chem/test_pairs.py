"""Merges are learnt and applied as their definition says, whatever the strings."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chemvae.chem.pairs import check_merges, learn, merge_all, merge_one
from chemvae.errors import InputError

TOKENS = ("<pad>", "<bos>", "<eos>", "<unk>", "C", "O", "c", "1")
STRINGS = st.lists(st.lists(st.integers(4, 7), max_size=12), max_size=8)


def flat(strings):
    ids = np.array([i for string in strings for i in string], dtype=np.int64)
    return ids, np.array([len(string) for string in strings], dtype=np.int64)


def merged(string, pair, new):
    """The definition: left to right, without overlap."""
    found, at = [], 0
    while at < len(string):
        fits = tuple(string[at : at + 2]) == pair
        found.append(new if fits else string[at])
        at += 2 if fits else 1
    return found


def learnt_slowly(strings, tokens, merges):
    """The definition, counting everything anew each time."""
    texts, made = list(tokens), []
    while len(made) < merges:
        counts = Counter(pair for string in strings for pair in pairwise(string))
        fit = [(-n, pair) for pair, n in counts.items() if n > 1 and texts[pair[0]] + texts[pair[1]] not in texts]
        if not fit:
            break
        pair = min(fit)[1]
        strings = [merged(string, pair, len(texts)) for string in strings]
        made.append(pair)
        texts.append(texts[pair[0]] + texts[pair[1]])
    return tuple(made), strings


@given(STRINGS, st.integers(0, 12))
def test_learnt_and_applied_as_defined(strings, merges):
    made, expected = learnt_slowly(strings, TOKENS, merges)
    ids, lengths = flat(strings)
    assert learn(ids, lengths, TOKENS, merges) == made
    for found, wanted in zip(merge_all(ids, lengths, made, len(TOKENS)), flat(expected), strict=True):
        np.testing.assert_array_equal(found, wanted)
    new = {pair: i for i, pair in enumerate(made, len(TOKENS))}
    assert [merge_one(string, new) for string in strings] == expected


def test_the_most_frequent_pair_first_and_the_smallest_of_equals():
    assert learn(*flat([[4, 5, 6], [4, 5], [5, 6], [5, 6]]), TOKENS, 1) == ((5, 6),)
    assert learn(*flat([[5, 6], [5, 6], [4, 7], [4, 7]]), TOKENS, 1) == ((4, 7),)


def test_overlapping_pairs_count_and_merge_without_overlap():
    assert learn(*flat([[4, 4, 4], [5, 5]]), TOKENS, 9) == ((4, 4),)  # CC twice in CCC, OO once in OO
    assert merge_one([4] * 5, {(4, 4): 8}) == [8, 8, 4]
    ids, lengths = merge_all(*flat([[4] * 5, [4], [], [5, 4, 4]]), [(4, 4)], 8)
    assert ids.tolist() == [8, 8, 4, 4, 5, 8] and lengths.tolist() == [3, 1, 0, 2]


def test_no_pair_spans_two_strings():
    assert learn(*flat([[4], [5], [4], [5]]), TOKENS, 9) == ()


def test_a_text_that_is_a_token_already_is_passed_over():
    tokens = (*TOKENS, "CO")
    assert learn(*flat([[4, 5, 6]] * 3), tokens, 9) == ((5, 6), (4, 9))


@pytest.mark.parametrize(
    ("tokens", "merges", "message"),
    [
        (("C", "CC"), [(4, 4), (4, 4)], "merge 0 of ids from 4 to 3"),
        (("C", "CC"), [(4, 5)], "merge 0 of ids from 4 to 4, but got 4 and 5"),
        (("C", "CC"), [(4, -1)], "but got 4 and -1"),
        (("C", "eC"), [(2, 4)], "but got 2 and 4"),
        (("C", "CO"), [(4, 4)], "merge 0 to make 'CC', but token 5 is 'CO'"),
        ((), [(4, 4)], "at most 0 merges"),
    ],
)
def test_merges_that_do_not_fit_their_tokens_are_told(tokens, merges, message):
    with pytest.raises(InputError, match=message):
        check_merges((*TOKENS[:4], *tokens), merges, 4)
