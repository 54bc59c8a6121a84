"""Tokens of a corpus of which a sample was tokenised: estimates from bytes, by source and language.

``ingest --tokenizer X --token-sample RATE`` counts the tokens of a share of the documents, drawn by
their ids. Elsewhere tokens are bytes times a ratio, that of the counted documents of the same
source and measured language,

    r = sum of their tokens / sum of their bytes,

a ratio estimate [1]_, which is exact in the sum where all were counted. Every document is taken
so, a counted one too, because flows keep sums and no documents. Where fewer than `MIN_COUNTED`
documents of a source and language were counted, r is that of the language; where there are too
few of those, that of the corpus.

References
----------
.. [1] Cochran 1977, "Sampling Techniques", 3rd edition, sections 6.1 to 6.4.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from catalog.engine import Engine
from catalog.nouns import Unit
from catalog.schemas import SIZE

METHOD: Final = "tokens_per_byte@1"
MIN_COUNTED: Final = 30  # [1]_ section 6.3: the approximate variance holds from 30 on

Cell = tuple[str, str]  # source and language; '' where none is measured


class Domain(NamedTuple):
    """Whose documents one ratio comes from: a cell, a language, or everything."""

    source: str | None = None
    language: str | None = None

    def holds(self, other: "Domain") -> bool:
        """Return whether the documents of another domain are all among its own."""
        return all(own in (None, of) for own, of in zip(self, other, strict=True))


EVERYTHING: Final = Domain()


class Counted(NamedTuple):
    """Sums over counted documents of tokens t and bytes b."""

    n: int
    t: float
    b: float
    tt: float
    tb: float
    bb: float

    @property
    def ratio(self) -> float:
        """Tokens a byte."""
        return self.t / self.b

    def plus(self, other: "Counted") -> "Counted":
        """Add the sums of other documents."""
        return Counted(*map(sum, zip(self, other, strict=True)))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How many tokens a byte of each source and language has.

    Parameters
    ----------
    n_all : int
        Documents with text.
    cells : dict of (source, language) to Counted
        What was counted.
    """

    n_all: int
    cells: dict[Cell, Counted]
    domains: dict[Domain, Counted] = field(init=False)

    def __post_init__(self) -> None:
        found: dict[Domain, Counted] = {}
        for (source, language), counted in self.cells.items():
            for domain in (Domain(source, language), Domain(None, language), EVERYTHING):
                found[domain] = counted.plus(found[domain]) if domain in found else counted
        enough = {
            domain: counted
            for domain, counted in found.items()
            if counted.n >= MIN_COUNTED or domain == EVERYTHING
        }
        object.__setattr__(self, "domains", enough)

    @property
    def n_counted(self) -> int:
        """How many documents were counted."""
        return self.domains[EVERYTHING].n

    def domain_of(self, source: str, language: str) -> Domain:
        """Return whose ratio the documents of a source and a language take."""
        for domain in (Domain(source, language), Domain(None, language)):
            if domain in self.domains:
                return domain
        return EVERYTHING

    @property
    def brief(self) -> str:
        """Say in one phrase what was counted."""
        return f"tokens of {self.n_counted:,} of {self.n_all:,} documents, the rest from bytes"

    @property
    def words(self) -> str:
        """Say it in one sentence."""
        ratios = [counted.ratio for counted in self.domains.values()]
        own = sum(domain.source is not None for domain in self.domains)
        return (
            f"tokens are an estimate from bytes ({METHOD}): {self.n_counted:,} of {self.n_all:,} "
            f"documents were tokenised, {self.domains[EVERYTHING].ratio:.3f} tokens a byte "
            f"(from {min(ratios):.3f} to {max(ratios):.3f}); {own:,} pairs of source and language "
            f"have {MIN_COUNTED} of them and a ratio of their own, others take that of their "
            "language, or of all"
        )


def calibration(engine: Engine, unit: Unit) -> Calibration | None:
    """Return how tokens are estimated; None where they are not: all or none were counted.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    unit : Unit
        Anything but tokens needs no estimate.

    Returns
    -------
    Calibration or None
        From the documents that were counted.
    """
    if unit is not Unit.TOKENS or not engine.has("documents"):
        return None
    documents = engine.table("documents")
    both = documents.agg(
        counted=documents.n_tokens.count(),
        weighing=(documents.n_tokens.notnull() & (documents.n_bytes > 0)).sum(),
        n_all=documents.n_bytes.count(),
    )
    [row] = engine.run(both).to_pylist()
    if not row["weighing"] or row["counted"] == row["n_all"]:
        return None
    table = spoken(engine, documents).filter(documents.n_tokens.notnull())
    t, b = table.n_tokens.cast("float64"), table.n_bytes.cast("float64")
    sums = table.group_by(source=table.source, language=table.language.fill_null("")).agg(
        n=t.count(), t=t.sum(), b=b.sum(), tt=(t * t).sum(), tb=(t * b).sum(), bb=(b * b).sum()
    )
    cells = {
        (found.pop("source"), found.pop("language")): Counted(**found)
        for found in engine.run(sums).to_pylist()
        if found["b"]
    }
    return Calibration(row["n_all"], cells)


def estimated(engine: Engine, table: ir.Table, unit: Unit) -> ir.Table:
    """Return documents or flows with tokens, estimated where only a sample was tokenised.

    Parameters
    ----------
    engine : Engine
        Over one snapshot.
    table : ibis Table
        Its documents or its flows.
    unit : Unit
        For anything but tokens the table is returned as it is.

    Returns
    -------
    ibis Table
        With the columns that it had.
    """
    found = calibration(engine, unit)
    if found is None:
        return table
    if "n_tokens" in table.columns:
        rated = with_domains(found, spoken(engine, table))
        sizes = {"n_tokens": rated.n_bytes}
    else:
        rated = with_domains(found, table)
        sizes = {f"tokens_{side}": rated[f"bytes_{side}"] for side in ("in", "removed", "out")}
    tokens = {name: _tokens(n_bytes, rated) for name, n_bytes in sizes.items()}
    return rated.mutate(**tokens).select(*table.columns)


def _tokens(n_bytes: ir.NumericColumn, table: ir.Table) -> ir.Value:
    return (n_bytes.cast("float64") * table.token_ratio).cast(f"decimal(38, {SIZE.scale})")


def with_domains(found: Calibration, table: ir.Table) -> ir.Table:
    """Add `token_ratio`, and whose ratio it is: `ratio_source` and `ratio_language`, null for all.

    Parameters
    ----------
    found : Calibration
        The ratios.
    table : ibis Table
        With the columns `source` and `language`.

    Returns
    -------
    ibis Table
        With three columns more.
    """
    rows = [
        (domain.source, domain.language, counted.ratio) for domain, counted in found.domains.items()
    ]
    own = _ratios([row for row in rows if row[0] is not None], "own")
    tongue = _ratios([row for row in rows if row[0] is None and row[1] is not None], "spoken")
    language = table.language.fill_null("")
    table = table.left_join(own, (table.source == own.own_source) & (language == own.own_language))
    table = table.left_join(tongue, table.language.fill_null("") == tongue.spoken_language)
    everywhere = ibis.literal(found.domains[EVERYTHING].ratio)
    return table.mutate(
        token_ratio=ibis.coalesce(table.own_ratio, table.spoken_ratio, everywhere),
        ratio_source=table.own_source,
        ratio_language=ibis.coalesce(table.own_language, table.spoken_language),
    )


def _ratios(rows: list[tuple[str | None, str | None, float]], name: str) -> ir.Table:
    sources, languages, ratios = zip(*rows, strict=True) if rows else ((), (), ())
    return ibis.memtable(
        pa.table(
            {
                f"{name}_source": pa.array(sources, pa.string()),
                f"{name}_language": pa.array(languages, pa.string()),
                f"{name}_ratio": pa.array(ratios, pa.float64()),
            }
        )
    )


def spoken(engine: Engine, documents: ir.Table) -> ir.Table:
    """Add the measured `language` to documents that lack it; null where none was measured."""
    if "language" in documents.columns:
        return documents
    measures = engine.table("measures") if engine.has("measures") else documents
    tops = [name for name in measures.columns if name.startswith("language.top@")]
    if not tops:
        return documents.mutate(language=ibis.null("string"))
    languages = measures.select(spoken_id=measures.doc_id, language=measures[tops[-1]])
    return documents.left_join(languages, documents.doc_id == languages.spoken_id)
