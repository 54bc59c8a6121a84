"""Keep documents whose attribute lies on one side of a number: for what others measured.

References
----------
.. [1] Soldaini et al. 2024, "Dolma", arXiv:2402.00159: taggers write attributes, a mixer decides
   by them.
.. [2] Rae et al. 2021, "Scaling Language Models", arXiv:2112.11446, appendix A.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis
import ibis.expr.types as ir
from ibis.expr.datatypes import DataType

from catalog.errors import UsageError
from curation.stage import threshold
from curation.stages.parameters import check_choice

AT_MOST: Final = "at_most"
AT_LEAST: Final = "at_least"
_CITE: Final = "your own; 50 words: Rae et al. 2021, arXiv:2112.11446, appendix A.1"


@dataclass(frozen=True, slots=True)
class Attribute:
    """Asks whether a number about the document, of whatever origin, is on the right side.

    Parameters
    ----------
    column : str
        A column of measures or documents; attributes that were imported are called
        ``dolma.NAME.first@1``, ``dolma.NAME.spans@1``, ``redpajama.NAME.first@1``.
    keep : str
        ``at_most`` or ``at_least``.
    limit : float
        What lies on it stays. All three are yours to say; the defaults are the 50 words of [2]_.
    """

    column: str = threshold("n_words", _CITE)
    keep: str = threshold(AT_LEAST, _CITE)
    limit: float = threshold(50.0, _CITE)

    name: ClassVar[str] = "attribute@1"
    rules: ClassVar[tuple[str, ...]] = ("attribute_out_of_range",)

    def __post_init__(self) -> None:
        check_choice(self, "keep", (AT_MOST, AT_LEAST))

    @property
    def needs(self) -> tuple[str, ...]:
        """The column: a corpus that lacks it cannot be judged by it."""
        return (self.column,)

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule; a document without the attribute does not break it."""
        kind = pool[self.column].type()
        if not comparable(kind):
            message = f"{self.name}: {self.column} holds no numbers (it is {kind})"
            raise UsageError(message, hint="name a column that a limit can be compared with")
        value, limit = pool[self.column].cast("float64"), ibis.literal(float(self.limit))
        out = value > limit if self.keep == AT_MOST else value < limit
        return {"attribute_out_of_range": out}


def comparable(kind: DataType) -> bool:
    """Return whether a limit can be compared with a column of that type."""
    return bool(kind.is_numeric() or kind.is_boolean())
