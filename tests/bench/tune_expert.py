"""Find the expert's parameters for each scenario, and freeze them with the scenario's version.

    python tests/bench/tune_expert.py [SCENARIO ...] [--generations 60]

Cross-entropy search: a normal distribution over the parameters of `EXPERT` starts around the
doctrine (`gated`), and moves to the best fifth of its samples. All samples of a search fly the
same seeds, from 1,000,000; evaluation uses seeds from 0 and grading uses others again. The same
command gives the same parameters. Writes src/tpmkit/simulator/scenarios/experts.yaml.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import yaml

from tpmkit.simulator import BASELINES, fly, load_scenario, scenarios
from tpmkit.simulator.policies import EXPERT, staged

EXPERTS = Path(__file__).parents[2] / "src/tpmkit/simulator/scenarios/experts.yaml"
FIRST_SEED, SEEDS = 1_000_000, 160
SAMPLES, ELITE = 40, 8
HEADER = """\
# The expert of each scenario: found by tests/bench/tune_expert.py on seeds from 1,000,000, never on
# those it is evaluated or compared on. Not edited by hand; constants changed means tune again.
"""


def tune(name: str, generations: int) -> dict[str, float]:
    scenario = load_scenario(name)
    low, high, start = np.array(list(EXPERT.values()), dtype=float).T
    rng = np.random.default_rng(6)
    episodes = SEEDS if scenario.fixed_seed is None else 1  # every seed has the same luck there
    seeds = range(FIRST_SEED, FIRST_SEED + episodes)

    def worth(parameters: np.ndarray) -> float:
        return float(fly(staged(named(parameters)), scenario, seeds).net.mean())

    middle, spread = start, 0.12 * (high - low)
    best, best_worth = start, worth(start)
    for generation in range(generations):
        samples = rng.normal(middle, spread, (SAMPLES, start.size)).clip(low, high)
        samples[0] = best
        found = np.array([worth(sample) for sample in samples])
        elite = samples[np.argsort(-found)[:ELITE]]
        middle = 0.3 * middle + 0.7 * elite.mean(axis=0)
        spread = 0.3 * spread + 0.7 * np.maximum(elite.std(axis=0), 0.01 * (high - low))
        if found.max() > best_worth:
            best, best_worth = samples[found.argmax()], float(found.max())
        print(
            f"{name} {generation + 1:3d}: best {best_worth:6.0f}, all {found.mean():6.0f}",
            flush=True,
        )
    return named(best)


def named(parameters: np.ndarray) -> dict[str, float]:
    return {name: round(float(x), 3) for name, x in zip(EXPERT, parameters, strict=True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scenarios", nargs="*", default=scenarios(), metavar="SCENARIO")
    parser.add_argument("--generations", type=int, default=60)
    options = parser.parse_args()
    experts = yaml.safe_load(EXPERTS.read_text(encoding="utf-8")) if EXPERTS.exists() else {}
    for name in options.scenarios:
        parameters = tune(name, options.generations)
        version = load_scenario(name).version
        experts[name] = {"scenario_version": version, "parameters": parameters}
        experts = {name: experts[name] for name in scenarios() if name in experts}
        EXPERTS.write_text(HEADER + yaml.safe_dump(experts, sort_keys=False), encoding="utf-8")
        fresh = range(FIRST_SEED + SEEDS, FIRST_SEED + 3 * SEEDS)
        tuned = fly(staged(parameters), name, fresh).net.mean()
        gated = fly(BASELINES["gated"], name, fresh).net.mean()
        print(f"{name}: on other seeds {tuned:.0f}, gated {gated:.0f}")


if __name__ == "__main__":
    main()
