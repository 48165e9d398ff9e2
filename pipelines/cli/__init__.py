"""The command line, ``community-register``: what a person or a cron job does without opening Dagster.

Exit codes: 0 fine, 1 the work failed, 2 wrong usage. Every command has ``--help``; those a machine would read have
``--json``.
"""

from pipelines.cli.app import main

__all__ = ["main"]
