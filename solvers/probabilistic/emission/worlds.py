"""A program over percepts as a Pyro program: readings are sampled, rules say which values concepts may have.

The text imports torch and pyro alone. What nesy sums exactly is here an ordinary generative model: the trace of a world
has the weight that :class:`~nesy.solvers.probabilistic.counting.worlds.Worlds` gives it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from nesy.dsl.values import Value, format_value
from nesy.solvers.ground_model import Attribute
from nesy.solvers.probabilistic.counting.worlds import ByValues, Condition, Definition, Soft, Variable, Worlds
from nesy.solvers.probabilistic.emission.code import identifier
from nesy.solvers.probabilistic.emission.conditions import ConditionWriter, places
from nesy.solvers.probabilistic.emission.frame import HEAD, helpers, main
from nesy.solvers.probabilistic.emission.wrapping import wrapped

REPORT = """\
    for name, values in VALUES.items():
        places = torch.stack([torch.as_tensor(answer[name]).long() for answer in answers])
        shares = torch.zeros(len(values)).index_add(0, places, weights)
        best = int(shares.argmax())
        print(f"{name}: most probably {values[best]}, {shares[best]:.4f}")
"""


def worlds_program(worlds: Worlds, route: str, title: str = "") -> str:
    """The text of a Pyro program; ``route`` says how nesy sums the worlds, ``title`` what the program is called."""
    return _Program(worlds, route, title).text()


class _Program:
    def __init__(self, worlds: Worlds, route: str, title: str) -> None:
        self._worlds, self._route, self._title = worlds, route, title
        self._attributes = worlds.model.attributes
        taken = {"rule", "derived", "choose", "any_of", "total", "reduce", "allowed", "VALUES"}
        # what nothing speaks of is not sampled
        spoken = {worlds.variables[place].attribute for place in worlds.spoken_percepts}
        self._families = {
            number: identifier(each.name, taken) for number, each in enumerate(self._attributes) if number in spoken
        }
        names = [
            self._reading_of(each) if each.attribute in self._families else identifier(each.label, taken)
            for each in worlds.variables
        ]
        self._names = names
        self._conditions = ConditionWriter(worlds.expressions, names, self._nodes())

    def _reading_of(self, percept: Variable) -> str:
        name = self._families[percept.attribute]
        return name if len(self._attributes[percept.attribute].index) == 1 else f"{name}[..., {percept.index}]"

    def _nodes(self) -> Iterator[int]:
        """All conditions that are written, as often as they are."""
        for definition in self._worlds.definitions:
            if isinstance(definition, ByValues):
                yield from definition.holds
            else:
                yield from (rule.premise for rule in definition.rules)
        yield from (each.node for each in self._worlds.restrictions)
        queries = zip(self._worlds.model.queries, self._worlds.asked, strict=True)
        yield from (asked for query, asked in queries if query.formula is not None)

    def text(self) -> str:
        """The program."""
        body = "\n".join(self._body())
        of = f" of {self._title}" if self._title else ""
        head = HEAD.format(of=of, route=self._route)
        functions = helpers(body)
        for line, name in (
            ("from functools import reduce\n\n", "reduce("),
            ("import pyro.distributions as dist\n", "dist."),
        ):
            if name not in functions + body:
                head = head.replace(line, "")
        return head + self._values() + functions + "\n\n" + body + "\n" + self._main()

    # ----- the frame

    def _values(self) -> str:
        lines = ["", "VALUES = {"]
        for number, query in enumerate(self._worlds.model.queries):
            asked = self._worlds.asked[number]
            values: Sequence[Value] = (False, True)
            if query.formula is None:
                values = self._attributes[self._worlds.variables[asked].attribute].domain.values
            row = ", ".join(json.dumps(format_value(value), ensure_ascii=False) for value in values)
            lines += wrapped(f"{json.dumps(query.label, ensure_ascii=False)}: [{row}],", "    ")
        return "\n".join([*lines, "}", '"""What is asked, and its values in order."""', ""])

    def _main(self) -> str:
        shapes = {}
        for number in self._families:
            info = self._attributes[number]
            size, card = len(info.index), len(info.domain)
            shapes[info.name] = f"({size}, {card}), {1 / card!r}" if size > 1 else f"({card},), {1 / card!r}"
        return main(shapes, REPORT)

    # ----- the body

    def _body(self) -> Iterator[str]:
        if self._families:
            yield "def model(readings):"
            yield '    """``readings``: probabilities of each percept, ``[index, value]``, or ``[value]`` for one."""'
        else:
            yield "def model():"
        for number, name in self._families.items():
            yield from self._reading(self._attributes[number], name)
        for definition in self._worlds.definitions:
            yield from self._definition(definition)
        yield from self._restrictions()
        entries = []
        for query, asked in zip(self._worlds.model.queries, self._worlds.asked, strict=True):
            if query.formula is None:
                text = self._names[asked]
            else:
                before, text = self._conditions.written(asked)
                yield from before
            entries += wrapped(f"{json.dumps(query.label, ensure_ascii=False)}: {text},", "        ")
        yield "    return {"
        yield from entries
        yield "    }"

    @staticmethod
    def _reading(info: Attribute, name: str) -> Iterator[str]:
        sample = f"pyro.sample({json.dumps(info.name)}, dist.Categorical(readings[{json.dumps(info.name)}]))"
        if len(info.index) == 1:
            yield f"    {name} = {sample}"
        else:
            yield f'    with pyro.plate("{info.name}_plate", {len(info.index)}):'
            yield f"        {name} = {sample}"

    def _definition(self, definition: Definition) -> Iterator[str]:
        variable = self._worlds.variables[definition.variable]
        card = len(self._attributes[variable.attribute].domain)
        if isinstance(definition, ByValues):
            texts = []
            for node in definition.holds:
                before, text = self._conditions.written(node)
                yield from before
                texts.append(text)
            yield from wrapped(f"allowed = derived({', '.join(texts)})", "    ")
        else:
            yield f"    allowed = torch.ones({card}, dtype=torch.bool)"
            last = None
            for rule in definition.rules:
                kind = {(True, True): "iff", (True, False): "if", (False, True): "only if"}.get(
                    (rule.forward, rule.converse)
                )
                if kind is None:
                    continue
                before, text = self._conditions.written(rule.premise)
                yield from before
                if rule.origin.statement != last:
                    last = rule.origin.statement
                    yield from _comment(last)
                yield from wrapped(f'allowed = rule(allowed, {text}, {places(rule.values)}, "{kind}")', "    ")
        label = json.dumps(variable.label, ensure_ascii=False)
        yield f"    {self._names[definition.variable]} = choose({label}, allowed)"

    def _restrictions(self) -> Iterator[str]:
        for number, (statement, group) in enumerate(_grouped(self._worlds.conditions), 1):
            yield from self._factor(statement, group, f'pyro.factor("never_{number}", holds(~any_of(', ")))")
        softs = groupby(self._worlds.softs, key=lambda soft: (_statement(soft), soft.cost))
        for number, ((statement, cost), soft) in enumerate(softs, 1):
            start = f'pyro.factor("weight_{number}", {-cost!r} * total('
            yield from self._factor(statement, list(soft), start, "))", each="(1, {})")

    def _factor(
        self, statement: str, group: Iterable[Condition | Soft], start: str, end: str, each: str = "{}"
    ) -> Iterator[str]:
        texts = []
        for entry in group:
            before, text = self._conditions.written(entry.node)
            yield from before
            texts.append(each.format(text))
        yield from _comment(statement)
        yield from wrapped(f"{start}{', '.join(texts)}{end}", "    ")


def _grouped(conditions: Iterable[Condition]) -> Iterator[tuple[str, list[Condition]]]:
    for statement, group in groupby(conditions, key=_statement):
        yield statement, list(group)


def _statement(entry: Condition | Soft) -> str:
    return "" if entry.origin is None else entry.origin.statement


def _comment(statement: str) -> Iterator[str]:
    yield from (f"    # {line.strip()}" for line in statement.splitlines() if line.strip())
