"""The command `credit`: who is credited with a text that several hold, by each of some policies."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from rich.table import Column
from rich.text import Text

from catalog.nouns import Unit
from curation.credit import Credit, Credited
from curation.parties import Copied
from steelyard.figures import amount, share
from steelyard.printable import printable
from steelyard.rendering import right, table
from steelyard.screen import Reply, Screen
from valuation.credits import UNMOVED, headline, warnings


def reply(found: Credit, limit: int, *, matrix: bool) -> Reply:
    """Return who is credited as a reply, who moves most first.

    Parameters
    ----------
    found : Credit
        With every party under the name it is shown by.
    limit : int
        Rows to show, 0 for all.
    matrix : bool
        Whether to show who copies whom.

    Returns
    -------
    Reply
        With the matrix only where it was asked for.
    """
    rows = found.rows[:limit] if limit else found.rows
    copied = (found.matrix[:limit] if limit else found.matrix) if matrix else ()
    data = {
        "corpus": found.corpus,
        "headline": headline(found),
        "duplicates": found.duplicates,
        "by": found.by,
        "unit": found.unit,
        "policies": found.policies,
        "recipe": found.recipe,
        "totals": found.totals,
        "clusters": found.clusters,
        "members": found.members,
        "method": found.method,
        "rows": [_row(row, found) for row in rows],
    }
    if matrix:
        data["matrix_policy"] = found.matrix_policy
        data["matrix"] = [_pair(pair) for pair in copied]
    idle = matrix and not found.matrix_policy
    said = ("no policy was asked for that names one winner: there is no matrix",) if idle else ()
    return Reply(
        data=data,
        draw=partial(_draw, found, rows, copied),
        warnings=(*warnings(found), *said),
        snapshot=found.snapshot,
        basis=_basis(found),
        steps=_steps(found, matrix=matrix),
    )


def _row(row: Credited, found: Credit) -> dict[str, object]:
    credited = {
        policy: {"size": row.alone + row.shared[policy], "share": row.shares[policy]}
        for policy in found.policies
    }
    return {
        "key": row.key,
        "kind": row.kind,
        "alone": row.alone,
        "credit": credited,
        "moved": row.moved,
    }


def _pair(pair: Copied) -> dict[str, object]:
    return {
        "key": pair.key,
        "winner": pair.winner,
        "documents": pair.documents,
        "bytes": pair.bytes,
    }


def _draw(
    found: Credit,
    rows: Sequence[Credited],
    copied: Sequence[Copied],
    screen: Screen,
) -> None:
    screen.say(headline(found), style="bold")
    screen.say("")
    drawn = table(Column(found.by, overflow="fold"), right("alone"))
    for policy in found.policies:
        drawn.add_column(policy, justify="right", no_wrap=True)
    drawn.add_column("moved", justify="right", no_wrap=True)
    for row in rows:
        drawn.add_row(
            Text(printable(row.key)),
            _size(row.alone, found.unit),
            *(share(row.shares[policy]) for policy in found.policies),
            f"{row.moved * 100:+.2f} points" if abs(row.moved) >= UNMOVED else "·",
        )
    screen.show(drawn)
    if hidden := len(found.rows) - len(rows):
        screen.say(f"… {hidden:,} more: --limit 0", style="dim")
    if copied:
        _draw_matrix(found, copied, screen)


def _draw_matrix(found: Credit, copied: Sequence[Copied], screen: Screen) -> None:
    screen.say("")
    screen.say(f"whose copies go, under whose copy ({found.matrix_policy})", style="bold")
    drawn = table("copies of", "go under", right("documents"), right("bytes"))
    for pair in copied:
        drawn.add_row(
            Text(printable(pair.key)),
            Text(printable(pair.winner)),
            f"{float(pair.documents):,.6g}",
            _size(pair.bytes, Unit.BYTES),
        )
    screen.show(drawn)
    if hidden := len(found.matrix) - len(copied):
        screen.say(f"… {hidden:,} more: --limit 0", style="dim")


def _size(size: Decimal, unit: Unit) -> str:
    return amount(float(size), unit)


def _basis(found: Credit) -> str:
    parts = [
        str(found.unit),
        f"duplicates: {found.duplicates}",
        f"kept by {found.recipe}" if found.recipe else "",
        "counted exactly",
        found.snapshot,
    ]
    return "basis: " + ", ".join(part for part in parts if part)


def _steps(found: Credit, *, matrix: bool) -> tuple[str, ...]:
    asked = f"steelyard credit {found.corpus}"
    steps = []
    if not matrix and found.matrix:
        steps.append(f"{asked} --matrix")
    if found.duplicates == "exact":
        steps.append(f"{asked} --kind near:14x8")
    return (*steps, f"steelyard find TEXT --corpus {found.corpus}")
