"""The names of oracles, properties and structural alerts, where the command line finds them without loading RDKit."""

from chemvae.errors import InputError
from chemvae.settings import did_you_mean

FIXED, TDC_036 = "fixed", "tdc-0.3.6"
VERSIONS = (FIXED, TDC_036)
"""As GuacaMol defines a task and TDC has had it since 0.3.7; and as TDC 0.3.6 had it, with which PMO was published."""

SHARED = (
    *("albuterol_similarity", "amlodipine_mpo", "celecoxib_rediscovery", "deco_hop", "fexofenadine_mpo"),
    *("isomers_c9h10n2o2pf2cl", "median1", "median2", "mestranol_similarity", "osimertinib_mpo", "perindopril_mpo"),
    *("ranolazine_mpo", "scaffold_hop", "sitagliptin_mpo", "thiothixene_rediscovery", "troglitazone_rediscovery"),
    *("valsartan_smarts", "zaleplon_mpo"),
)
PMO = tuple(sorted([*SHARED, "isomers_c7h8n2o2", "qed"]))
"""The 20 of PMO's 23 tasks that need no trained model (Gao et al., Sample Efficiency Matters, NeurIPS 2022)."""
GUACAMOL = tuple(sorted([*SHARED, "aripiprazole_similarity", "isomers_c11h24"]))
"""The 20 goal-directed tasks of GuacaMol's suite v2 (Brown et al., J. Chem. Inf. Model. 2019, 59, 1096)."""
NAMES = tuple(sorted({*PMO, *GUACAMOL, "penalised_logp"}))
"""Every oracle that is there without a model file."""

PROPERTIES = (
    *("logp", "qed", "sa", "plogp", "mw", "tpsa", "heavy_atoms", "rings", "aromatic_rings", "rotatable", "hbd", "hba"),
    *("fsp3", "stereocentres", "charge"),
)
"""The computed properties of `chemvae.chem.properties`."""
ALERTS = (
    *("ALL", "BRENK", "CHEMBL", "CHEMBL_BMS", "CHEMBL_Dundee", "CHEMBL_Glaxo", "CHEMBL_Inpharmatica", "CHEMBL_LINT"),
    *("CHEMBL_MLSMR", "CHEMBL_SureChEMBL", "NIH", "PAINS", "PAINS_A", "PAINS_B", "PAINS_C", "ZINC"),
)
"""The lists of structural alerts that RDKit carries."""

TRAINED = ("drd2", "gsk3b", "jnk3")
"""PMO's other three tasks: pickled models, which are never loaded here."""


def check_version(version: str) -> str:
    """Return a version, if it is one.

    Raises:
        InputError: it is none.
    """
    if version not in VERSIONS:
        raise InputError(
            f"Expected a version out of {', '.join(VERSIONS)}, but got {version!r}."
            f"{did_you_mean(str(version).lower(), VERSIONS)}"
        )
    return version


def check_name(name: str) -> str:
    """Return the name of an oracle, if it is one.

    Raises:
        InputError: it is none.
    """
    if name in NAMES:
        return name
    known = f"Expected an oracle out of {', '.join(NAMES)}, but got {name!r}."
    if name in TRAINED:
        raise InputError(
            f"{known} PMO's own is a pickled model, which is never loaded. Fit one from labelled data with "
            "chemvae.chem.oracles.retrained.fit, or bring one with chemvae.chem.oracles.exported.from_sklearn."
        )
    raise InputError(known + did_you_mean(str(name).lower().replace("-", "_"), NAMES))
