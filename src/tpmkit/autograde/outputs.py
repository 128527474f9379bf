"""Outputs that came out of the sandbox, before they enter a notebook that an instructor opens."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from nbformat import NotebookNode

__all__ = ["clean_html", "clean_outputs"]

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
STYLE_BLOCK = re.compile(r"<style\b.*?</style\s*>", re.DOTALL | re.IGNORECASE)


@lru_cache(256)  # what many learners' cells show alike is cleaned once
def clean_html(html: str) -> str:
    """HTML without anything that runs, loads or leaves the place it is shown in."""
    html = STYLE_BLOCK.sub("", html)
    return bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, css_sanitizer=STYLES, strip=True)


def clean_outputs(outputs: Any) -> list[NotebookNode]:
    """Valid nbformat outputs made from what another process claims its outputs are."""
    made = []
    for output in outputs[:OUTPUTS] if isinstance(outputs, list) else []:
        try:
            made.append(_clean(output))
        except (KeyError, TypeError, ValueError, AttributeError):
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
