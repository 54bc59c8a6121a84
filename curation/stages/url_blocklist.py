"""Drop pages of listed sites.

References
----------
.. [1] Penedo et al. 2023, "The RefinedWeb Dataset", arXiv:2306.01116, section 3.1 and appendix G.1:
   a list of 4.6 million domains (UT1, University of Toulouse) and a score of words in the URL. The
   list is not part of Steelyard, and words in URLs are not scored here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import ibis.expr.types as ir

from curation.stage import threshold
from curation.stages.parameters import refuse

_HOST: Final = re.compile(r"[^\s/:A-Z]+(\.[^\s/:A-Z]+)+")


@dataclass(frozen=True, slots=True)
class UrlBlocklist:
    """Asks whether a document comes from a listed site.

    Parameters
    ----------
    domains : tuple of str
        Sites in small letters: a host, or a registered or private domain with all its hosts;
        none: nothing is removed. [1]_ lists 4.6 million.
    """

    domains: tuple[str, ...] = threshold(
        (), "a list of your own; Penedo et al. 2023, arXiv:2306.01116, section 3.1, has UT1's"
    )

    name: ClassVar[str] = "url_blocklist@1"
    rules: ClassVar[tuple[str, ...]] = ("url_blocked",)
    needs: ClassVar[tuple[str, ...]] = ("host", "registered_domain", "private_domain")

    def __post_init__(self) -> None:
        strange = [domain for domain in self.domains if not _HOST.fullmatch(domain)]
        refuse(
            self,
            [
                f"domains must be hosts such as ads.example.com, got {name!r}"
                for name in strange[:1]
            ],
        )

    def judge(self, pool: ir.Table) -> Mapping[str, ir.BooleanValue]:
        """Return the one rule; unknown where a document has no host."""
        host, registered = pool["host"], pool["registered_domain"].fill_null("")
        private, listed = pool["private_domain"].fill_null(""), self.domains
        blocked = host.isin(listed) | registered.isin(listed) | private.isin(listed)
        return {"url_blocked": blocked}
