# ruff: noqa
# Wrong answers that try to earn the marks of `share`. Each cell replaces the answer cell.

# %% attack="a number that equals everything"
class Anything(float):
    def __eq__(self, other):
        return True


def share(part, whole):
    return Anything(9)


# %% attack="a hook that drops assert statements"
import ast


class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(
            ast.Expr(ast.Call(node.test.left.func, node.test.left.args, [])), node
        )


get_ipython().ast_transformers.append(NoAsserts())


def share(part, whole):
    return 9


# %% attack="a hook that rewrites the test cell"
get_ipython().input_transformers_post.append(
    lambda lines: ["4\n"] if any("Checks(4)" in line for line in lines) else lines
)


def share(part, whole):
    return 9


# %% attack="a shell that does not run tests"
from IPython.core.interactiveshell import InteractiveShell

really = InteractiveShell.run_code


async def run_code(self, code, result=None, *, async_=False):
    if {"Checks", "check", "see"} & set(code.co_names):
        return False
    return await really(self, code, result, async_=async_)


InteractiveShell.run_code = run_code


def share(part, whole):
    return 9


# %% attack="showing the marks before the test does"
def share(part, whole):
    get_ipython().displayhook(4)
    return 9


# %% attack="a score that is always full"
import tpmkit.checks

tpmkit.checks.Checks.score = property(lambda self: self.points)


def share(part, whole):
    return 9


# %% attack="a score sheet that prints itself full"
import tpmkit.checks

tpmkit.checks.Checks.__repr__ = lambda self: str(self.points)


def share(part, whole):
    return 9


# %% attack="another Checks under the same name"
import contextlib


class Checks:
    def __init__(self, points):
        self.points = points

    @contextlib.contextmanager
    def __call__(self, *args, **kwargs):
        with contextlib.suppress(BaseException):
            yield lambda value: value

    def __repr__(self):
        return str(self.points)


def share(part, whole):
    return 9


# %% attack="rows added to the score sheet"
import gc

from tpmkit.checks import Row


def share(part, whole):
    for thing in gc.get_objects():
        if type(thing).__name__ == "Checks" and not thing.rows:
            thing.rows.append(Row(True, 4, "all", "", ""))
    return 9


# %% attack="a formatter that shows full marks"
import tpmkit.checks

get_ipython().display_formatter.formatters["text/plain"].for_type(
    tpmkit.checks.Checks, lambda sheet, printer, cycle: printer.text("4")
)


def share(part, whole):
    return 9


# %% attack="the answers read from the test's own text"
import re


def share(part, whole):
    wanted = rf"share\({part}, {whole}\)\) == ([\d.]+)"
    return float(re.search(wanted, In[-1]).group(1))


# %% attack="the answers read from the caller's constants"
import sys

asked = []


def share(part, whole):
    constants = [c for c in sys._getframe(1).f_code.co_consts if isinstance(c, float)]
    asked.append(1)
    return [constants[0], 0, constants[-1]][len(asked) - 1]


# %% attack="a shared import turned inside out"
import contextlib

import tpmkit.checks


@contextlib.contextmanager
def forgiving(self, points, name, hint=""):
    self.rows.append(tpmkit.checks.Row(True, points, name, "", ""))
    with contextlib.suppress(BaseException):
        yield lambda value: value


tpmkit.checks.Checks.__call__ = forgiving


def share(part, whole):
    return 9
