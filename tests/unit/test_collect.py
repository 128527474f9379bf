"""What zip_collect unpacks: every readable upload, however the platform bundled them."""

from __future__ import annotations

import logging
import zipfile
from pathlib import Path

import pytest

from tpmkit.autograde.collect import ZipExtractor


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


def zipped(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def extracted(uploads: Path, **settings) -> dict[str, bytes]:
    """Contents by path, after extraction."""
    target = uploads.parent / "extracted"
    target.mkdir()
    extractor = ZipExtractor(**settings)
    extractor.log = logging.getLogger("collect")
    extractor.extract(str(uploads), str(target))
    return {
        path.relative_to(target).as_posix(): path.read_bytes()
        for path in target.rglob("*")
        if path.is_file()
    }


def test_zips_in_zips_and_plain_files_keep_their_place(uploads: Path) -> None:
    ada = zipped(uploads / "ada.zip", note=b"ada").read_bytes()
    zipped(uploads / "all of them.zip", **{"Ada_1/w.ZIP": ada})
    (uploads / "cara").mkdir()
    (uploads / "cara" / "note").write_bytes(b"cara")
    assert extracted(uploads) == {
        "ada/note": b"ada",
        "all of them/Ada_1/w.ZIP": ada,
        "all of them/Ada_1/w/note": b"ada",
        "cara/note": b"cara",
    }


def test_unpacking_zips_in_zips_comes_to_an_end(uploads: Path) -> None:
    content = b""
    for _ in range(9):
        content = zipped(uploads / "deep.zip", **{"deep.zip": content}).read_bytes()
    assert max(path.count("/") for path in extracted(uploads)) == 3


@pytest.mark.parametrize("broken", [b"", b"PK no zip at all", None])
def test_a_broken_zip_is_named_and_the_others_are_collected(
    uploads: Path, caplog: pytest.LogCaptureFixture, broken: bytes | None
) -> None:
    good = zipped(uploads / "z good.zip", note=b"zoe").read_bytes()
    (uploads / "a broken.zip").write_bytes(good[:-30] if broken is None else broken)
    assert extracted(uploads) == {"z good/note": b"zoe"}
    assert "a broken.zip was not unpacked" in caplog.text


def test_a_broken_zip_inside_a_bundle_costs_its_neighbours_nothing(uploads: Path) -> None:
    good = zipped(uploads / "good.zip", note=b"zoe")
    zipped(uploads / "all.zip", **{"a.zip": b"broken", "b.zip": good.read_bytes()})
    good.unlink()
    assert extracted(uploads)["all/b/note"] == b"zoe"


def test_a_zip_that_would_fill_the_disk_is_left_packed(
    uploads: Path, caplog: pytest.LogCaptureFixture
) -> None:
    zipped(uploads / "bomb.zip", zeros=bytes(3 * 10**6))
    zipped(uploads / "good.zip", note=b"zoe")
    assert extracted(uploads, max_megabytes=2) == {"good/note": b"zoe"}
    assert "it would fill 3 MB" in caplog.text


def test_a_zip_writes_nothing_outside_its_own_folder(uploads: Path) -> None:
    zipped(uploads / "evil.zip", **{"../../../outside": b"x", "/abs": b"x"})
    assert set(extracted(uploads)) == {"evil/outside", "evil/abs"}
    assert not (uploads.parent / "outside").exists()
