"""Erasure of a person: from every folder of the data root, for good, with proof."""
