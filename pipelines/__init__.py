"""Dagster wiring and the command line.

Nothing here decides about data: every layer runs without it.
"""
