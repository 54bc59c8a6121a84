"""Rules whose answer lasts: it depends on a document's own measures and on nothing else.

What such a rule says of every document is written down once, one bit a rule, beside the pool. A
decision with another threshold asks only the rules that became other ones.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from curation.pool import not_fitted
from curation.recipe import Recipe
from curation.stage import CUT_BYTES, CUT_WORDS, LEFT_BYTES, STANDING, WINNER, Stage

KNOWN: Final = "known_faults"  # the pool's column: bit i = the rule that `known_rules` says
MAX_BITS: Final = 63
_GIVEN: Final = {STANDING, WINNER, CUT_BYTES, CUT_WORDS, LEFT_BYTES}
# what looks at other documents, or is another thing each time
_NOT_ALONE: Final = (ops.Analytic, ops.Reduction, ops.WindowFunction, ops.Impure, ops.Subquery)


def as_asked(pool: ir.Table) -> ir.Table:
    """Return a table with the columns a stage is given, to ask what its rules are made of."""
    size, columns = ibis.dtype("int64"), dict(pool.schema().items())
    given = {STANDING: ibis.dtype("boolean"), WINNER: columns["doc_id"]}
    sizes = dict.fromkeys((CUT_BYTES, CUT_WORDS, LEFT_BYTES), size)
    return ibis.table({**columns, **given, **sizes}, name="pool")


def lasting(stage: Stage, pool: ir.Table) -> dict[str, ir.BooleanValue]:
    """Return the rules of a stage whose answers last, as they ask a table like `pool`."""
    if not_fitted(stage, pool.columns):
        return {}
    judged = stage.judge(as_asked(pool.drop(KNOWN) if KNOWN in pool.columns else pool))
    return {rule: judged[rule] for rule in stage.rules if _lasts(judged[rule])}


def names_of(rules: Mapping[str, ir.BooleanValue]) -> dict[str, str]:
    """Return, for each of the rules that `lasting` found, what tells it from every other."""
    return {
        rule: hashlib.sha256(str(ibis.to_sql(asked, dialect="duckdb")).encode()).hexdigest()
        for rule, asked in rules.items()
    }


def known_rules(recipe: Recipe, pool: ir.Table) -> dict[str, int]:
    """Return the bit that each lasting rule of a recipe is written down in."""
    names = dict.fromkeys(
        name for stage in recipe.stages for name in names_of(lasting(stage, pool)).values()
    )
    return {name: bit for bit, name in enumerate(names) if bit < MAX_BITS}


def with_known(pool: ir.Table, recipe: Recipe, known: Mapping[str, int]) -> ir.Table:
    """Add the column with the answers of the lasting rules of a recipe.

    Parameters
    ----------
    pool : ibis Table
        One row a document, with the columns that those rules need.
    recipe : Recipe
        Whose rules.
    known : mapping of str to int
        The bit of each lasting rule.

    Returns
    -------
    ibis Table
        `pool` with one column more.
    """
    table = alone(pool)
    answers: dict[int, ir.BooleanValue] = {}
    for stage in recipe.stages:
        found = names_of(lasting(stage, pool))
        names = {rule: name for rule, name in found.items() if name in known}
        judged = stage.judge(table) if names else {}
        answers |= {known[name]: judged[rule] for rule, name in names.items()}
    bits = ibis.literal(0, "int64")
    for bit, broken in answers.items():
        bits = bits + ibis.ifelse(broken.fill_null(False), ibis.literal(1 << bit, "int64"), 0)
    return table.mutate(bits.name(KNOWN)).drop(*_GIVEN)


def alone(pool: ir.Table) -> ir.Table:
    """Give every document what stages are given, as if it were the only one: it stands, uncut."""
    sizes = dict.fromkeys((CUT_BYTES, CUT_WORDS, LEFT_BYTES), ibis.literal(0, "int64"))
    return pool.mutate(**{STANDING: ibis.literal(True), WINNER: pool["doc_id"], **sizes})


def _lasts(rule: ir.BooleanValue) -> bool:
    tree = rule.op()
    asks = {field.name for field in tree.find(ops.Field)}
    return not asks & _GIVEN and not tree.find(_NOT_ALONE)
