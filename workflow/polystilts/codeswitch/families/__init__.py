"""How the rows of each task family are switched; shared code imports a family by its name."""
