"""The web application: thin pages over the same gate. They parse, make the permit, call, render; no rule is theirs."""
