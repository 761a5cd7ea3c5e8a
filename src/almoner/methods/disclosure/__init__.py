"""Statistical disclosure control: what may be shown of counts about people, and what others could deduce from it.

`primary` says which numbers must be hidden, `rounding` and `perturbation` blur, `secondary` hides what would give the
hidden ones away, `attacker` deduces whatever anybody could, `microdata` looks at extracts of records. The release
ledger's mathematics: `released` holds the values, `partitions` and `lines` say which counts add up to which, `ledger`
keeps every cell ever released, `check` judges a new release and `repair` mends it. Nothing here reads or writes.

Source: Hundepool et al., Statistical Disclosure Control (Wiley, 2012).
"""
