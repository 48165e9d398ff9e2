"""What must be true: the contracts, and all that is derived from them alone.

Nothing here reads or writes data of its own accord.
"""
