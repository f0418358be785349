"""What the recipe of an image system may say: strict sections, one file per family."""
