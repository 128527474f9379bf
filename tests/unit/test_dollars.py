"""Sums of money in Markdown become no formulas, and nothing else changes."""

from __future__ import annotations

import pytest

from tpmkit.dollars import paired_dollars, plain_dollars, wrap_dollars

D = "<span>&#36;</span>"


@pytest.mark.parametrize(
    ("written", "wrapped"),
    [
        (r"from \$5 to \$6, 7 k\$.", f"from {D}5 to {D}6, 7 k{D}."),
        (r"**\$5** and *\$6*", f"**{D}5** and *{D}6*"),
        (r"| \$5 | **\$6** |", f"| {D}5 | **{D}6** |"),
        (r"[\$5 and \$6](brief.md)", f"[{D}5 and {D}6](brief.md)"),
        (r"> - \$5", f"> - {D}5"),
        (r"<summary>\$5</summary>", f"<summary>{D}5</summary>"),
        (
            r"\${{ cost:,.0f}} of \${{ all['\'']}}",
            f"{D}{{{{ cost:,.0f}}}} of {D}{{{{ all['\\'']}}}}",
        ),
        (r"<span>$</span>5, <span>\$</span>6, <span>&#36;</span>7", f"{D}5, {D}6, {D}7"),
        (r"a \` is no code: \$5 `", rf"a \` is no code: {D}5 `"),
        ("a ` alone: \\$5\n\nand ` \\$6", f"a ` alone: {D}5\n\nand ` {D}6"),
        ("```\n\\$5\n```\n\\$6", f"```\n\\$5\n```\n{D}6"),
    ],
)
def test_a_written_dollar_gets_a_tag_of_its_own(written: str, wrapped: str) -> None:
    assert wrap_dollars(written) == wrapped
    assert wrap_dollars(wrapped) == wrapped
    assert list(paired_dollars(wrapped)) == []


@pytest.mark.parametrize(
    "text",
    [
        "a formula $x$ and a single $5",
        r"`\$5` and ``a ` \$6``" + "\nand `\\$7\n\\$8`",
        "```sh\necho \\$5 \\$6\n```",
        "~~~\n\\$5\n```\n\\$6\n~~~",
        "> ```\n> \\$5 \\$6\n> ```",
        "- a\n\n  ````\n  \\$5\n  ```\n  \\$6\n  ````",
        "```\nnever closed \\$5 \\$6",
        r"![from \$5 to \$6](losses.png)",
    ],
)
def test_code_pictures_and_formulas_stay_as_they_are(text: str) -> None:
    assert wrap_dollars(text) == text


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("one $5\n\nand another $6", []),
        ("one `$5`, another $6", []),
        (r"one \$5", []),
        (r"| a \$5 | \$6 |" + "\n" + r"| b \$7 | \$8 |", []),
        ("- a \\$5\n- b \\$6", []),
        ("from $5 to $6", ["from $5 to $6"]),
        (r"from \$5 to $6", [r"from \$5 to $6"]),
        ("- one\n- from \\$5\n  to \\$6", ["- from \\$5\n  to \\$6"]),
        ("| a | $5 |\n| b | $6 |", ["| a | $5 |\n| b | $6 |"]),
        ("- a $5\n- b $6", ["- a $5\n- b $6"]),
    ],
)
def test_dollars_that_jupyterlab_would_pair_are_found(text: str, passages: list[str]) -> None:
    assert list(paired_dollars(text)) == passages


def test_dollars_are_compared_however_they_are_written() -> None:
    assert plain_dollars(rf"\$5, {D}6, $7") == "$5, $6, $7"
