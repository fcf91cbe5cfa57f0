"""Synthetic, NPPES-shaped data with the truth kept aside. No row describes a real person.

NPIs are Luhn-valid in a block that the registry has not assigned (they begin with 3); domains end in `.example` or
`.test`
(RFC 2606); telephone numbers use the fictitious exchange 555.
"""

from idh.synthetic.noise import PROFILES, Noise, drawn
from idh.synthetic.write import generate

__all__ = ["PROFILES", "Noise", "drawn", "generate"]
