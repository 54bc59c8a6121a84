"""What C4's and RefinedWeb's corrections share: a table of cuts, and what nothing is left of.

A measure speaks of the text as it was read: where an earlier stage has cut into a document already,
two stages may mean the same bytes, and the pipeline cuts no more than is left.
"""

import ibis.expr.types as ir

from curation.stage import CUT_BYTES, CUT_WORDS, LEFT_BYTES


def cut(pool: ir.Table, n_bytes: ir.IntegerValue, n_words: ir.IntegerValue) -> ir.Table:
    """Return the cuts of a correction, as `curation.stage.Correction` wants them.

    Parameters
    ----------
    pool : ibis Table
        The documents that stand.
    n_bytes, n_words : ibis integer expression
        What the correction takes out of each; null and 0 where nothing.

    Returns
    -------
    ibis Table
        `doc_id`, `cut_bytes`, `cut_words` of the documents that lose something.
    """
    cuts = pool.select("doc_id", n_bytes.name(CUT_BYTES), n_words.name(CUT_WORDS))
    return cuts.filter(cuts[CUT_BYTES] > 0)


def nothing_left(pool: ir.Table) -> ir.BooleanValue:
    """Return whether a correction cuts all that earlier stages left of a document."""
    return (pool[CUT_BYTES] > 0) & (pool[CUT_BYTES] >= pool[LEFT_BYTES])
