"""A sample of a corpus: the same documents every time, and a smaller sample inside a larger one.

Each document is in or out by its own id alone, so a sample depends neither on the order of the
files nor on the number of workers. Each is kept with the same chance, whatever the others are: that
is Bernoulli sampling, and given how many came out, a simple random sample of that size [1]_.

References
----------
.. [1] Särndal, Swensson and Wretman 1992, "Model Assisted Survey Sampling", section 3.2.
"""

from typing import Final

import xxhash

from catalog.errors import UsageError

METHOD: Final = "doc_id_hash@1"
_SEED: Final = 0x53414D504C45  # so that the draw has nothing to do with other uses of an id
_ALL: Final = 1 << 64


def in_sample(doc_id: bytes, rate: float, seed: int = _SEED) -> bool:
    """Return whether a document belongs to the sample: its hash, as a fraction, is below `rate`."""
    return xxhash.xxh3_64_intdigest(doc_id, seed) < rate * _ALL


def check_rate(rate: float) -> None:
    """Refuse a rate that is no share of the documents.

    Raises
    ------
    UsageError
        When it does not lie in (0, 1].
    """
    if not 0 < rate <= 1:
        message = f"a sample of {rate} is not possible: above 0 and at most 1 is allowed"
        raise UsageError(message, hint="--sample 0.01 keeps one document in a hundred")


def said(rate: float, documents_read: int) -> dict[str, object]:
    """Return what the snapshot says of its sample; nothing where it is no sample."""
    if rate == 1:
        return {}
    return {"sample": {"rate": rate, "method": METHOD, "of_documents": documents_read}}
