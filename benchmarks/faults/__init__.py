"""Faults on purpose: merges killed at any moment under readers' eyes, and deliveries damaged in every way."""
