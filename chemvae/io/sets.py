"""The public data sets that chemvae knows by name: where published, under which licence, with which checksum."""

from dataclasses import dataclass

GITHUB = "https://raw.githubusercontent.com"
MOSES = "https://media.githubusercontent.com/media/molecularsets/moses/master/moses/dataset/data"
MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist"
TORONTO = "https://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist"


@dataclass(frozen=True, slots=True)
class File:
    """One file, known by its bytes."""

    name: str
    """what it is called where it is published"""
    size: int
    """its bytes"""
    sha256: str
    """their checksum"""
    address: str | None = None
    """where to fetch it; None for a copy in another form, which is taken from a local folder only"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSet:
    """A public data set."""

    what: str
    """what it holds"""
    licence: str
    """the licence of the place that publishes it, which is not always the data's own"""
    page: str
    """where to read about it"""
    files: tuple[File, ...]
    """as published; empty where no checksum of the published files is known"""
    copies: tuple[File, ...] = ()
    """the same data in another form, accepted with `--from`"""
    note: str = ""
    """how the checksums were established, and what to mind"""


MOSES_TESTS = (
    File(
        "test.csv.gz",
        1_367_572,
        "f896fbf3764f88d94670b9959e5872c600c12152a18233823e820761b7a791b2",
        f"{MOSES}/test.csv.gz",
    ),
    File(
        "test_scaffolds.csv.gz",
        1_274_114,
        "adffb2192c1bfe31ab0e13154d4af19a37dc18bdbf3cd7b4491e04405128adde",
        f"{MOSES}/test_scaffolds.csv.gz",
    ),
)
MNIST_REST = (
    File(
        "train-labels-idx1-ubyte.gz",
        28_881,
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        f"{MNIST}/train-labels-idx1-ubyte.gz",
    ),
    File(
        "t10k-images-idx3-ubyte.gz",
        1_648_877,
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        f"{MNIST}/t10k-images-idx3-ubyte.gz",
    ),
    File(
        "t10k-labels-idx1-ubyte.gz",
        4_542,
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        f"{MNIST}/t10k-labels-idx1-ubyte.gz",
    ),
)

DATASETS: dict[str, NamedSet] = {
    "zinc250k": NamedSet(
        what="249,455 drug-like molecules with logP, qed (old ALOGP parameters) and SAS",
        licence="Apache-2.0; ZINC asks that major portions not be redistributed",
        page="https://github.com/aspuru-guzik-group/chemical_vae",
        files=(
            File(
                "250k_rndm_zinc_drugs_clean_3.csv",
                22_606_589,
                "35e3f1a52b1badc0697e373d73a18ad773f415936ff992f4c6baa2e067b3e6ae",
                f"{GITHUB}/aspuru-guzik-group/chemical_vae/37b9f96470d4471c0593cffefa448e0a8a184ef6/models/"
                "zinc_properties/250k_rndm_zinc_drugs_clean_3.csv",
            ),
        ),
        copies=(
            File("zinc250k.csv.gz", 10_224_068, "a1276cbb6063c04c47b919972f76d434bdf667be6e223637ae02b4c18f8c0514"),
        ),
        note="Checksum as several projects publish it. The copy holds the same molecules in the same order, properties "
        "recomputed, and today's RDKit QED as qed_rdkit.",
    ),
    "moses": NamedSet(
        what="1.9 million lead-like molecules without stereo: train, test, test_scaffolds",
        licence="MIT",
        page="https://github.com/molecularsets/moses",
        files=(
            File(
                "train.csv.gz",
                10_238_967,
                "786f0313aa6b9ba5514df685f885742a70ea8d86f1a4fa48115f7f80a634265c",
                f"{MOSES}/train.csv.gz",
            ),
            *MOSES_TESTS,
        ),
        copies=MOSES_TESTS,
        note="Checksums of the repository's own Git LFS pointers. A local copy may lack train.",
    ),
    "qm9": NamedSet(
        what="small molecules of up to nine heavy atoms; the gap (eV) of 30,937 of them, a biased part",
        licence="none stated where the gaps come from; MIT for the copy of 132,040 SMILES",
        page="http://quantum-machine.org/datasets/",
        files=(
            File(
                "qm9.csv",
                2_722_143,
                "a6a4c4f192434cb9d3475420b45253a66bcf6876989f23c67c136da979dd9fdf",
                f"{GITHUB}/M1chaY/QAC_Gap_Predictor/036caf9a55fae9d586ad96f45d3a0690723d8051/data/qm9.csv",
            ),
        ),
        copies=(
            File("qm9_smiles_idx.csv.gz", 599_290, "d9322e2924feee53de2e2bfea780646b4a5c10ef795aafbcf866bcb4ccf48acb"),
            File("qm9_gap_subset.csv.gz", 556_961, "a100d5fd38ef8b52753fe847cde24dba20113864dd2398618f31a8039c8ab4b2"),
        ),
        note="Checksum of our unzipped copy, which has the size and the end of the published file. The full table with "
        "HOMO and LUMO (DeepChem's qm9.csv) is not named here: we know no checksum of it.",
    ),
    "cep": NamedSet(
        what="29,978 candidates for organic photovoltaics with their computed efficiency PCE (percent)",
        licence="MIT",
        page="https://github.com/HIPS/neural-fingerprint",
        files=(
            File(
                "cep-processed.csv",
                2_119_766,
                "99c3def57a412e0ac3922194d0605b6a8a9056938706a44bc4ba1d35fe8bc8c0",
                f"{GITHUB}/HIPS/neural-fingerprint/f21a6c9b55709ce61d2e3c44c0bd18881aa75bf4/data/2015-06-02-cep-pce/"
                "cep-processed.csv",
            ),
        ),
        copies=(
            File("cep-processed.csv.gz", 474_470, "9ea8ccdcaa8eb7c544ae8aeb9318e9d1637409c600559645a12f959a7744d875"),
        ),
        note="Checksum of our unzipped copy, which has the size of the published file.",
    ),
    "esol": NamedSet(
        what="1,128 molecules with measured log solubility in mols per litre",
        licence="MIT",
        page="https://moleculenet.org/datasets-1",
        files=(
            File(
                "delaney-processed.csv",
                96_699,
                "8c06a76f0c6487d29ab0f903e6a7a7139f189ab3c1178f159c8be8964602f189",
                "https://deepchemdata.s3-us-west-1.amazonaws.com/datasets/delaney-processed.csv",
            ),
        ),
        copies=(File("delaney.csv", 33_966, "887aa5930b0a7e7fcb76a2d25dc0ebe11c23878ca2d8d1e2204ca2c46b175140"),),
        note="Checksum as several projects publish it. Beside the measured column stands a predicted one: do not learn "
        "that. The copy (chemprop's) calls the solubility logp.",
    ),
    "freesolv": NamedSet(
        what="642 molecules with their hydration free energy (kcal/mol)",
        licence="MIT",
        page="https://github.com/chemprop/chemprop",
        files=(
            File(
                "freesolv.csv",
                14_210,
                "97d74c86228d4c16c0fbbf063bb8280354d8152db09a85ade8517a2f43bd9824",
                f"{GITHUB}/chemprop/chemprop/b83635bcddaddcdb91d453128edec9f2be0d25cf/data/freesolv.csv",
            ),
        ),
        note="Checksum of our copy, which has the size and the beginning of the published file.",
    ),
    "lipophilicity": NamedSet(
        what="4,200 molecules with their measured log D at pH 7.4",
        licence="MIT",
        page="https://github.com/chemprop/chemprop",
        files=(
            File(
                "lipo.csv",
                222_638,
                "aa9bd9669188e35efd908758a75561bba402016d901fed2d0d949289abbcf31c",
                f"{GITHUB}/chemprop/chemprop/7277ebfc65d04b5b293d6cb2cae3d1ab77770500/examples/data/lipo.csv",
            ),
        ),
        note="Checksum of our copy, which has the size of the published file.",
    ),
    "mnist": NamedSet(
        what="70,000 handwritten digits, 28 x 28 grey, with labels; idx format",
        licence="MIT and Apache-2.0 where the copies come from",
        page="http://yann.lecun.com/exdb/mnist/",
        files=(
            File(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                f"{MNIST}/train-images-idx3-ubyte.gz",
            ),
            *MNIST_REST,
        ),
        copies=(
            File(
                "train-images-idx3-ubyte.gz",
                9_630_610,
                "71524e2cd1ad2968737f7f2f2ff69cbfc32df8ccddff51593f7cb2d4e0eb5b64",
            ),
            *MNIST_REST,
        ),
        note="Checksums as many projects publish them. The copy of the training images is zipped anew.",
    ),
    "binarized_mnist": NamedSet(
        what="the fixed binarisation of MNIST: 50,000 / 10,000 / 10,000",
        licence="MIT where the copies come from",
        page="https://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/",
        files=(
            File(
                "binarized_mnist_train.amat",
                78_400_000,
                "ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d",
                f"{TORONTO}/binarized_mnist_train.amat",
            ),
            File(
                "binarized_mnist_valid.amat",
                15_680_000,
                "1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2",
                f"{TORONTO}/binarized_mnist_valid.amat",
            ),
            File(
                "binarized_mnist_test.amat",
                15_680_000,
                "e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c",
                f"{TORONTO}/binarized_mnist_test.amat",
            ),
        ),
        copies=(
            File(
                "binarized_mnist_train.mat",
                2_852_060,
                "79a0312c7389d855cfc97e3812de3998417c5829d8a51543b56a90a91252ae7e",
            ),
            File(
                "binarized_mnist_valid.mat", 571_883, "7436afc856959075c7787025bb8a4ba2b520b9230ee39667c66aa7dd2819dd68"
            ),
            File(
                "binarized_mnist_test.mat", 490_132, "5bc30222e1e7896cbccd1e1db6b28540cc1230f4d2d5473841a5f6cc54be8d38"
            ),
        ),
        note="Checksums of TensorFlow Datasets; the copies, written as .amat, give the same. The test set is sorted by "
        "class: take a seeded subset, never the first n.",
    ),
    "frey_faces": NamedSet(
        what="1,965 faces of one man, 28 x 20 grey",
        licence="MIT where the copy comes from",
        page="https://cs.nyu.edu/~roweis/data.html",
        files=(),
        copies=(
            File(
                "frey_faces_uint8_28x20.npz",
                996_890,
                "3c70375e0a9c4751ad49ad5f1f692bd094c46f133cf4aa8ea77d1cb14e1efcd1",
            ),
        ),
        note="The page publishes frey_rawface.mat, of which we know no checksum, so it cannot be fetched and checked.",
    ),
    "ptb": NamedSet(
        what="Penn Treebank sentences as Mikolov prepared them: 42,068 / 3,370 / 3,761 lines",
        licence="none stated; derived from an LDC corpus: measure with it, publish nothing of it",
        page="https://github.com/timbmg/RNNLM",
        files=(
            File(
                "ptb.zip",
                1_983_463,
                "6957baa63e145820032f12d3f1e6f4ba71789c3f5dbf289902bc3f0a96beef7a",
                f"{GITHUB}/timbmg/RNNLM/4e5bddfd042beb3e1aa1f282954cc31567294c83/data/ptb.zip",
            ),
        ),
        note="Checksum of our copy, which was taken from there.",
    ),
}
"""Every set by its name."""
