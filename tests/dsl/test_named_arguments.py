"""Arguments of distributions by name: the same program as by place, names kept by the printer, clear refusals."""

from __future__ import annotations

import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.dsl.distributions import DISTRIBUTIONS
from nesy.dsl.parsing.parser import parse
from nesy.dsl.printing.printer import print_program
from nesy.dsl.statements import RandomDeclaration
from nesy.dsl.syntax import Call
from nesy.solvers.probabilistic.model.distributions import FAMILIES


def distribution(text: str) -> Call:
    statement = parse(f"random x : real ~ {text}.").statements[0]
    assert isinstance(statement, RandomDeclaration)
    return statement.distribution


@pytest.mark.parametrize(
    ("named", "placed", "printed"),
    [
        ("normal(loc = 0, scale = 1 + 2)", "normal(0, 1 + 2)", "normal(loc = 0, scale = 1 + 2)"),
        ("normal(scale = y, loc = 0)", "normal(0, y)", "normal(loc = 0, scale = y)"),
        ("normal(3, scale = 1)", "normal(3, 1)", "normal(3, scale = 1)"),
        ("studentt(df = 3, scale = 2)", "studentt(3, 0, 2)", "studentt(df = 3, loc = 0, scale = 2)"),
        ("studentt(df = 3)", "studentt(3, 0, 1)", "studentt(df = 3, loc = 0, scale = 1)"),
        ("beta(concentration0 = 2, concentration1 = 1)", "beta(1, 2)", "beta(concentration1 = 1, concentration0 = 2)"),
    ],
)
def test_names_say_the_same_as_places(named: str, placed: str, printed: str) -> None:
    assert distribution(named) == distribution(placed)
    text = print_program(parse(f"random x : real ~ {named}."))
    assert text == f"random x : real ~ {printed}.\n"
    assert parse(text) == parse(f"random x : real ~ {named}.")


@pytest.mark.parametrize(
    ("text", "code", "message", "hint"),
    [
        ("normal(0, sigma = 1)", "E206", "'normal' has no argument 'sigma'", "did you mean 'scale'?"),
        ("normal(0, scal = 1)", "E206", "'normal' has no argument 'scal'", "the nearest known name is 'scale'"),
        ("beta(alpha = 1, beta = 1)", "E206", "'beta' has no argument 'alpha'", "did you mean 'concentration1'?"),
        ("normal(loc = 0)", "E206", "'normal' is given no 'scale'", "normal(loc, scale)"),
        ("normal(loc = 0, 1)", "E206", "an argument without a name stands behind one with a name", "put it first"),
        ("normal(0, loc = 1)", "E206", "the argument 'loc' is given twice", "leave one of them out"),
        ("normal(0, 1, 2, loc = 1)", "E206", "'normal' takes at most 2 arguments", "normal(loc, scale)"),
        ("categorical(probs = 1)", "E206", "'categorical' takes one argument for each category", "in order"),
        ("nrmal(loc = 0)", "E218", "unknown distribution 'nrmal'", "'normal'"),
    ],
)
def test_wrong_names_are_refused(text: str, code: str, message: str, hint: str) -> None:
    with pytest.raises(NesyError) as caught:
        parse(f"random x : real ~ {text}.")
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert message in found.message
    assert found.hint is not None
    assert hint in found.hint
    assert found.span.line == 1


@pytest.mark.parametrize(
    "text", ["a :- b(c = 1).", "b(c = 1).", "a :- b(c = 1) = 2.", "query b(c = 1).", "a ; b(c = 1)."]
)
def test_nothing_else_has_names(text: str) -> None:
    with pytest.raises(NesyError) as caught:
        parse(text)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("E109", "arguments have names in distributions only")


def test_signatures_are_those_of_the_families() -> None:
    assert {*DISTRIBUTIONS} == {*FAMILIES}
    for name, signature in DISTRIBUTIONS.items():
        if not signature.is_open:
            arguments = FAMILIES[name].arguments
            assert signature.arguments == tuple(argument.name for argument in arguments)
            assert signature.defaults == tuple(a.default for a in arguments if a.default is not None)
