"""``python -m nesy.perception.train mnist --budget full``: train a built-in network and say how good it is."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from nesy.dsl.diagnostics import NesyError
from nesy.perception.datasets import load_dataset
from nesy.perception.progress import Lines
from nesy.perception.protocol import PerceiverOptions
from nesy.perception.recipes import Recipe, default_recipe, find_recipe
from nesy.perception.trained import as_perceiver, measure, train_recipe, weights_key, weights_path
from nesy.perception.weights import Weights, load_weights

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0 done, 1 data or settings are wrong, 130 interrupted."""
    chosen = _parser().parse_args(arguments)
    options = PerceiverOptions(
        device=chosen.device, data=chosen.data, cache=chosen.cache, seed=chosen.seed, progress=Lines()
    )
    try:
        recipe = _recipe(chosen)
        path = weights_path(recipe, options)
        if chosen.force:
            path.unlink(missing_ok=True)
        fresh = not path.exists()
        weights = train_recipe(recipe, options) if fresh else load_weights(path, weights_key(recipe, options.seed))
        report = _report(recipe, weights, options, path)
    except NesyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the same command goes on after the last whole epoch\n")
        return _INTERRUPTED
    sys.stdout.write(json.dumps(report) + "\n" if chosen.json else _text(report))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nesy.perception.train", description=__doc__)
    parser.add_argument("name", help="the data set: digits, mnist or fashion-mnist")
    parser.add_argument("--budget", help="quick, full or paper (default: quick, where there is one)")
    parser.add_argument("--epochs", type=int, help="another number of epochs than the budget's")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), help="bfloat16 is faster where it is built in")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, …")
    parser.add_argument("--data", type=Path, help="a folder with the data set (default: NESY_DATA, cache, download)")
    parser.add_argument("--cache", type=Path, help="where weights are kept (default: NESY_CACHE, the user's cache)")
    parser.add_argument("--force", action="store_true", help="train even if there are weights")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser


def _recipe(chosen: argparse.Namespace) -> Recipe:
    recipe = find_recipe(chosen.name, chosen.budget) if chosen.budget else default_recipe(chosen.name)
    changes = {name: getattr(chosen, name) for name in ("epochs", "precision") if getattr(chosen, name) is not None}
    return replace(recipe, settings=replace(recipe.settings, **changes))


def _report(recipe: Recipe, weights: Weights, options: PerceiverOptions, path: Path) -> dict[str, object]:
    test = load_dataset(recipe.name, "test", folder=options.data, progress=options.progress)
    perceiver = as_perceiver(recipe, weights, options.device)
    return {
        "name": recipe.name,
        "budget": recipe.budget,
        "network": type(recipe.make()).__name__,
        "seed": options.seed,
        **weights.facts,
        "temperature": weights.temperature,
        "test": asdict(measure(perceiver, test)),
        "test_uncalibrated": asdict(measure(replace(perceiver, temperature=1.0), test)),
        "weights": str(path),
    }


def _text(report: dict[str, object]) -> str:
    test, raw = report["test"], report["test_uncalibrated"]
    assert isinstance(test, dict)
    assert isinstance(raw, dict)
    return (
        f"{report['network']} on {report['name']}, budget {report['budget']}, seed {report['seed']}\n"
        f"  trained in               {report['training_seconds']:.1f} s\n"
        f"  validation accuracy      {report['validation_accuracy']:.2%}\n"
        f"  test accuracy            {test['accuracy']:.2%} of {test['images']} images\n"
        f"  temperature              {report['temperature']:.3f}\n"
        f"  test calibration error   {test['calibration_error']:.2%} (uncalibrated {raw['calibration_error']:.2%})\n"
        f"  test log loss            {test['log_loss']:.4f} (uncalibrated {raw['log_loss']:.4f})\n"
        f"  weights                  {report['weights']}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
