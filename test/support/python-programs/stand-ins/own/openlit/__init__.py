"""The program's own package of the name that our copy has too."""

MINE = True
