"""The outside world: settings, files, engines, keys, locks, and a made-up city to try things on.

Nothing here knows a column or a rule.
"""
