"""The addition demonstration: numbers of handwritten digits, read, added and explained."""

from __future__ import annotations

from nesy.demo.eyes import Eyes
from nesy.demo.results import explained, finding, provenance, reason_about, seen_images
from nesy.demo.scene import AdditionScene, Sum
from nesy.perception.generators import addition_samples

RULES = "addition.nesy"


def addition_scene(eyes: Eyes, *, digits: int, count: int, seed: int, command: str) -> AdditionScene:
    """Draw ``count`` sums of two numbers with so many ``digits`` and work them out.

    The least certain digit of each is explained.
    """
    samples = addition_samples(eyes.images.images, eyes.images.labels, digits=digits, count=count, seed=seed)
    values = tuple(range(10))
    run = reason_about(eyes, samples.images, percept="a", values=values, file=RULES, constants={"k": digits})
    evidence = run.evidence.numpy()
    queries = ("leading", *(f"y({place})" for place in range(1, digits + 1)))
    sums = []
    for instance in range(len(samples)):
        cells = seen_images("a", samples.images[instance], samples.labels[instance], evidence[instance], values)
        truths = samples.sums[instance].tolist()
        findings = tuple(
            finding(run.answer, instance, query, truth) for query, truth in zip(queries, truths, strict=True)
        )
        weakest = Sum(cells, findings).weakest
        reasoned = (explained(one, run.answer, instance) if one is weakest else one for one in findings)
        sums.append(Sum(cells, tuple(reasoned)))
    return AdditionScene(tuple(sums), run.timing, provenance(eyes, run, command=command, seed=seed, file=RULES))
