"""Every stage a recipe can name."""

from typing import Final

from curation.stage import Stage
from curation.stages.attribute import Attribute
from curation.stages.c4_lines import C4Lines
from curation.stages.c4_page import C4Page
from curation.stages.code_lines import CodeLines
from curation.stages.dclm_fasttext import DclmFastText
from curation.stages.exact_dedup import ExactDedup
from curation.stages.fineweb_quality import FineWebQuality
from curation.stages.gopher_quality import GopherQuality
from curation.stages.gopher_quality_by import GopherQualityBy
from curation.stages.gopher_repetition import GopherRepetition
from curation.stages.gpt3_resample import Gpt3Resample
from curation.stages.language import Language
from curation.stages.line_dedup import LineDedup
from curation.stages.listed_words import ListedWords
from curation.stages.near_dedup import NearDedup
from curation.stages.paragraph_dedup import ParagraphDedup
from curation.stages.perplexity import Perplexity
from curation.stages.pii import Pii
from curation.stages.quality_classifier import QualityClassifier
from curation.stages.refinedweb_lines import RefinedWebLines
from curation.stages.refinedweb_word_removal import RefinedWebWordRemoval
from curation.stages.safety import Safety
from curation.stages.semantic import Semantic
from curation.stages.text_metrics import TextMetrics
from curation.stages.topic import Topic
from curation.stages.url_blocklist import UrlBlocklist
from curation.stages.url_dedup import UrlDedup
from curation.stages.votes import MinVotes

STAGES: Final[dict[str, type[Stage]]] = {
    kind.name: kind
    for kind in (
        UrlBlocklist,
        Language,
        TextMetrics,
        GopherQuality,
        GopherQualityBy,
        GopherRepetition,
        C4Page,
        C4Lines,
        FineWebQuality,
        RefinedWebLines,
        RefinedWebWordRemoval,
        CodeLines,
        MinVotes,
        Attribute,
        Pii,
        Perplexity,
        QualityClassifier,
        DclmFastText,
        Gpt3Resample,
        Semantic,
        Topic,
        Safety,
        ListedWords,
        UrlDedup,
        LineDedup,
        ParagraphDedup,
        NearDedup,
        ExactDedup,
    )
}
