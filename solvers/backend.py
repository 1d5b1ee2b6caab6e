"""What a back end is: a name, what it needs, and a way to compile a ground model into an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.solvers.garbage import collected_afterwards

if TYPE_CHECKING:
    from torch import Tensor

    from nesy.dsl.checked import CheckedProgram
    from nesy.dsl.statements import Query
    from nesy.solvers.answer import Answer
    from nesy.solvers.ground_model import GroundModel
    from nesy.solvers.possibilistic.learning.parameters import Parameters


CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dtype": ("float64", "float32"),
        "transform": ("antipignistic", "specificity"),
        "ties": ("symmetric", "reference"),
    }
)
"""The values of the options that take one of a few words."""


@dataclass(frozen=True, slots=True)
class Options:
    """What compilation may be told. Each back end takes the options that concern it.

    ``dtype`` is ``float64`` or ``float32``; ``transform`` is ``antipignistic`` or ``specificity``; ``ties`` is
    ``symmetric`` or ``reference`` (the paper's code: the lower place wins); ``chunk`` bounds the instances
    that are in memory at once (None: chosen from the model's size); ``parameters`` are learned ones that take the
    place of those in the rules (possibilistic).

    For the back ends that search: ``solver`` (None: chosen by the program's structure), ``mode`` (``optimum``,
    ``models``, ``brave``, ``cautious``), the number of ``models`` (0: all), ``time_limit`` in seconds for each
    instance, ``seed``, ``workers`` (threads of one search), and ``resolution``, the units of cost for one nat.

    For the probabilistic back end: the ``method`` of inference (``auto``: chosen by rule) and the number of ``samples``
    (None: as many as it takes), with ``time_limit`` and ``seed``, and as ``mode`` what is asked: ``posterior``,
    ``prior``, ``predictive`` or ``map``.

    ``budget`` bounds what grounding may try for one statement, and the ground rules (None: the usual bounds; 0: none).
    """

    device: str = "cpu"
    dtype: str = "float64"
    transform: str = "antipignistic"
    ties: str = "symmetric"
    strict: bool = False
    chunk: int | None = None
    parameters: Parameters | None = None
    solver: str | None = None
    mode: str = "optimum"
    models: int = 1
    time_limit: float | None = None
    seed: int = 0
    workers: int = 1
    resolution: int = 1000
    method: str = "auto"
    samples: int | None = None
    budget: int | None = None


class Engine(Protocol):
    """A compiled program: answers any number of batches."""

    @property
    def model(self) -> GroundModel: ...

    def infer(self, evidence: Mapping[str, Tensor]) -> Answer:
        """Answer one batch; tensors ``[batch, *index shape, value]`` by percept name, checked before use."""
        ...

    def listing(self) -> str:
        """What the program was compiled to, as readable text (``nesy compile --to …``)."""
        ...


class BackendModule(Protocol):
    """What the package of a back end offers."""

    def compile_program(self, checked: CheckedProgram, queries: Sequence[Query] | None, options: Options) -> Engine: ...


@dataclass(frozen=True, slots=True)
class Backend:
    """A back end as ``nesy backends`` lists it; ``module`` is None as long as it is not built.

    ``planner`` is the module that plans for it (see :mod:`nesy.solvers.planning.planner`), None if none does.
    """

    name: str
    meaning: str
    module: str | None
    packages: tuple[str, ...]
    planner: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The packages that are not installed; asked without importing them."""
        return tuple(package for package in self.packages if find_spec(package) is None)

    @property
    def available(self) -> bool:
        """Whether it is built and has the packages that it needs."""
        return self.module is not None and not self.missing


BACKENDS: tuple[Backend, ...] = (
    Backend(
        "possibilistic",
        "possibility and necessity degrees by min-max relational equations",
        "nesy.solvers.possibilistic",
        ("torch", "clingo"),
        "nesy.solvers.planning.possibilistic",
    ),
    Backend(
        "asp",
        "answer sets, with costs from the percepts",
        "nesy.solvers.asp",
        ("clingo", "ortools"),
        "nesy.solvers.planning.asp",
    ),
    Backend(
        "integer",
        "most plausible consistent values by integer programming",
        "nesy.solvers.integer",
        ("clingo", "ortools", "pulp"),
        "nesy.solvers.planning.integer",
    ),
    Backend(
        "probabilistic",
        "posteriors of probabilistic programs",
        "nesy.solvers.probabilistic",
        ("clingo", "torch", "pyro"),
        "nesy.solvers.planning.probabilistic",
    ),
)


def backend(name: str, option: str = "--with") -> Backend:
    """The back end called ``name`` by ``option``; E501 if there is none, E502 if it cannot run here."""
    known = {entry.name: entry for entry in BACKENDS}
    if name not in known:
        hint = did_you_mean(name, known) or f"the back ends are {', '.join(known)}"
        raise NesyError(Diagnostic("E501", f"there is no back end '{name}'", hint=hint, place=option))
    found = known[name]
    if found.module is None:
        ready = ", ".join(entry.name for entry in BACKENDS if entry.available)
        message = f"the back end '{name}' is not built in this version"
        raise NesyError(Diagnostic("E502", message, hint=f"these can run: {ready}", place=option))
    if found.missing:
        packages = " ".join(found.missing)
        message = f"the back end '{name}' needs packages that are not installed: {packages}"
        raise NesyError(Diagnostic("E502", message, hint=f"pip install {packages}", place=option))
    return found


def compile_program(name: str, checked: CheckedProgram, queries: Sequence[Query] | None, options: Options) -> Engine:
    """Ground and compile ``checked`` for its queries (or for ``queries``) with the back end called ``name``."""
    module = backend(name).module
    assert module is not None
    chosen = cast("BackendModule", import_module(module))
    with collected_afterwards():
        return chosen.compile_program(checked, queries, options)
