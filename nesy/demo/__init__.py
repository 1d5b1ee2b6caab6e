"""Demonstrations: images in, readings, verdicts and reasons out, drawn in the terminal or as a page.

``eyes`` chooses data and network, ``results`` runs a rule file of ``rules/`` on images, ``sudoku`` and ``addition``
make a scene of it (``scene``), which ``terminal``, ``report`` and ``summary`` show.
"""
