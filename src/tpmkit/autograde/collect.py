"""Open what learners uploaded, so that one broken file keeps nobody else's from being collected."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from nbgrader.plugins import ExtractorPlugin
from traitlets import Integer

DEPTH = 2  # a platform's bundle holds learners' zips; a zip that holds itself ends here


class ZipExtractor(ExtractorPlugin):
    """Unpack uploads and the zips inside them; name what cannot be unpacked and go on.

    nbgrader's own extractor ends the whole collection at the first unreadable zip, and unpacks
    one of any size.
    """

    max_megabytes = Integer(200, help="The most that one zip may hold, unpacked.").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack or copy every file below `archive_path` to the same place in `extracted_path`."""
        source, target = Path(archive_path), Path(extracted_path)
        for upload in sorted(path for path in source.rglob("*") if path.is_file()):
            place = target / upload.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            if upload.suffix.lower() == ".zip":
                self._unpack(upload, place.with_suffix(""), DEPTH)
            else:
                shutil.copy(upload, place)

    def _unpack(self, upload: Path, folder: Path, depth: int) -> None:
        try:
            with zipfile.ZipFile(upload) as archive:
                size = sum(item.file_size for item in archive.infolist())
                if size > self.max_megabytes * 10**6:
                    raise zipfile.BadZipFile(f"it would fill {size / 10**6:,.0f} MB")
                archive.extractall(folder)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            self.log.error(
                "%s was not unpacked (%s): ask for it again. The others are collected.",
                upload, error,
            )  # fmt: skip
            return
        for inner in sorted(folder.rglob("*")):
            if depth and inner.suffix.lower() == ".zip" and inner.is_file():
                self._unpack(inner, inner.with_suffix(""), depth - 1)
