"""Take a raw file apart into lines that can be read and lines that cannot, each with its reason."""

import gzip
import zlib
from dataclasses import dataclass

from idh.contracts import LONGEST_ROW

LARGEST_FILE = 2 * 1024**3  # bytes after decompression: more is a bomb, not a delivery
_SHOWN = 2000  # bytes of a refused line that quarantine keeps


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is not let in. `line` counts from 1 (0: the whole file); `shown` is its beginning, made printable."""

    line: int
    reason: str
    shown: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Readable lines with their numbers, and the others."""

    numbers: list[int]
    texts: list[str]
    refused: list[Refused]


def shown(content: bytes) -> str:
    return content[:_SHOWN].decode("utf-8", "backslashreplace")


def unpack(content: bytes) -> bytes:
    """The decompressed file. Raises ValueError with the reason when it is damaged or too large."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    expander, parts, size = zlib.decompressobj(wbits=31), [], 0
    try:
        while content:
            part = expander.decompress(content, 64 * 1024**2)
            size += len(part)
            if size > LARGEST_FILE:
                raise ValueError("larger than a delivery may be")
            parts.append(part)
            content = expander.unconsumed_tail
            if expander.eof:
                content = expander.unused_data.lstrip(b"\0")
                expander = zlib.decompressobj(wbits=31) if content else expander
    except zlib.error as error:
        raise ValueError(f"damaged gzip: {error}") from None
    if not expander.eof:
        raise ValueError("damaged gzip: it ends too early")
    return b"".join(parts)


def split(content: bytes) -> Lines:
    """The lines of a decompressed file. Empty lines are nothing; a byte order mark is dropped."""
    numbers, texts, refused = [], [], []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        if len(line) > LONGEST_ROW:
            refused.append(Refused(number, f"longer than {LONGEST_ROW} bytes", shown(line)))
            continue
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            refused.append(Refused(number, f"not UTF-8 at byte {error.start}", shown(line)))
            continue
        if "\0" in text:
            refused.append(Refused(number, "a null byte", shown(line)))
            continue
        numbers.append(number)
        texts.append(text)
    return Lines(numbers, texts, refused)


def packed(text: str) -> bytes:
    """Gzip without a time stamp: equal texts make equal files."""
    return gzip.compress(text.encode(), 6, mtime=0)
