"""RDKit's messages are counted by kind and not printed."""

from rdkit import Chem

from chemvae.chem.messages import count_messages


def test_counted_by_kind_and_not_printed(capfd):
    messages = count_messages()
    for smiles in ("C(C)(C)(C)(C)C", "CC(C)(C)(C)C", "C1CC", "CCO"):
        Chem.MolFromSmiles(smiles)
    assert capfd.readouterr() == ("", "")
    assert messages.counted.total() >= 3
    assert max(messages.counted.values()) >= 2  # the same fault of two atoms is one kind
    assert "Explicit valence" in str(messages)
    assert not count_messages().counted
