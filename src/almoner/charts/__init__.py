"""How figures are drawn, for every product of figures: scales, colours, outlines, drawings, words.

It is given what may be shown and draws it. It never reads, counts or protects anything, and a withheld value never
reaches it as a number: what it can't see it can't give away.
"""
