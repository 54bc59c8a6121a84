"""The counts behind the four rules FineWeb added to Gopher's and C4's.

Lines are segments between line feeds with something besides white space, as they stand: a
carriage return at a line's end belongs to it, as in datatrove.

Which marks end a sentence has changed: FineWeb was made with five ASCII marks, two of them quotes
(`fineweb`); today's datatrove takes a set of 159 in many scripts, without quotes
(`fineweb_datatrove`).

References
----------
.. [1] Penedo et al. 2024, "The FineWeb Datasets", arXiv:2406.17557, section 3.6 and datatrove,
   filters/fineweb_quality_filter.py: thresholds 0.12, 0.67, 0.01 and 0.3.
.. [2] Penedo et al. 2024, "DataTrove", version 0.10.1, utils/text.py, TERMINAL_PUNCTUATION: close
   to Unicode's property Sentence_Terminal (UAX 44, PropList.txt).
"""

from typing import Final

import pyarrow as pa

from curation.measures.definition import Definition, Example

TERMINAL_MARKS: Final = (".", "?", "!", '"', "'")  # [1], the filter as FineWeb was made with it
# [2], code points in hexadecimal
_DATATROVE_POINTS: Final = (
    "0021 002E 003F 0589 061D 061E 061F 06D4 0700 0701 0702 07F9 0837 0839 083D 083E 0964 "
    "0965 104A 104B 1362 1367 1368 166E 1735 1736 17D4 17D5 17D6 17D9 17DA 1803 1809 1944 "
    "1945 1AA8 1AA9 1AAA 1AAB 1B5A 1B5B 1B5E 1B5F 1B7D 1B7E 1C3B 1C3C 1C7E 1C7F 203C 203D "
    "2047 2048 2049 2E2E 2E3C 2E53 2E54 3002 A4FF A60E A60F A6F3 A6F7 A876 A877 A8CE A8CF "
    "A92F A9C8 A9C9 AA5D AA5E AA5F AAF0 AAF1 ABEB FE52 FE56 FE57 FF01 FF0E FF1F FF61 10A56 "
    "10A57 10F55 10F56 10F57 10F58 10F59 10F86 10F87 10F88 10F89 11047 11048 110BE 110BF "
    "110C0 110C1 11141 11142 11143 111C5 111C6 111CD 111DE 111DF 11238 11239 1123B 1123C "
    "112A9 1144B 1144C 115C2 115C3 115C9 115CA 115CB 115CC 115CD 115CE 115CF 115D0 115D1 "
    "115D2 115D3 115D4 115D5 115D6 115D7 11641 11642 1173C 1173D 1173E 11944 11946 11A42 "
    "11A43 11A9B 11A9C 11C41 11C42 11EF7 11EF8 11F43 11F44 16A6E 16A6F 16AF5 16B37 16B38 "
    "16B44 16E98 1BC9F 1DA88"
)
DATATROVE_MARKS: Final = tuple(chr(int(point, 16)) for point in _DATATROVE_POINTS.split())
SHORT_LINE_CHARS: Final = 30  # [1]

_SOURCE: Final = "Penedo et al. 2024, arXiv:2406.17557, section 3.6; datatrove, filters/fineweb_quality_filter.py"  # fmt: skip  # noqa: E501
_TEXT: Final = "One line.\nTwo\n\nTwo\nA line of more than thirty characters"


def _column(name: str, sentence: str, formula: str, value: int) -> Definition:
    return Definition(
        f"fineweb.{name}@1", pa.int32(), sentence, formula, _SOURCE, Example(_TEXT, value)
    )


COLUMNS: Final = (
    _column(
        "lines",
        "Segments between line feeds that have more than white space.",
        "[line for line in text.split('\\n') if line.strip()]",
        4,
    ),
    _column(
        "terminal_lines",
        "Lines that end in one of . ? ! \" '; over fineweb.lines@1.",
        "sum(line.endswith(('.', '?', '!', '\"', \"'\")) for line in lines)",
        1,
    ),
    _column(
        "short_lines",
        "Lines of at most 30 code points; over fineweb.lines@1.",
        "sum(len(line) <= 30 for line in lines)",
        3,
    ),
    _column(
        "duplicate_line_chars",
        "Code points of lines that stand earlier in the text already; over fineweb.chars@1.",
        "sum((c - 1) * len(s) for s, c in Counter(lines).items())",
        3,
    ),
    Definition(
        "fineweb_datatrove.terminal_lines@1",
        pa.int32(),
        "Lines that end in one of the 159 marks of today's datatrove; over fineweb.lines@1.",
        "sum(line.endswith(TERMINAL_PUNCTUATION) for line in lines)",
        "datatrove 0.10.1, filters/fineweb_quality_filter.py, utils/text.py (Penedo et al. 2024)",
        Example('"One line。\nTwo?\n"Three."\nfour', 2),
    ),
    _column("chars", "Code points that are no line feeds.", "len(text) - text.count('\\n')", 52),
    _column("newlines", "Line feeds; over words.", "text.count('\\n')", 4),
)


def count(text: str) -> dict[str, int]:
    """Return the columns of one text."""
    lines = [line for line in text.split("\n") if line.strip()]
    seen: set[str] = set()
    repeated = 0
    for line in lines:
        if line in seen:
            repeated += len(line)
        seen.add(line)
    return {
        "fineweb.lines@1": len(lines),
        "fineweb.terminal_lines@1": sum(line.endswith(TERMINAL_MARKS) for line in lines),
        "fineweb_datatrove.terminal_lines@1": sum(line.endswith(DATATROVE_MARKS) for line in lines),
        "fineweb.short_lines@1": sum(len(line) <= SHORT_LINE_CHARS for line in lines),
        "fineweb.duplicate_line_chars@1": repeated,
        "fineweb.chars@1": len(text) - text.count("\n"),
        "fineweb.newlines@1": text.count("\n"),
    }
