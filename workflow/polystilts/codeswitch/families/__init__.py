"""How the rows of each task family are switched; shared code imports a family by its name.

A family names the `COLUMNS` that change and those it needs besides (`ALSO_READ`), says whether it
takes `SINGLE_WORDS` only, turns rows into examples, outcomes into new columns, and keeps the checks
that its labels cannot be read off the switching.
"""
