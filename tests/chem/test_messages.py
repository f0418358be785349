"""RDKit's messages are counted by kind and not printed."""

import logging

from rdkit import Chem

from chemvae.chem.judge import canonical, judge, read
from chemvae.chem.messages import Messages, count_messages, listening, quiet


def test_counted_by_kind_and_not_printed(capfd):
    messages = count_messages()
    for smiles in ("C(C)(C)(C)(C)C", "CC(C)(C)(C)C", "C1CC", "CCO"):
        Chem.MolFromSmiles(smiles)
    assert capfd.readouterr() == ("", "")
    assert messages.counted.total() >= 3
    assert max(messages.counted.values()) >= 2  # the same fault of two atoms is one kind
    assert "Explicit valence for atom C, is greater than permitted" in str(messages)
    assert not count_messages().counted


def test_who_listens_hears_of_each_string_once(capfd):
    with listening() as messages:
        judge(["CC(C", "CCO", "", "c1cccc1", "c1cccc1"])
        read("c1ccc1c")  # which looks only
    assert messages.counted.total() == 3
    assert messages.counted["Can't kekulize mol. Unkekulized atoms:"] == 2
    assert capfd.readouterr() == ("", "")


def test_what_is_said_twice_of_a_molecule_is_counted_once_even_at_the_turn_of_a_second():
    messages = Messages()
    with messages:
        for at in (30, 31):
            text = f"[03:59:{at}] Can't kekulize mol.  Unkekulized atoms: 0 1"
            messages.handle(logging.LogRecord("rdkit", logging.ERROR, "", 0, text, None, None))
    assert messages.counted == {"Can't kekulize mol. Unkekulized atoms:": 1}


def test_a_string_that_is_quoted_makes_no_kind_of_its_own():
    with listening() as messages:
        judge(["CC[Xx]", "C[Yy]C", "C1CC", "CC1C"])
    assert sorted(messages.counted.values()) == [2, 2]


def test_nothing_is_said_when_nobody_listens_any_more(capfd):
    with listening():
        pass
    messages = count_messages()
    assert canonical("CC(") is None
    with quiet():
        Chem.MolFromSmiles("c1cccc1")
    assert not messages.counted
    assert capfd.readouterr() == ("", "")
