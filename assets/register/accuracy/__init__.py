"""The register's own measure of how well it puts residents together, made every night: silver truth.

Who has a verified ID number is known. Of a sample of these people the number is hidden, their records are put together
again as if nobody had sent one, and the outcome is compared with what the number says.
"""

from assets.register.accuracy.measure import build_accuracy

__all__ = ["build_accuracy"]
