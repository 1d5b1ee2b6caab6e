"""A whole Pyro program: self-contained Python that imports torch and pyro alone, with the rule file as comments."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from nesy.dsl.span import NOWHERE, Span
from nesy.solvers.probabilistic.emission.code import Writer, identifier, is_each
from nesy.solvers.probabilistic.emission.frame import main
from nesy.solvers.probabilistic.emission.wrapping import wrapped
from nesy.solvers.probabilistic.model.distributions import FAMILIES, PERCEPT
from nesy.solvers.probabilistic.model.expressions import Constant, Scalar
from nesy.solvers.probabilistic.model.graph import Equation, Event, Factor, ModelGraph, Observation
from nesy.solvers.probabilistic.vectorised.codes import Codes
from nesy.solvers.probabilistic.vectorised.plates import Block, Plates, plates, template_of

LISTED = 6
"""So many labels a comment lists."""

REPORT = """\
    for name in answers[0]:
        values = torch.stack([torch.as_tensor(answer[name]).double() for answer in answers])
        mean = (weights * values).sum()
        spread = (weights * (values - mean) ** 2).sum().sqrt()
        print(f"{name}: mean {mean:.4f}, sd {spread:.4f}")
"""


def pyro_program(graph: ModelGraph, statement: Callable[[Span], str], title: str = "") -> str:
    """The text of a Pyro program for ``graph``; ``statement`` gives the source text at a place in the rule file."""
    return _Program(graph, statement, title).text()


class _Program:
    def __init__(self, graph: ModelGraph, statement: Callable[[Span], str], title: str) -> None:
        self._graph = graph
        self._statement = statement
        self._title = title
        self._codes = Codes(graph)
        self._plates: Plates = plates(graph)
        taken: set[str] = set()
        self._names = [identifier(block.name, taken) for block in self._plates.blocks]
        self._writer = Writer(self._plates, self._codes, self._names)
        self._helpers: dict[str, None] = {}
        self._is_short = False
        self._complete = False

    def text(self) -> str:
        """The program."""
        # the first time shows which names, helpers and codes the body needs
        for _ in self._body():
            pass
        self._complete = True
        body = [line for part in self._body() for line in part]
        self._is_short = "tensor(" in "\n".join(body).replace("as_tensor(", "")
        return "\n".join([*self._head(), "", "", *self._model_head(), *body]) + "\n" + self._tail()

    # ----- the frame

    def _head(self) -> list[str]:
        of = f" of {self._title}" if self._title else ""
        lines = [
            f'"""The probabilistic program{of}, made by nesy.',
            "",
            "``model`` is an ordinary Pyro model: sites are the random variables, what is known is observed or",
            "enters by ``pyro.factor``, and what is asked is returned. Run as a script, it estimates the posterior by",
            'importance sampling from the prior.\n"""',
            "",
            "import pyro",
            "import pyro.distributions as dist",
            "import torch",
        ]
        if self._is_short:
            lines.append("from torch import tensor")
        lines += ["", "torch.set_default_dtype(torch.float64)"]
        if self._writer.symbols:
            entries = [
                f"{json.dumps(name if isinstance(name, str) else repr(name), ensure_ascii=False)}: {code}"
                for name, code in sorted(self._writer.symbols.items(), key=lambda item: item[1])
            ]
            lines += ["", *wrapped(f"CODE = {{{', '.join(entries)}}}", ""), '"""The numbers that stand for names."""']
        if "shares" in self._helpers:
            lines += [
                "",
                "",
                "def shares(*parts):",
                '    """Numbers in proportion to probabilities, side by side along the last axis."""',
                "    return torch.stack(torch.broadcast_tensors(*map(torch.as_tensor, parts)), -1)",
            ]
        if "holds" in self._helpers:
            lines += [
                "",
                "",
                "def holds(event):",
                '    """The log weight of something known to be true."""',
                "    return torch.where(torch.as_tensor(event), 0.0, -torch.inf)",
            ]
        return lines

    def _has_percepts(self) -> bool:
        return any(block.distribution == PERCEPT for block in self._plates.blocks)

    def _model_head(self) -> list[str]:
        if self._has_percepts():
            return [
                "def model(readings):",
                '    """``readings``: for each percept a tensor of probabilities, ``[index…, value]``."""',
            ]
        return ["def model():"]

    def _tail(self) -> str:
        shapes = {}
        for block in self._plates.blocks:
            if block.distribution == PERCEPT:
                card = 0 if block.domain is None else len(block.domain.values)
                size = f"{block.size}, {card}" if block.size > 1 else f"{card},"
                shapes[block.name] = f"({size}), {1 / max(card, 1)!r}"
        return main(shapes, REPORT)

    # ----- the body

    def _body(self) -> Iterator[list[str]]:
        families: set[str] = set()
        for number, block in enumerate(self._plates.blocks):
            if self._complete and block.distribution is None and self._names[number] not in self._writer.used:
                continue
            lines = []
            if block.family not in families:
                families.add(block.family)
                source = self._source(block.members[0].span)
                lines += [f"    # {source}"] if source else []
            if block.size > 1 or block.name != block.family:
                lines.append(f"    # {self._labels(block)}")
            lines += self._block(number, block)
            yield lines
        yield from self._conditions()
        yield ["    return {"]
        for estimand in self._graph.estimands:
            key = json.dumps(estimand.label, ensure_ascii=False)
            yield wrapped(f"{key}: {self._writer.text(template_of([estimand.expression]))},", "        ")
        yield ["    }"]

    def _source(self, span: Span) -> str:
        return "" if span == NOWHERE else self._statement(span)

    @staticmethod
    def _labels(block: Block) -> str:
        shown = ", ".join(block.labels[:LISTED])
        return f"{block.name}: {shown}" + (", …" if block.size > LISTED else "")

    def _block(self, number: int, block: Block) -> list[str]:
        name = self._names[number]
        if block.distribution is None:
            text = self._writer.text(block.templates[0])
            if block.size > 1 and not is_each(block.templates[0]):
                text = f"torch.as_tensor({text}).expand({block.size})"
            return wrapped(f"{name} = {text}", "    ")
        sample = f'pyro.sample("{block.name}", {self._distribution(block)}{self._observed(block)})'
        plated = block.size > 1
        lines = [f'    with pyro.plate("{block.name}_plate", {block.size}):'] if plated else []
        needed = not self._complete or name in self._writer.used
        line = f"{name} = {self._decoded(block, sample)}" if needed else sample
        return [*lines, *wrapped(line, "        " if plated else "    ")]

    def _distribution(self, block: Block) -> str:
        name = block.distribution
        assert name is not None
        if name == PERCEPT:
            return f'dist.Categorical(readings["{block.name}"])'
        if name == "categorical":
            if all(isinstance(template, Constant) for template in block.templates):
                values = [t.value for t in block.templates if isinstance(t, Constant)]
                return f"dist.Categorical({self._writer.row(values)})"
            self._helpers["shares"] = None
            return f"dist.Categorical(shares({', '.join(map(self._writer.number, block.templates))}))"
        return f"dist.{FAMILIES[name].pyro}({', '.join(map(self._writer.number, block.templates))})"

    def _observed(self, block: Block) -> str:
        if block.observed is None:
            return ""
        values: list[Scalar] = []
        for value in block.observed:
            if block.distribution in ("categorical", PERCEPT):
                assert block.domain is not None
                place = None if isinstance(value, float) else block.domain.position(value)
                values.append(place or 0)
            else:
                values.append(float(value) if not isinstance(value, str | tuple) else value)
        if block.distribution in ("categorical", PERCEPT):
            inside = ", ".join(map(str, values))
            return f", obs=tensor({inside if block.size == 1 else f'[{inside}]'})"
        return f", obs={self._writer.row(values) if block.size > 1 else f'tensor({self._writer.value(values[0])})'}"

    def _decoded(self, block: Block, sample: str) -> str:
        """The site's value as expressions see it: truth values as such, categories as the numbers they stand for."""
        domain = block.domain
        if domain is None or block.distribution == "binomial":
            return sample
        if block.distribution == "bernoulli":
            return f"{sample}.bool()" if domain.is_bool else sample
        if domain.is_bool:
            return f"{sample}.bool()"
        codes = [float(self._codes.code(value)) for value in domain.values]
        if block.kind == "symbol":
            for value in domain.values:
                self._writer.value(value)
        if codes == [float(place) for place in range(len(codes))]:
            return sample if block.kind == "symbol" else f"{sample}.double()"
        if block.kind == "symbol":
            return f"tensor([{', '.join(str(int(code)) for code in codes)}])[{sample}]"
        return f"{self._writer.row(domain.values)}[{sample}]"

    def _conditions(self) -> Iterator[list[str]]:
        counts = {"known": 0, "weight": 0}
        for condition in self._graph.conditions:
            match condition:
                case Event(expression, text):
                    self._helpers["holds"] = None
                    counts["known"] += 1
                    event = self._writer.text(template_of([expression]))
                    line = f'pyro.factor("known_{counts["known"]}", holds({event}))'
                    yield [f"    # known: {text}", *wrapped(line, "    ")]
                case Factor(expression, text):
                    counts["weight"] += 1
                    weight = self._writer.number(template_of([expression]))
                    line = f'pyro.factor("weight_{counts["weight"]}", torch.as_tensor({weight}))'
                    yield [f"    # {text}", *wrapped(line, "    ")]
                case Equation(_, value, text):
                    # no sampler meets an exact value of a continuous definition
                    yield [f"    # known exactly, which Pyro cannot condition on: {text} ({value:g})"]
                case Observation():
                    continue
