"""What is produced: a package per layer, and the night that runs them in order.

Nothing here knows Dagster.
"""
