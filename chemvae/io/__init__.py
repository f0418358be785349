"""Files on disk: tables, named sets, prepared tables, run folders and bundles; no torch, no RDKit."""
