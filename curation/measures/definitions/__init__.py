"""Every measure in plain Python: the definition, the test's oracle, and what runs without numba.

Each module is one family: `COLUMNS` explains its columns, `count` computes them for one text.
"""
