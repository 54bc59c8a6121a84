"""Where a text stands, as it is told: usernames hidden, and how many documents hold it."""

from dataclasses import replace

from catalog.store import Catalog
from curation.find import Found, Hit, Place
from valuation.asked import grouping_of
from valuation.headlines import percent
from valuation.persons import usernames, withheld


def named(catalog: Catalog, found: Found, *, reveal: bool) -> Found:
    """Return the same hits with every contributor under the name it is shown by.

    Parameters
    ----------
    catalog : Catalog
        Whose key makes the pseudonyms.
    found : Found
        As `curation.find.find` returns it.
    reveal : bool
        Whether to keep usernames; without them an address that spells one is withheld.

    Returns
    -------
    Found
        Where two kinds share a name, the kind is added.
    """
    makers = sorted({(name, kind) for hit in found.hits for name, kind, _ in hit.contributors})
    names = grouping_of(catalog, "contributor", None, reveal=reveal).shown(makers)
    people = {} if reveal else _behind(catalog, found)

    def told(place: Place) -> Place:
        return replace(place, url=withheld(place.url, people.get(place.doc_id, ())))

    def shown(hit: Hit) -> Hit:
        fates = (
            replace(one, duplicate_of=one.duplicate_of and told(one.duplicate_of))
            for one in hit.fates
        )
        credited = ((names[name, kind], kind, part) for name, kind, part in hit.contributors)
        return replace(hit, place=told(hit.place), contributors=tuple(credited), fates=tuple(fates))

    return replace(found, hits=tuple(map(shown, found.hits)))


def headline(found: Found) -> str:
    """Return how many documents hold the text, of how many that were searched."""
    least = percent(found.least)
    searched = f"{found.searched:,} documents of {found.corpus}"
    if not found.matched:
        return f"0 of {searched} hold {least} or more of the text"
    verb = "holds" if found.matched == 1 else "hold"
    return f"{found.matched:,} of {searched} {verb} {least} or more of the text"


def _behind(catalog: Catalog, found: Found) -> dict[str, tuple[str, ...]]:
    winners = {
        fate.duplicate_of.doc_id for hit in found.hits for fate in hit.fates if fate.duplicate_of
    }
    met = {hit.place.doc_id for hit in found.hits} | winners
    if not met:
        return {}
    snapshot = catalog.snapshot(f"{found.corpus}@{found.snapshot}")
    return dict(usernames(catalog, snapshot, met))
