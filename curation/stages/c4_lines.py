"""C4's rules about lines: what they cut out of a page that stays.

A line goes if a word in it is too long, if it does not end in a terminal punctuation mark, if it
has too few words, or if it speaks of JavaScript, policies or cookies; footnote marks such as
``[12]`` go from the others. How each is counted is told in `curation.measures.definitions.c4`.

References
----------
.. [1] Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
   Transformer", arXiv:1910.10683, section 2.2; the released code (tensorflow_datasets,
   text/c4_utils.py): lines of 5 words.
.. [2] Penedo et al. 2024, "The FineWeb Datasets", arXiv:2406.17557, section 3.5: without the rule
   of the terminal punctuation; datatrove, C4QualityFilter: lines of 3 words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stage import threshold
from curation.stages.cutting import cut, nothing_left


@dataclass(frozen=True, slots=True)
class C4Lines:
    """Cuts the lines that are no sentences; asks whether anything is left.

    Parameters
    ----------
    terminal_punctuation : bool
        Whether a line must end in a terminal punctuation mark and have 5 words, as in [1]_;
        otherwise it needs 3 words, as in [2]_.
    """

    terminal_punctuation: bool = threshold(
        True, "Raffel et al. 2020, arXiv:1910.10683, section 2.2"
    )

    name: ClassVar[str] = "c4_lines@1"
    rules: ClassVar[tuple[str, ...]] = ("c4_nothing_left",)

    @property
    def needs(self) -> tuple[str, ...]:
        """What there is, and what one of the two rules about lines keeps."""
        return ("n_bytes", "n_words", *self._kept)

    @property
    def _kept(self) -> tuple[str, str]:
        family = "c4" if self.terminal_punctuation else "c4_noterm"
        return f"{family}.kept_bytes@1", f"{family}.kept_words@1"

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule: every line was cut."""
        return {"c4_nothing_left": nothing_left(pool)}

    def cuts(self, pool: ir.Table) -> ir.Table:
        """Return what is not among the kept lines, white space around them included."""
        kept_bytes, kept_words = (pool[name] for name in self._kept)
        return cut(pool, pool["n_bytes"] - kept_bytes, pool["n_words"] - kept_words)
