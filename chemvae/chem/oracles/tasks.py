"""The tasks of the PMO and GuacaMol benchmarks that need RDKit alone, written from their published definitions.

GuacaMol: Brown et al., J. Chem. Inf. Model. 2019, 59, 1096. PMO: Gao et al., Sample Efficiency Matters, NeurIPS 2022,
whose tasks are GuacaMol's by way of TDC.
"""

from collections.abc import Callable

from chemvae.chem.oracles.isomers import Isomers
from chemvae.chem.oracles.modifiers import Clipped, Gaussian, MaxGaussian, MinGaussian
from chemvae.chem.oracles.names import TDC_036
from chemvae.chem.oracles.plogp import PenalisedLogP
from chemvae.chem.oracles.score import Score, geometric_mean, mean
from chemvae.chem.oracles.similarity import Similarity
from chemvae.chem.oracles.terms import AtomCount, Contains, Descriptor, Lacks

ALBUTEROL = "CC(C)(C)NCC(O)c1ccc(O)c(CO)c1"
AMLODIPINE = r"Clc1ccccc1C2C(=C(/N/C(=C2/C(=O)OCC)COCCN)C)\C(=O)OC"
ARIPIPRAZOLE = "Clc4cccc(N3CCN(CCCCOc2ccc1c(NC(=O)CC1)c2)CC3)c4Cl"
CAMPHOR = "CC1(C)C2CCC1(C)C(=O)C2"
CELECOXIB = "CC1=CC=C(C=C1)C1=CC(=NN1C1=CC=C(C=C1)S(N)(=O)=O)C(F)(F)F"
FEXOFENADINE = "CC(C)(C(=O)O)c1ccc(cc1)C(O)CCCN2CCC(CC2)C(O)(c3ccccc3)c4ccccc4"
HOPPED = "CCCOc1cc2ncnc(Nc3ccc4ncsc4c3)c2cc1S(=O)(=O)C(C)(C)C"
MENTHOL = "CC(C)C1CCC(C)CC1O"
MESTRANOL = "COc1ccc2[C@H]3CC[C@@]4(C)[C@@H](CC[C@@]4(O)C#C)[C@@H]3CCc2c1"
OSIMERTINIB = "COc1cc(N(C)CCN(C)C)c(NC(=O)C=C)cc1Nc2nccc(n2)c3cn(C)c4ccccc34"
PERINDOPRIL = "O=C(OCC)C(NC(C(=O)N1C(C(=O)O)CC2CCCCC12)C)CCC"
RANOLAZINE = "COc1ccccc1OCC(O)CN2CCN(CC(=O)Nc3c(C)cccc3C)CC2"
SILDENAFIL = "CCCC1=NN(C2=C1N=C(NC2=O)C3=C(C=CC(=C3)S(=O)(=O)N4CCN(CC4)C)OCC)C"
SITAGLIPTIN = "Fc1cc(c(F)cc1F)CC(N)CC(=O)N3Cc2nnc(n2CC3)C(F)(F)F"
TADALAFIL = "O=C1N(CC(N2C1CC3=C(C2C4=CC5=C(OCO5)C=C4)NC6=C3C=CC=C6)=O)C"
THIOTHIXENE = "CN(C)S(=O)(=O)c1ccc2Sc3ccccc3C(=CCCN4CCN(C)CC4)c2c1"
TROGLITAZONE = "Cc1c(C)c2OC(C)(COc3ccc(CC4SC(=O)NC4=O)cc3)CCc2c(C)c1O"
ZALEPLON = "O=C(C)N(CC)C1=CC=CC(C2=CC=NC3=C(C=NN23)C#N)=C1"

QUINAZOLINE = "[#7]-c1n[c;h1]nc2[c;h1]c(-[#8])[c;h0][c;h1]c12"
"""The scaffold that a new decoration must keep, and a new scaffold must leave."""
SULFONE = "CS([#6])(=O)=O"
BENZOTHIAZOLE = "[#7]-c1ccc2ncsc2c1"
DECORATION = "[#6]-[#6]-[#6]-[#8]-[#6]~[#6]~[#6]~[#6]~[#6]-[#7]-c1ccc2ncsc2c1"
BIPHENYL_AMIDE = "CN(C=O)Cc1ccc(c2ccccc2)cc1"
"""What makes valsartan a sartan."""


def like(smiles: str, fingerprint: str, enough: float) -> Score:
    """Return similarity to a molecule, with full marks from `enough` on."""
    return Similarity(smiles, fingerprint).through(Clipped(enough))


def as_sitagliptin(name: str, std: float) -> Score:
    """Return how close a descriptor is to that of sitagliptin."""
    (target,) = Descriptor(name)([SITAGLIPTIN]).tolist()
    return Descriptor(name).through(Gaussian(target, std))


def osimertinib(_: str) -> Score:
    """Return: osimertinib, but not too much of it, more polar and less greasy."""
    return geometric_mean(
        like(OSIMERTINIB, "FCFP4", 0.8),
        Similarity(OSIMERTINIB, "ECFP6").through(MinGaussian(0.85, 0.1)),
        Descriptor("tpsa").through(MaxGaussian(100, 10)),
        Descriptor("logp").through(MinGaussian(1, 1)),
    )


def fexofenadine(_: str) -> Score:
    """Return: fexofenadine, but less greasy."""
    return geometric_mean(
        like(FEXOFENADINE, "AP", 0.8),
        Descriptor("tpsa").through(MaxGaussian(90, 10)),
        Descriptor("logp").through(MinGaussian(4, 1)),
    )


def ranolazine(_: str) -> Score:
    """Return: ranolazine, but greasier, more polar and with one fluorine."""
    return geometric_mean(
        like(RANOLAZINE, "AP", 0.7),
        Descriptor("logp").through(MaxGaussian(7, 1)),
        Descriptor("tpsa").through(MaxGaussian(95, 20)),
        AtomCount("F").through(Gaussian(1, 1)),
    )


def sitagliptin(version: str) -> Score:
    """Return: what has the formula and the properties of sitagliptin, and looks nothing like it."""
    return geometric_mean(
        Similarity(SITAGLIPTIN, "ECFP4").through(Gaussian(0, 0.1)),
        as_sitagliptin("logp", 0.2),
        as_sitagliptin("tpsa", 5),
        Isomers("C16H15F6N5O", version),
    )


def valsartan(_: str) -> Score:
    """Return: the core of valsartan with the properties of sitagliptin."""
    near = [as_sitagliptin(name, std) for name, std in (("logp", 0.2), ("tpsa", 5), ("bertz", 30))]
    return geometric_mean(Contains(BIPHENYL_AMIDE), *near)


TASKS: dict[str, Callable[[str], Score]] = {
    "albuterol_similarity": lambda _: like(ALBUTEROL, "FCFP4", 0.75),
    "amlodipine_mpo": lambda _: geometric_mean(
        Similarity(AMLODIPINE, "ECFP4"), Descriptor("rings").through(Gaussian(3, 0.5))
    ),
    "aripiprazole_similarity": lambda version: like(ARIPIPRAZOLE, "FCFP4" if version == TDC_036 else "ECFP4", 0.75),
    "celecoxib_rediscovery": lambda _: Similarity(CELECOXIB, "ECFP4"),
    "deco_hop": lambda _: mean(like(HOPPED, "PHCO", 0.85), Lacks(SULFONE), Lacks(BENZOTHIAZOLE), Contains(QUINAZOLINE)),
    "fexofenadine_mpo": fexofenadine,
    "isomers_c11h24": lambda version: Isomers("C11H24", version),
    "isomers_c7h8n2o2": lambda version: Isomers("C7H8N2O2", version),
    "isomers_c9h10n2o2pf2cl": lambda version: Isomers("C9H10N2O2PF2Cl", version),
    "median1": lambda _: geometric_mean(Similarity(CAMPHOR, "ECFP4"), Similarity(MENTHOL, "ECFP4")),
    "median2": lambda _: geometric_mean(Similarity(TADALAFIL, "ECFP6"), Similarity(SILDENAFIL, "ECFP6")),
    "mestranol_similarity": lambda _: like(MESTRANOL, "AP", 0.75),
    "osimertinib_mpo": osimertinib,
    "penalised_logp": lambda _: PenalisedLogP(),
    "perindopril_mpo": lambda _: geometric_mean(
        Similarity(PERINDOPRIL, "ECFP4"), Descriptor("aromatic_rings").through(Gaussian(2, 0.5))
    ),
    "qed": lambda _: Descriptor("qed"),
    "ranolazine_mpo": ranolazine,
    "scaffold_hop": lambda _: mean(like(HOPPED, "PHCO", 0.75), Contains(DECORATION), Lacks(QUINAZOLINE)),
    "sitagliptin_mpo": sitagliptin,
    "thiothixene_rediscovery": lambda _: Similarity(THIOTHIXENE, "ECFP4"),
    "troglitazone_rediscovery": lambda _: Similarity(TROGLITAZONE, "ECFP4"),
    "valsartan_smarts": valsartan,
    "zaleplon_mpo": lambda version: geometric_mean(Similarity(ZALEPLON, "ECFP4"), Isomers("C19H17N3O2", version)),
}
"""A function of the version for each name; only five tasks differ between versions."""
