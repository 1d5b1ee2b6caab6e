"""What the results, the tables and the figures call things."""

from __future__ import annotations

NOTHING = "s = r = 0"
KEEP_ALL = "Chebyshev, all samples"
THRESHOLD = "Chebyshev, threshold"
TRIMMED = "Chebyshev, trimmed"
ATTAINABLE = "Chebyshev, attainable"
POOLED = "pooled by readings"
BY_RULES = "pooled by rules"
CLOSEST = "pooled, closest"
SPECIFIC = "pooled, specificity"
LOGISTIC = "logistic regression"

EVERYBODY = (NOTHING, KEEP_ALL, THRESHOLD, TRIMMED, POOLED, BY_RULES)
"""Methods of every experiment, beside logistic regression."""

FLIP_RATES = (0.0, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
ONE_MISTAKE, THREE_MISTAKES = "4→9 20 %", "4→9 20 %, 1→7 10 %, 3→5 30 %"
TRIAGE_SIZES = (200, 500, 2_000, 10_000)
