"""Why: a synthetic borough with known truth, to learn, show and test with. Everybody in it is invented.

Must never depend on another part of the product than the kernel.
"""

from almoner.demo.borough import Summary, generate

__all__ = ["Summary", "generate"]
