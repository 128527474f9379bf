"""How long a slider step takes in the real browser: the explorer against `interact`.

    python tests/bench/explorers.py

Both notebooks show the same picture of the same 3,000 scores in JupyterLab and Chromium. A step is
a key press on the focused slider; it ends when the browser has painted the new picture, and the
next begins after that. The two take turns, so that a busy machine slows both. The last line is the
ratio of the medians; below 4 the command fails.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

import lab  # noqa: E402

STEPS, TURNS, WARM_UP = 10, 4, 3

SCORES = """
import numpy as np
rng = np.random.default_rng(1)
y = rng.random(3000) < 0.1
scores = np.clip(rng.beta(1 + y, 8 - 3 * y), 0, 1)
"""
OURS = """
from tpmkit.explore.thresholds import thresholds
thresholds(y, scores, threshold=0.2)
"""
# The same picture with the same pixels, made in the callback as `interact` is used, without a
# widget more than the slider.
THEIRS = """
%matplotlib inline
from IPython.display import display
from ipywidgets import FloatSlider, interact
from tpmkit.explore.thresholds import ThresholdPicture, Words, cheapest, operating_point

y, best = y.astype(bool), cheapest(y, scores, 20, 1)
words = Words("", "inspectors open", "reports", "damaged", "opened", "damaged", "undamaged")

@interact(threshold=FloatSlider(0.2, min=0, max=1, step=0.01))
def show(threshold):
    picture = ThresholdPicture(y, scores, words, 0, 1)
    picture.price(20, 1, best)
    picture.show(operating_point(y, scores, threshold, 20, 1), best, f"{threshold:.2f}")
    display(picture.figure)
"""

# A key press, then the time until another picture than now stands decoded and painted.
STEP = """async ({ key, picture }) => {
    const root = jupyterapp.shell.currentWidget.node;
    const source = () => root.querySelector(picture)?.src;
    const before = source();
    const handle = root.querySelector('.noUi-handle');
    handle.focus();
    const start = performance.now();
    handle.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    const frame = () => new Promise(requestAnimationFrame);
    while (!source() || source() === before) {
        if (performance.now() - start > 20000) throw 'no new picture within 20 s';
        await frame();
    }
    await root.querySelector(picture).decode();
    await frame();
    return performance.now() - start;
}"""


def notebook(source: str) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(
        metadata={"kernelspec": kernel}, cells=[new_code_cell(SCORES), new_code_cell(source)]
    )


def main() -> None:
    entries = {
        "explorer": (OURS, ".tpmkit-canvas"),
        "interact": (THEIRS, ".jp-RenderedImage img"),
    }
    taken: dict[str, list[float]] = {name: [] for name in entries}
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder, "root"), Path(folder, "home")
        root.mkdir(), home.mkdir()
        for name, (source, _) in entries.items():
            nbformat.write(notebook(source), root / f"{name}.ipynb")
        with lab.jupyterlab(root, home) as server, lab.chromium() as browser:
            pages = {}
            for name, (_, picture) in entries.items():
                page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
                page.set_default_timeout(lab.PATIENCE * 1000)
                page.goto(server.notebook(f"{name}.ipynb"))
                page.evaluate(lab.RUN_ALL)
                page.wait_for_selector(picture)
                pages[name] = page
            for turn in range(TURNS):
                for name, page in pages.items():
                    page.bring_to_front()
                    key = "ArrowLeft" if turn % 2 else "ArrowRight"
                    step = {"key": key, "picture": entries[name][1]}
                    times = [page.evaluate(STEP, step) for _ in range(WARM_UP + STEPS)]
                    taken[name] += times[WARM_UP:]
    print(f"{'slider step':<12}{'median ms':>10}{'fastest':>9}{'slowest':>9}{'steps':>7}")
    for name, times in taken.items():
        print(
            f"{name:<12}{statistics.median(times):>10.0f}{min(times):>9.0f}{max(times):>9.0f}"
            f"{len(times):>7}"
        )
    ratio = statistics.median(taken["interact"]) / statistics.median(taken["explorer"])
    print(f"explorer_ratio {ratio:.1f}")
    if ratio < 4:
        sys.exit("The explorer must be at least 4 times faster than `interact`.")


if __name__ == "__main__":
    main()
