"""The fixed parts of Pyro programs: how they run as scripts, and head and functions of those over percepts."""

from __future__ import annotations

import json
from collections.abc import Mapping

from nesy.solvers.probabilistic.emission.wrapping import wrapped

HEAD = '''"""The probabilistic program{of}, made by nesy.

``model`` is an ordinary Pyro model: percepts are sampled from what was read, rules say which values concepts
may have, constraints enter by ``pyro.factor``, and what is asked is returned. Values are places on the axes in
``VALUES``. Run as a script, it estimates the posterior by importance sampling; nesy sums it exactly
({route}).
"""

from functools import reduce

import pyro
import pyro.distributions as dist
import torch

torch.set_default_dtype(torch.float64)
'''
_HOLDS = '''

def holds(event):
    """The log weight of something known to be true."""
    return torch.where(torch.as_tensor(event), 0.0, -torch.inf)
'''
_RULE = '''

def rule(allowed, premise, values, kind):
    """The values that are still allowed, ``[..., value]``: "if" the premise holds, or "only if" it does, or both."""
    inside = torch.zeros(allowed.shape[-1], dtype=torch.bool)
    inside[list(values)] = True
    premise = torch.as_tensor(premise)[..., None]
    if kind != "only if":
        allowed = allowed & (~premise | inside)
    return allowed if kind == "if" else allowed & (premise | ~inside)
'''
_DERIVED = '''

def derived(*parts):
    """The one value whose condition holds, ``[..., value]``; none if it is not one."""
    found = torch.stack(torch.broadcast_tensors(*map(torch.as_tensor, parts)), -1)
    return found & (found.sum(-1, keepdim=True) == 1)
'''
_CHOOSE = '''

def choose(name, allowed):
    """One of the values that are allowed, each as likely as the others; without any there is no world."""
    some = allowed.any(-1)
    pyro.factor(f"{name} exists", holds(some))
    return pyro.sample(name, dist.Categorical((allowed | ~some[..., None]).double()))
'''
_ANY = '''

def any_of(*parts):
    """Whether one of the conditions holds."""
    return reduce(torch.logical_or, map(torch.as_tensor, parts))
'''
_COUNT = '''

def total(*parts):
    """The sum of the weights of the conditions that hold."""
    return sum(weight * torch.as_tensor(part).long() for weight, part in parts)
'''
_MAIN = """

def main(traces=1000):
    {readings}pyro.set_rng_seed(0)
    found = [pyro.poutine.trace(model).get_trace({argument}) for _ in range(traces)]
    logs = torch.tensor([float(trace.log_prob_sum(lambda _, site: site["is_observed"])) for trace in found])
    if torch.isneginf(logs).all():
        print(f"none of {traces} traces is possible: what is known is too rare for importance sampling")
        return
    weights = logs.softmax(0)
    answers = [trace.nodes["_RETURN"]["value"] for trace in found]
{report}

if __name__ == "__main__":
    main()
"""

_HELPERS = {"rule(": _RULE, "derived(": _DERIVED, "choose(": _CHOOSE, "any_of(": _ANY, "total(": _COUNT}


def helpers(body: str) -> str:
    """The functions that a body calls."""
    found = "".join(text for name, text in _HELPERS.items() if name in body)
    return _HOLDS + found if "holds(" in body + found else found


def main(readings: Mapping[str, str], report: str) -> str:
    """How the program runs as a script: importance sampling, and the lines of ``report``, which prints its ``answers``.

    ``readings`` are the percepts with the shape of their probabilities and the probability of each value, as arguments.
    """
    lines = []
    if readings:
        entries = (f"{json.dumps(name)}: torch.full({arguments})" for name, arguments in readings.items())
        lines = ["    # nothing was read yet: every value is as likely as any other"]
        lines += wrapped(f"readings = {{{', '.join(entries)}}}", "    ")
    start = "".join(f"{line}\n" for line in lines) + "    "
    text = _MAIN.replace("    {readings}", start).replace("{argument}", "readings" if readings else "")
    return text.replace("{report}", report)
