"""The text of a table's file: unpacked, and decoded by its mark."""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path

from tinyvae.errors import DataError

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
# the mark of UTF-32 begins with that of UTF-16
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
AS_UTF8 = "Save it as UTF-8 (in Excel: 'CSV UTF-8')."


def text_of(path: Path) -> str:
    r"""The text of a file, with lines that end in \n, and without byte order marks.

    UTF-8 with or without its mark, UTF-16 and UTF-32 with theirs; also compressed by
    gzip, whatever the file is called.

    Raises: DataError if it cannot be read as one of these.
    """
    content = _content(path)
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content:
        raise DataError(
            f"{path}: expected a table as text, got bytes that are 0: it is UTF-16 "
            f"without its mark, or no text. {AS_UTF8}"
        )
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(_not_decoded(path, content, encoding, error)) from None
    # files that were put together hold marks within
    text = text.replace("\ufeff", "")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}.") from None
    if content.startswith(ZIP):
        raise DataError(
            f"{path}: expected a table as text, got a zip file or an Excel workbook. "
            "Save it as 'CSV UTF-8'."
        )
    if not content.startswith(GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: expected a whole file compressed by gzip, got one that is "
            f"damaged: {error}."
        ) from None


def _not_decoded(
    path: Path, content: bytes, encoding: str, error: UnicodeDecodeError
) -> str:
    if encoding != "utf-8":
        return (
            f"{path}: expected a table in {encoding.upper()}, as its mark says, got "
            f"bytes that are not ({error.reason}). {AS_UTF8}"
        )
    before = content[: error.start]
    line = 1 + max(before.count(b"\n"), before.count(b"\r"))
    return (
        f"{path}: expected a table in UTF-8, got byte 0x{content[error.start]:02x} in "
        f"line {line}, which is not: it may be in Latin-1 or Windows-1252. {AS_UTF8}"
    )
