"""A fingerprint of a problem, so that a certificate cannot be taken for that of another one."""

from __future__ import annotations

import hashlib

import numpy as np

from nesy.abduction.problem import AbductionProblem


def digest(problem: AbductionProblem) -> str:
    """BLAKE2b over everything that the answer depends on, as 32 hexadecimal digits."""
    predictions = problem.predictions
    names = (predictions.models, predictions.classes, problem.epsilons, problem.bound, problem.denominator)
    total = hashlib.blake2b(repr((names, problem.required, problem.forbidden)).encode(), digest_size=16)
    total.update("\0".join(predictions.objects).encode())
    total.update(np.ascontiguousarray(predictions.labels, np.int16).tobytes())
    total.update(np.ascontiguousarray(predictions.confidence, np.float64).tobytes())
    total.update(np.packbits(problem.flagged).tobytes())
    total.update(np.packbits(problem.incompatible).tobytes())
    scenes = problem.scenes
    if scenes is not None:
        total.update(np.ascontiguousarray(scenes.scene, np.int64).tobytes())
        total.update(np.packbits(scenes.all_different).tobytes())
        for most in scenes.at_most:
            total.update(repr((most.objects, sorted(most.classes), most.k)).encode())
        for denial in scenes.denials:
            total.update(repr([(item, sorted(classes)) for item, classes in denial.body]).encode())
        if scenes.weights is not None:
            total.update(np.ascontiguousarray(scenes.weights, np.float64).tobytes())
    return total.hexdigest()
