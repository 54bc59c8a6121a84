"""RefinedWeb's line-wise corrections: what they cut out of a page that stays.

Headings in capitals, lone numbers, counters ("3 likes"), lines of one word, and short lines about
carts, reading more and signing in. How each is counted is told in
`curation.measures.definitions.refinedweb`.

References
----------
.. [1] Penedo et al. 2023, "The RefinedWeb Dataset", arXiv:2306.01116, section 3.2 and appendix G.2;
   restated by DCLM (Li et al. 2024, arXiv:2406.11794, dclm_baseline_refinedweb.yaml).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import ibis.expr.types as ir

from curation.stages.cutting import cut, nothing_left


@dataclass(frozen=True, slots=True)
class RefinedWebLines:
    """Cuts lines that are a page's furniture [1]_; asks whether anything is left."""

    name: ClassVar[str] = "refinedweb_lines@1"
    rules: ClassVar[tuple[str, ...]] = ("refinedweb_nothing_left",)
    needs: ClassVar[tuple[str, ...]] = ("refinedweb.cut_bytes@1", "refinedweb.cut_words@1")

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule: every line was cut."""
        return {"refinedweb_nothing_left": nothing_left(pool)}

    def cuts(self, pool: ir.Table) -> ir.Table:
        """Return what the corrections cut out of each document."""
        return cut(pool, pool["refinedweb.cut_bytes@1"], pool["refinedweb.cut_words@1"])
