"""Measurements against floors and peers, everything in one run: ``make bench``. What counts are the ratios."""
