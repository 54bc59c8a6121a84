"""Gopher's rules against documents that repeat themselves, in three published definitions.

Which repeats are counted and over what is told in `curation.measures.definitions.repetition`; the
thresholds are the paper's. dolma's mixer has no paragraph rules, takes 0.3 for the characters in
duplicate lines, and its three rules about the most common n-gram never fired: they name an
attribute that the tagger does not write.

References
----------
.. [1] Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training
   Gopher", arXiv:2112.11446, table A1 (Repetition Removal).
.. [2] Penedo et al. 2024, "DataTrove", GopherRepetitionFilter (gopher_repetition_filter.py).
.. [3] Soldaini et al. 2024, "Dolma", arXiv:2402.00159; taggers/gopher.py.
.. [4] Li et al. 2024, "DataComp-LM", arXiv:2406.11794; massive_web_repetition_filters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis.expr.types as ir

from curation.stage import SHARE, exceeds, threshold
from curation.stages.parameters import check_choice, check_ranges, refuse

_TABLE: Final = "Rae et al. 2021, arXiv:2112.11446, appendix A.1, table A1"
_TOP: Final = (2, 3, 4)
_DUPLICATE: Final = (5, 6, 7, 8, 9, 10)

_WHOLES: Final[dict[str, dict[str, str]]] = {
    "datatrove": {
        "duplicate_lines": "gopher_datatrove.split_lines@1",
        "duplicate_line_chars": "n_chars",
        "duplicate_paragraphs": "gopher.paragraphs@1",
        "duplicate_paragraph_chars": "n_chars",
        **{f"top_{n}gram_chars": "n_chars" for n in _TOP},
        **{f"duplicate_{n}gram_chars": "n_chars" for n in _DUPLICATE},
    },
    "dolma": {
        "duplicate_lines": "gopher_dolma.lines@1",
        "duplicate_line_chars": "gopher_dolma.word_chars@1",
        **{f"top_{n}gram_chars": "gopher_dolma.word_chars@1" for n in _TOP},
        **{f"duplicate_{n}gram_chars": f"gopher_dolma.ngram_{n}_chars@1" for n in _DUPLICATE},
    },
    "dclm": {
        "duplicate_lines": "gopher_dclm.lines@1",
        "duplicate_line_chars": "gopher_dclm.line_chars@1",
        "duplicate_paragraphs": "gopher_dclm.paragraphs@1",
        "duplicate_paragraph_chars": "gopher_dclm.paragraph_chars@1",
        **{f"top_{n}gram_chars": "gopher_dclm.ngram_word_chars@1" for n in _TOP},
        **{f"duplicate_{n}gram_chars": "gopher_dclm.ngram_word_chars@1" for n in _DUPLICATE},
    },
}
_FAMILY: Final = {"datatrove": "gopher", "dolma": "gopher_dolma", "dclm": "gopher_dclm"}
_DATATROVE_LINES: Final = ("duplicate_lines", "duplicate_line_chars")  # `gopher` skips blank ones


@dataclass(frozen=True, slots=True)
class GopherRepetition:
    """Asks how much of a document is repetition: lines, paragraphs, and word n-grams.

    Parameters
    ----------
    definition : str
        Whose repeats and whose denominators: ``datatrove`` [2]_, ``dolma`` [3]_ (which has no
        paragraph rules) or ``dclm`` [4]_.
    max_duplicate_lines, max_duplicate_paragraphs : float
        Share of lines and of paragraphs; 0.3 in [1]_. All shares lie in [0, 1].
    max_duplicate_line_chars, max_duplicate_paragraph_chars : float
        Share of characters in them; 0.2 in [1]_.
    max_top_2gram_chars, max_top_3gram_chars, max_top_4gram_chars : float
        Share of characters in the most common n-gram; 0.2, 0.18, 0.16 in [1]_.
    max_duplicate_5gram_chars, max_duplicate_6gram_chars, max_duplicate_7gram_chars, \
max_duplicate_8gram_chars, max_duplicate_9gram_chars, max_duplicate_10gram_chars : float
        Share of characters in n-grams that occur again; 0.15, 0.14, 0.13, 0.12, 0.11, 0.1 in [1]_.
    """

    definition: str = threshold("datatrove", "Penedo et al. 2024, arXiv:2406.17557, section 3.3")
    max_duplicate_lines: float = threshold(0.3, _TABLE, SHARE)
    max_duplicate_line_chars: float = threshold(0.2, _TABLE, SHARE)
    max_duplicate_paragraphs: float = threshold(0.3, _TABLE, SHARE)
    max_duplicate_paragraph_chars: float = threshold(0.2, _TABLE, SHARE)
    max_top_2gram_chars: float = threshold(0.2, _TABLE, SHARE)
    max_top_3gram_chars: float = threshold(0.18, _TABLE, SHARE)
    max_top_4gram_chars: float = threshold(0.16, _TABLE, SHARE)
    max_duplicate_5gram_chars: float = threshold(0.15, _TABLE, SHARE)
    max_duplicate_6gram_chars: float = threshold(0.14, _TABLE, SHARE)
    max_duplicate_7gram_chars: float = threshold(0.13, _TABLE, SHARE)
    max_duplicate_8gram_chars: float = threshold(0.12, _TABLE, SHARE)
    max_duplicate_9gram_chars: float = threshold(0.11, _TABLE, SHARE)
    max_duplicate_10gram_chars: float = threshold(0.1, _TABLE, SHARE)

    name: ClassVar[str] = "gopher_repetition@1"

    def __post_init__(self) -> None:
        check_choice(self, "definition", tuple(_WHOLES))
        refuse(self, check_ranges(self))

    @property
    def rules(self) -> tuple[str, ...]:
        """Thirteen, eleven in dolma's definition: ``gopher_duplicate_lines`` and so on."""
        return tuple(f"gopher_{part}" for part in _WHOLES[self.definition])

    @property
    def needs(self) -> tuple[str, ...]:
        """Numerators and denominators of this definition."""
        wholes = _WHOLES[self.definition]
        return tuple(dict.fromkeys([*map(self._column, wholes), *wholes.values()]))

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the rules; a share of nothing cannot be computed."""
        return {
            f"gopher_{part}": exceeds(
                pool[self._column(part)], pool[whole], getattr(self, f"max_{part}")
            )
            for part, whole in _WHOLES[self.definition].items()
        }

    def _column(self, part: str) -> str:
        family = _FAMILY[self.definition]
        if self.definition == "datatrove" and part in _DATATROVE_LINES:
            family = "gopher_datatrove"
        return f"{family}.{part}@1"
