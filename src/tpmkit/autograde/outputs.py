"""Outputs that came out of the sandbox, before they enter a notebook that an instructor opens."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from nbformat import NotebookNode

__all__ = ["clean_html", "clean_outputs", "depth"]

BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
OUTPUTS, TEXT = 400, 1 << 20
TAGS = frozenset(
    "a abbr b blockquote br caption code col colgroup dd details div dl dt em h1 h2 h3 h4 h5 h6 hr"
    " i li ol p pre q s small span strong sub summary sup table tbody td tfoot th thead tr u ul"
    .split()
)  # fmt: skip
ATTRIBUTES = ["align", "border", "class", "colspan", "dir", "halign", "rowspan", "scope", "style"]
STYLES = CSSSanitizer(
    allowed_css_properties=["background-color", "color", "font-weight", "text-align", "width"]
)
STYLE, STYLE_END = (re.compile(tag, re.IGNORECASE) for tag in (r"<style\b", r"</style\s*>"))
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
ALONE = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}
DEPTH = 100


@lru_cache(256)  # what many learners' cells show alike is cleaned once
def clean_html(html: str) -> str:
    """HTML without anything that runs, loads or leaves the place it is shown in."""
    head, *parts = STYLE.split(html)  # a pattern from tag to tag looks ahead from every tag
    html = head + "".join("".join(STYLE_END.split(part, 1)[1:]) for part in parts)
    if depth(html) > DEPTH:  # the parser's time grows with its square
        return "<p>(too deeply nested to be shown)</p>"
    return bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, css_sanitizer=STYLES, strip=True)


def depth(html: str) -> int:
    """How deeply tags nest, at most: one that is never closed counts to the end."""
    level = deepest = 0
    for closing, name in TAG.findall(html):
        if name.lower() not in ALONE:
            level = max(level + (-1 if closing else 1), 0)
            deepest = max(deepest, level)
    return deepest


def clean_outputs(outputs: Any) -> list[NotebookNode]:
    """Valid nbformat outputs made from what another process claims its outputs are."""
    made = []
    for output in outputs[:OUTPUTS] if isinstance(outputs, list) else []:
        try:
            made.append(_clean(output))
        except Exception:  # whatever a library makes of what is made to break it
            continue
    return [output for output in made if output is not None]


def _clean(output: dict) -> NotebookNode | None:
    match output["output_type"]:
        case "stream":
            name = "stderr" if output["name"] == "stderr" else "stdout"
            return NotebookNode(output_type="stream", name=name, text=_text(output["text"]))
        case "error":
            return NotebookNode(
                output_type="error",
                ename=_text(output["ename"])[:200],
                evalue=_text(output["evalue"])[:4000],
                traceback=[_text(line)[:20_000] for line in output["traceback"][:200]],
            )
        case "display_data" | "execute_result" as kind:
            if not (data := _data(output["data"])):
                return None
            made = NotebookNode(output_type=kind, data=data, metadata=NotebookNode())
            if kind == "execute_result":
                made.execution_count = None
            return made
    return None


def _data(data: dict) -> NotebookNode:
    made = NotebookNode()
    if "text/plain" in data:
        made["text/plain"] = _text(data["text/plain"])
    if "text/html" in data:
        made["text/html"] = clean_html(_text(data["text/html"]))
    for kind in ("image/png", "image/jpeg"):
        if isinstance(data.get(kind), str) and BASE64.fullmatch(data[kind]):
            made[kind] = data[kind]
    return made


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, not {type(value).__name__}")
    # a lone surrogate cannot be written to a file
    return value[:TEXT].encode("utf-8", "replace").decode()
