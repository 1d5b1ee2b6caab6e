"""The sum of a network over all its variables, and what its gradients tell: posteriors and most probable values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from torch import Tensor

from nesy.solvers.probabilistic.elimination.evaluation import Evaluator
from nesy.solvers.probabilistic.elimination.grouping import Plan, group
from nesy.solvers.probabilistic.elimination.kernels import Linear, Logarithmic, Maximal
from nesy.solvers.probabilistic.elimination.network import Input, Network
from nesy.solvers.probabilistic.elimination.ordering import Order
from nesy.solvers.probabilistic.elimination.planning import plan_steps, rough_order

ROOM = 1 << 22
"""Table entries that are in memory at once, over all instances of a chunk."""
SAFE = {torch.float64: -600.0, torch.float32: -60.0}
"""Log-probabilities above which underflow in linear tables cannot have lost anything that counts."""
MOST = 4096
"""Most instances in one chunk."""


@dataclass(frozen=True)
class Probe:
    """A set of variables whose joint posterior is wanted: the input that its gradient is taken of."""

    scope: tuple[int, ...]
    name: str
    row: int
    own: bool
    """Whether the input is a table of ones that was added for this purpose."""


@dataclass(frozen=True)
class Elimination:
    """A compiled network. Made by :func:`compile_elimination`; may be used by several threads.

    Sums are evaluated on numbers; where a result is so small that underflow might have touched it, that instance is
    evaluated anew on logarithms. Results keep the gradients of their inputs.
    """

    network: Network
    probes: tuple[Probe, ...]
    plan: Plan
    order: Order
    chunk: int | None
    linear: Evaluator
    logarithmic: Evaluator
    ones: Mapping[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)

    @cached_property
    def maximal(self) -> Evaluator:
        """The plan for maxima: constants that were summed are maximised there."""
        steps = plan_steps(self.network, maximal=True)
        return Evaluator(group(steps.steps, steps.results), Maximal(), steps.log_constant)

    # ----- results

    def log_partition(self, inputs: Mapping[str, Tensor], targets: Mapping[int, Tensor] | None = None) -> Tensor:
        """``[batch]``: the logarithm of the sum over all variables; −∞ where it is 0.

        ``targets`` weight the values of some probes, ``[batch or 1, card…]`` by place: with 1 at one value and 0
        elsewhere the sum is over the assignments that have this value.
        """
        return _joined([part for (part,) in self._chunks(inputs, targets, lambda given, _: (self._log_sum(given),))])

    def posteriors(
        self, inputs: Mapping[str, Tensor], targets: Mapping[int, Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """The logarithm of the sum, ``[batch]``, and for each probe the joint posterior, ``[batch, card…]``.

        A posterior is 0 everywhere where the sum is 0.
        """
        return self._with_probes(inputs, targets, self._log_sum)

    def most_probable(
        self, inputs: Mapping[str, Tensor], targets: Mapping[int, Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """The logarithm of the greatest product, ``[batch]``, and for each probe 1 where it is attained, 0 elsewhere.

        All probes speak of one assignment, also where several are most probable. Where the product is 0, the
        assignment means nothing.
        """
        value, found = self._with_probes(inputs, targets, self._log_maximum)
        return value, [each.round() for each in found]

    # ----- evaluation

    def _log_sum(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """``inputs`` ``[card…, row, batch or 1]``."""
        like = _like(inputs)
        found = self.linear.run(inputs, like)
        risky = found.detach() < SAFE[like.dtype]
        if not bool(risky.any()):
            return found
        places = risky.nonzero()[:, 0]
        batch = len(found)
        chosen = {
            name: given.index_select(-1, places) if given.shape[-1] == batch else given
            for name, given in inputs.items()
        }
        entered = {name: self.logarithmic.kernel.enter(given) for name, given in chosen.items()}
        exact = self.logarithmic.run(entered, like)
        return found.masked_fill(risky, 0.0).index_put((places,), exact.expand(len(places)))

    def _log_maximum(self, inputs: Mapping[str, Tensor]) -> Tensor:
        entered = {name: self.maximal.kernel.enter(given) for name, given in inputs.items()}
        return self.maximal.run(entered, _like(inputs))

    def _with_probes(
        self,
        inputs: Mapping[str, Tensor],
        targets: Mapping[int, Tensor] | None,
        evaluate: Callable[[Mapping[str, Tensor]], Tensor],
    ) -> tuple[Tensor, list[Tensor]]:
        every = [*inputs.values(), *(targets or {}).values()]
        differentiable = torch.is_grad_enabled() and any(given.requires_grad for given in every)
        names = list(dict.fromkeys(probe.name for probe in self.probes))

        def one(given: dict[str, Tensor], batch: int) -> tuple[Tensor, ...]:
            with torch.inference_mode(False), torch.enable_grad():
                given = {name: each.clone() if each.is_inference() else each for name, each in given.items()}
                for name in names:
                    tensor = given[name].expand(*given[name].shape[:-1], batch)
                    given[name] = tensor if tensor.requires_grad else tensor.detach().requires_grad_()
                value = evaluate(given)
                wanted = [given[name] for name in names]
                if value.requires_grad:
                    found = torch.autograd.grad(value.sum(), wanted, create_graph=differentiable, allow_unused=True)
                    gradients = [torch.zeros_like(t) if g is None else g for t, g in zip(wanted, found, strict=True)]
                else:
                    gradients = [torch.zeros_like(tensor) for tensor in wanted]
                possible = value.detach() > -torch.inf
                weighted = [tensor * each * possible for tensor, each in zip(wanted, gradients, strict=True)]
                parts = (value, *weighted)
            return parts if differentiable else tuple(part.detach() for part in parts)

        parts = list(self._chunks(inputs, targets, one))
        tables = {name: _joined([part[1 + place] for part in parts], -1) for place, name in enumerate(names)}
        found = [tables[probe.name].select(-2, probe.row).movedim(-1, 0) for probe in self.probes]
        return _joined([part[0] for part in parts]), found

    def _chunks(
        self,
        inputs: Mapping[str, Tensor],
        targets: Mapping[int, Tensor] | None,
        evaluate: Callable[[dict[str, Tensor], int], tuple[Tensor, ...]],
    ) -> Iterator[tuple[Tensor, ...]]:
        """What ``evaluate`` gives for each part of the batch, values first. It sees the batch as the last axis."""
        given = self._entered(inputs, targets or {})
        batch = max((len(tensor) for tensor in (*inputs.values(), *given.values())), default=1)
        for start in range(0, batch, self.size):
            count = min(self.size, batch - start)
            part = {
                name: (tensor if len(tensor) == 1 else tensor[start : start + count])
                .movedim((0, 1), (-1, -2))
                .contiguous()
                for name, tensor in given.items()
            }
            value, *others = evaluate(part, count)
            yield value.expand(count), *others

    def _entered(self, inputs: Mapping[str, Tensor], targets: Mapping[int, Tensor]) -> dict[str, Tensor]:
        """All tables that the network takes, ``[batch or 1, row, card…]``: ones for probes, times the targets."""
        like = next(iter((*inputs.values(), *targets.values())), torch.empty(0, dtype=torch.float64))
        given = {
            name: torch.ones((1, rows, *cards), dtype=like.dtype, device=like.device)
            for name, (rows, cards) in self.ones.items()
        }
        given.update((each.name, inputs[each.name]) for each in self.network.inputs if each.name not in self.ones)
        rows: dict[str, dict[int, Tensor]] = {}
        for place, table in targets.items():
            rows.setdefault(self.probes[place].name, {})[self.probes[place].row] = table
        for name, chosen in rows.items():
            tensor = given[name]
            batch = max(len(table) for table in chosen.values())
            if len(chosen) < tensor.shape[1] or any(len(table) < batch for table in chosen.values()):
                ones = torch.ones_like(tensor[:1, 0])
                every = [chosen.get(row, ones).expand(batch, *ones.shape[1:]) for row in range(tensor.shape[1])]
            else:
                every = [chosen[row] for row in range(tensor.shape[1])]
            stacked = torch.stack(every, 1)
            given[name] = stacked if name in self.ones else tensor * stacked
        return given

    @property
    def size(self) -> int:
        """Instances evaluated at once."""
        if self.chunk is not None:
            return self.chunk
        return max(1, min(MOST, ROOM // max(1, self.entries)))

    @property
    def entries(self) -> int:
        """Table entries that one instance needs."""
        largest = max((operation.step.joint for operation in self.plan.operations), default=0)
        return largest + sum(operation.size for operation in self.plan.operations)


def compile_elimination(
    network: Network, probes: Sequence[tuple[int, ...]] = (), *, chunk: int | None = None
) -> Elimination:
    """Plan the elimination of ``network`` such that the joint posterior of each of ``probes`` can be asked for.

    ``chunk`` bounds the instances that are in memory at once (None: chosen from the size of the tables).
    """
    asked, probed, ones = with_probes(network, probes)
    steps = plan_steps(probed)
    plan = group(steps.steps, steps.results)
    linear = Evaluator(plan, Linear(), steps.log_constant)
    logarithmic = Evaluator(plan, Logarithmic(), steps.log_constant)
    return Elimination(probed, asked, plan, steps.order, chunk, linear, logarithmic, ones)


def elimination_order(network: Network, probes: Sequence[tuple[int, ...]] = (), *, stop_at: float) -> Order:
    """How large the tables would be; the search for an order stops at tables of more than ``stop_at`` entries."""
    return rough_order(with_probes(network, probes)[1], stop_at=stop_at)


def with_probes(
    network: Network, probes: Sequence[tuple[int, ...]]
) -> tuple[tuple[Probe, ...], Network, dict[str, tuple[int, tuple[int, ...]]]]:
    """The probes, the network with tables of ones for those that no input serves, and the shapes of these."""
    own = {given.scope: given for given in network.inputs}
    found: list[Probe] = []
    ones: dict[str, tuple[int, tuple[int, ...]]] = {}
    added: list[Input] = []
    for scope in probes:
        given = own.get(scope)
        if given is None:
            cards = tuple(network.cards[variable] for variable in scope)
            name = f"? {cards}"
            row = ones.get(name, (0, cards))[0]
            ones[name] = (row + 1, cards)
            given = own[scope] = Input(scope, name, row)
            added.append(given)
        found.append(Probe(scope, given.name, given.row, given in added))
    return tuple(found), replace(network, inputs=(*network.inputs, *added)), ones


def _like(inputs: Mapping[str, Tensor]) -> Tensor:
    return next(iter(inputs.values()), torch.empty(0, dtype=torch.float64))


def _joined(parts: Sequence[Tensor], axis: int = 0) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(list(parts), axis)
