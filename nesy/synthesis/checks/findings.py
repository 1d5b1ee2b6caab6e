"""All that is doubtful in one model, and its words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from nesy.dsl.knowledge import Gloss
from nesy.solvers.garbage import collected_afterwards
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.vectorised.executor import unconditioned
from nesy.synthesis.checks.identifiability import together, unspoken
from nesy.synthesis.checks.plausibility import Implausible, implausible
from nesy.synthesis.checks.surprise import Surprising, surprising


@dataclass(frozen=True, slots=True)
class Findings:
    """``unspoken`` queries, numbers known only ``together``, added names that are ``unused``, ``surprising``
    conditions, and priors that leave the scale of their gloss (``implausible``).
    """

    unspoken: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    unused: tuple[str, ...] = ()
    surprising: tuple[Surprising, ...] = ()
    implausible: tuple[Implausible, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Each finding in words."""
        return (
            *(entry.text for entry in self.implausible),
            *(entry.text for entry in self.surprising),
            *(f"nothing that is observed bears on {label}: the answer is the prior" for label in self.unspoken),
            *(
                f"what is observed speaks of {', '.join(group)} only together: how they share it, their priors say"
                for group in self.together
            ),
            *(f"{name} was added, and nothing that is observed or asked depends on it" for name in self.unused),
        )


def findings(
    graph: ModelGraph, glosses: Mapping[str, Gloss], *, observed: bool, unused: Collection[str] = ()
) -> Findings:
    """The findings of a graph. ``observed``: the text observes anything; ``unused``: see :func:`unused_names`."""
    with collected_afterwards():
        prior = unconditioned(graph)
        return Findings(
            unspoken(graph) if observed else (),
            together(graph, prior),
            tuple(unused),
            surprising(graph, prior),
            implausible(graph, glosses, prior),
        )


def unused_names(graphs: Sequence[ModelGraph], added: Collection[str]) -> tuple[str, ...]:
    """The names of ``added`` on which in none of the models anything depends that is observed or asked."""
    of_use: set[str] = set()
    for graph in graphs:
        labels = tuple(label for entry in (*graph.conditions, *graph.estimands) for label in entry.parents)
        of_use |= {graph.by_label[label].family for label in graph.ancestors(labels)}
    return tuple(name for name in dict.fromkeys(added) if name not in of_use)
