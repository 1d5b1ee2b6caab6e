"""Clingo code against the names of the rule file that includes it."""

from __future__ import annotations

from nesy.dsl.checks.declarations import kind_of
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.symbols import AttributeSymbol, Symbols
from nesy.dsl.diagnostics import counted
from nesy.dsl.statements import ClingoAtom, ClingoStatement


class ClingoCheck:
    """Checks the atoms of included clingo code: E201 for unknown names, E206 for numbers of arguments, E547."""

    def __init__(self, symbols: Symbols, report: Report) -> None:
        self._symbols = symbols
        self._report = report
        self._unknown: set[str] = set()

    def check(self, statement: ClingoStatement) -> None:
        """Check one statement."""
        if statement.constant in self._symbols.constants:
            text = f"the constant '{statement.constant}' is declared twice"
            self._report.add("E204", text, statement.span, "leave one of the two out: clingo code sees both")
        for atom in statement.heads:
            self._head(atom)
        for atom in statement.reads:
            self._read(atom)

    def _head(self, atom: ClingoAtom) -> None:
        symbols, name = self._symbols, atom.plain
        if name in symbols.attributes:
            kind = kind_of(symbols.attributes[name].statement)
            text = f"clingo code cannot conclude the {kind} '{name}'"
            hint = "conclude a relation here"
            if kind == "concept":
                hint += f", and the {kind} from it in the rule file: {name}(…) = V :- relation(…, V)."
            self._report.add("E547", text, atom.span, hint, symbols.attributes[name].statement.span, "declared here")
        elif name in symbols.types:
            text = f"clingo code cannot give values to the type '{name}'"
            hint = "its values come from its declaration, or for an open type from facts in the rule file or in data"
            self._report.add("E547", text, atom.span, hint)
        elif name in symbols.declared:
            self._arity(atom, len(symbols.declared[name]), "relation")

    def _read(self, atom: ClingoAtom) -> None:
        symbols, name = self._symbols, atom.plain
        if name in symbols.attributes:
            self._attribute(atom, symbols.attributes[name])
        elif name in symbols.types:
            self._arity(atom, 1, "type")
        elif name in symbols.declared:
            self._arity(atom, len(symbols.declared[name]), "relation")
        elif name in symbols.arities:
            if atom.arity not in symbols.arities[name]:
                self._arity(atom, symbols.arities[name][0], "relation")
        elif not name.startswith("-") and name not in self._unknown and name not in symbols.broken:
            self._unknown.add(name)
            known = [*symbols.arities, *symbols.attributes, *symbols.types]
            hint = self._report.near_name(name, known)
            hint = (
                hint or f"write a rule or a fact for it, or say that there may be none: #defined {name}/{atom.arity}."
            )
            self._report.add("E201", f"unknown relation or attribute '{name}'", atom.span, hint)

    def _attribute(self, atom: ClingoAtom, symbol: AttributeSymbol) -> None:
        source = atom.name.partition("'")[2]
        if source and source not in symbol.sources:
            hint = self._report.near_name(source, symbol.sources) or "its sources stand in its declaration"
            text = f"'{symbol.name}' has no source '{source}'"
            self._report.add("E210", text, atom.span, hint, symbol.statement.span, "declared here")
        elif symbol.kind not in ("percept", "concept"):
            text = f"clingo code cannot speak of the {kind_of(symbol.statement)} '{symbol.name}'"
            self._report.add("E547", text, atom.span, "use percepts, concepts and relations here")
        elif atom.arity != len(symbol.index) + 1:
            places = ",".join([*(f"I{place}" for place in range(1, len(symbol.index) + 1)), "V"])
            text = f"'{symbol.name}' has {counted(len(symbol.index) + 1, 'argument')} in clingo code, not {atom.arity}"
            hint = f"the value stands after the index: {symbol.name}({places})"
            self._report.add("E206", text, atom.span, hint, symbol.statement.span, "declared here")

    def _arity(self, atom: ClingoAtom, arity: int, kind: str) -> None:
        if atom.arity != arity:
            text = f"the {kind} '{atom.name}' has {counted(arity, 'argument')}, but {atom.arity} are given here"
            self._report.add("E206", text, atom.span, f"give it {arity}")
