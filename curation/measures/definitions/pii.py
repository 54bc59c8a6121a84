r"""Personal data that a pattern can see: e-mail addresses, phone numbers, internet addresses.

The patterns are those of dolma's fast tagger [1]_, line by line (a line with its line feed). They
have known gaps that are kept: an address at the very end of a text without a line feed, or a phone
number at the start of a line, is not counted. Only counts are stored, never what was found.

References
----------
.. [1] Soldaini et al. 2024, "Dolma", arXiv:2402.00159, taggers/pii.py, `FastPiiRegex`.
"""

import re
from typing import Final

import pyarrow as pa

from curation.measures.definition import Definition, Example

# [1]: the local part, the domain; then a separator and white space, of which one is needed.
_EMAIL: Final = re.compile(r"[.\s@,?!;:)(]*([^\s@]+)@([^\s@,?!;:)(]+?)[.\s@,?!;:)(]?\s")
_PHONE: Final = re.compile(r"\s\(?\d{3}\)?[-. ]*\d{3}[-. ]?\d{4}")  # [1]
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)"
_IPV4: Final = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}")  # [1]

_SOURCE: Final = "dolma, taggers/pii.py, FastPiiRegex (Soldaini et al. 2024, arXiv:2402.00159)"
_TEXT: Final = "Write to (a.b@example.org) or\ncall (555) 010-0199 from 192.0.2.1.\nnobody@here no"


def _column(name: str, sentence: str, formula: str, value: int) -> Definition:
    return Definition(
        f"pii.{name}@1", pa.int32(), sentence, formula, _SOURCE, Example(_TEXT, value)
    )


COLUMNS: Final = (
    _column(
        "emails",
        "E-mail addresses with a dot in the domain, followed by white space.",
        r"[.\s@,?!;:)(]*([^\s@]+)@([^\s@,?!;:)(]+?)[.\s@,?!;:)(]?\s, a dot in the second group, "
        "the first not '('",
        1,
    ),
    _column(
        "phones",
        "Ten-digit telephone numbers as North America writes them, after white space.",
        r"\s\(?\d{3}\)?[-. ]*\d{3}[-. ]?\d{4}",
        1,
    ),
    _column(
        "ipv4",
        "Four numbers up to 255 between dots.",
        r"(?:o\.){3}o with o = 25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?",
        1,
    ),
)


def count(text: str) -> dict[str, int]:
    """Return the columns of one text."""
    emails = phones = addresses = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        for local, domain in _EMAIL.findall(line):
            emails += local != "(" and "." in domain
        phones += len(_PHONE.findall(line))
        addresses += len(_IPV4.findall(line))
    return {"pii.emails@1": emails, "pii.phones@1": phones, "pii.ipv4@1": addresses}
