"""Runs that other pipelines made, read from what they left behind, into the same ledger."""

from typing import Final

from curation.imports import attributes, data_juicer, datatrove, dclm, dolma_mixer
from curation.imports.publishing import Reader, import_run

KINDS: Final[dict[str, Reader]] = {
    "datatrove": datatrove.read,
    "dolma": dolma_mixer.read,
    "dolma-attributes": attributes.read_dolma,
    "redpajama-v2": attributes.read_redpajama,
    "data-juicer": data_juicer.read,
    "dclm": dclm.read,
}

__all__ = ["KINDS", "import_run"]
