"""Of how much of a corpus it is known who made it."""

from catalog.engine import Engine
from catalog.nouns import ContributorKind, Unit
from valuation.groups import Grouping, booked


def attributed_share(engine: Engine, unit: Unit) -> float | None:
    """Return the part of a corpus of documents whose contributors are known, in [0, 1].

    None where there are no documents, or none has a size in `unit`.
    """
    if not engine.has("documents"):
        return None
    documents = booked(engine, unit, Grouping("contributor"))
    known = documents.kind != ContributorKind.UNATTRIBUTED.value
    sums = documents.agg(known=documents["size"].sum(where=known), whole=documents["size"].sum())
    row = engine.run(sums).to_pylist()[0]
    return float(row["known"] or 0) / float(row["whole"]) if row["whole"] else None
