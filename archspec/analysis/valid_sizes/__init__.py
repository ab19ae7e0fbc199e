"""Valid sizes: every input size that a Graph works with, found exactly.

The shape rules of the ops run once more with the free axes of the inputs as unknowns (`body_constraints.py`). A size of
a value is then a `Size`, a function of one input axis of the form f(n + P) = f(n) + Q, and what the rules check becomes
conditions between such functions. On the sizes of one residue modulo P a function is linear, so that each condition
holds there on an interval, at a single size, or nowhere (`conditions.py`). The sizes that work are therefore a finite
union of intervals of residue classes (`size_set.py`), and such sets are closed under intersection and union: nothing is
sampled. Conditions on several axes at once (a flattened map) are solved by enumeration where that is finite
(`linked_axes.py`).
"""
