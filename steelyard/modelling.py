"""The commands `fit` and `models`, and the measures that ask fitted models."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from rich.text import Text

from catalog.errors import UsageError
from catalog.nouns import Unit
from catalog.parquet import sha256
from curation.measures import back_off, trigram
from curation.measures.arpa import read_arpa
from curation.measures.perplexity import ArpaPerplexity, Perplexity
from curation.models import classifier, library, topics
from curation.models.classifier import HeldOut, Scored
from curation.models.library import Model
from curation.models.texts import texts_of
from curation.models.topics import Topic
from curation.models.word_list import ListedWords, read_list, write_list
from ingest.measure import Measure
from ingest.spec import Progress
from steelyard.figures import amount
from steelyard.printable import printable
from steelyard.rendering import table
from steelyard.screen import Meter, Reply, Screen
from valuation.headlines import percent

ASKED: Final[dict[str, Callable[[str, str], Measure]]] = {
    "arpa": ArpaPerplexity,
    "perplexity": Perplexity,
    "quality": partial(Scored, "quality"),
    "safety": partial(Scored, "safety"),
    "topics": Topic,
    "wordlist": ListedWords,
}


def fit_perplexity(
    home: Path, paths: tuple[str, ...], name: str, max_bytes: int, screen: Screen
) -> Reply:
    """Fit a model of text that is held up as good, to tell how surprising other text is."""
    with (
        screen.meter() as meter,
        texts_of(home / "jobs", paths, max_bytes, partial(_move, meter)) as texts,
    ):
        screen.talk("counting words, pairs and triples")
        fitted = trigram.fit(texts)
    about = {"fitted_on": list(paths), "max_bytes": max_bytes, **fitted.filled()}
    write: Callable[[Path], object] = partial(trigram.save, fitted)
    return _kept(library.keep(home, "perplexity", name, _written(write), about))


def keep_arpa(home: Path, file: str, name: str, screen: Screen, *, lowers: bool) -> Reply:
    """Keep the back-off model of an ARPA file, to tell how surprising text is."""
    screen.talk(f"reading {file}")
    path = Path(file)
    found = read_arpa(path, lowers=lowers)
    about = {
        "fitted_on": [file],
        "source_sha256": sha256(path),
        "order": found.order,
        "ngrams": len(found.keys),
        "lower_case": found.lowers,
    }
    write: Callable[[Path], object] = partial(back_off.save, found)
    return _kept(library.keep(home, "arpa", name, _written(write), about))


def fit_topics(
    home: Path, paths: tuple[str, ...], name: str, clusters: int, max_bytes: int, screen: Screen
) -> Reply:
    """Fit topics of a pool, each labelled by its most telling terms."""
    with (
        screen.meter() as meter,
        texts_of(home / "jobs", paths, max_bytes, partial(_move, meter)) as texts,
    ):
        screen.talk(f"looking for {clusters} topics")
        fitted = topics.fit(texts, clusters)
    about = {"fitted_on": list(paths), "max_bytes": max_bytes, "labels": list(fitted.labels)}
    return _kept(library.keep(home, "topics", name, partial(topics.save, fitted), about))


def fit_classifier(
    home: Path,
    family: str,
    kinds: tuple[tuple[str, ...], tuple[str, ...]],
    name: str,
    max_bytes: int,
    screen: Screen,
) -> Reply:
    """Fit a classifier of two kinds of text; `max_bytes` is of each kind."""
    positive, negative = kinds
    jobs = home / "jobs"
    with (
        screen.meter() as meter,
        texts_of(jobs, positive, max_bytes, partial(_move, meter)) as ours,
        texts_of(jobs, negative, max_bytes, partial(_move, meter)) as others,
    ):
        screen.talk("learning to tell them apart")
        fitted, held_out = classifier.fit(ours, others)
    about = {
        "fitted_on": [*positive, *negative],
        "positive": list(positive),
        "negative": list(negative),
        "max_bytes": max_bytes,
        "held_out": held_out._asdict(),
    }
    kept = library.keep(home, family, name, partial(classifier.save, fitted), about)
    return _kept(kept, worth(held_out))


def worth(held_out: HeldOut) -> tuple[str, ...]:
    """Return what a classifier is worth, in sentences."""
    counts = f"{held_out.positives:,} positive and {held_out.negatives:,} negative"
    shares = f"{percent(held_out.found)} of the positive, {percent(held_out.mistaken)} of the rest"
    return (
        f"on {counts} texts held out: area under the curve {held_out.auc:.4f} (0.5 is luck)",
        f"the best threshold there is {held_out.threshold:.6g}: above it lie {shares}",
    )


def keep_word_list(home: Path, paths: tuple[str, ...], name: str) -> Reply:
    """Keep a list of words, to count them in every text."""
    if len(paths) != 1:
        message = f"a word list is one file, got {len(paths)} paths"
        raise UsageError(message, hint="write all words into one file")
    words = read_list(Path(paths[0]))
    about = {"fitted_on": list(paths), "words": len(words)}
    return _kept(library.keep(home, "wordlist", name, partial(write_list, words), about))


def listed(home: Path) -> Reply:
    """Return all fitted models."""
    found = library.models(home)
    return Reply(
        data={"rows": [_row(model) for model in found]},
        draw=partial(_draw_models, found),
        steps=() if found else ("steelyard fit topics PATH --name NAME",),
    )


def measures_of(home: Path, asked: Sequence[str]) -> tuple[Measure, ...]:
    """Return the measures that ask the models named on a command line.

    Parameters
    ----------
    home : Path
        The data home.
    asked : sequence of str
        ``family=name``, one a family.

    Raises
    ------
    UsageError
        When one is written otherwise, or a family is named twice.
    NotFound
        When there is no such model.
    """
    chosen: dict[str, Model] = {}
    for words in asked:
        family, equals, name = words.partition("=")
        if not equals or family in chosen:
            fault = "is named twice" if equals else "names no model"
            message = f"--model {words}: {family!r} {fault}"
            raise UsageError(message, hint="--model topics=NAME, one a family")
        chosen[family] = library.model(home, family, name)
    return tuple(ASKED[name](str(one.path), one.sha256) for name, one in sorted(chosen.items()))


def named(home: Path, asked: Sequence[str]) -> list[str]:
    """Return the names under which a snapshot remembers its models: ``topics/web@1a2b3c4d``."""
    pairs = [words.partition("=") for words in asked]
    return sorted(library.model(home, family, name).id for family, _, name in pairs)


def _written(write: Callable[[Path], object]) -> Callable[[Path], None]:
    def only_write(path: Path) -> None:
        write(path)

    return only_write


def _kept(model: Model, remarks: tuple[str, ...] = ()) -> Reply:
    headline = f"{model.id} is kept"
    return Reply(
        data={"headline": headline, "rows": [_row(model)]},
        draw=partial(_draw_kept, headline, model, remarks),
        steps=(f"steelyard ingest PATH --corpus NAME --model {model.family}={model.name}",),
    )


def _row(model: Model) -> dict[str, object]:
    return {
        "family": model.family,
        "name": model.name,
        "sha256": model.sha256,
        "n_bytes": model.path.stat().st_size,
        **{key: value for key, value in model.about.items() if key != "sha256"},
    }


def _draw_kept(headline: str, model: Model, remarks: tuple[str, ...], screen: Screen) -> None:
    screen.say(headline, style="bold")
    for remark in remarks:
        screen.say(remark)
    labels = model.about.get("labels")
    if isinstance(labels, list):
        for number, label in enumerate(labels):
            screen.say(f"{number:>4}  {printable(str(label))}")


def _draw_models(found: Iterable[Model], screen: Screen) -> None:
    drawn = table("model", "size", "held out", "fitted on")
    for model in found:
        size = amount(model.path.stat().st_size, Unit.BYTES)
        fitted_on = model.about.get("fitted_on", [])
        paths = ", ".join(map(str, fitted_on)) if isinstance(fitted_on, list) else ""
        drawn.add_row(Text(printable(model.id)), size, _held_out(model), Text(printable(paths)))
    screen.show(drawn)


def _held_out(model: Model) -> str:
    """Return what a classifier's card says of the texts it was not fitted on."""
    held_out = model.about.get("held_out")
    if not isinstance(held_out, dict):
        return ""
    return f"AUC {held_out['auc']:.4f}, threshold {held_out['threshold']:.6g}"


def _move(meter: Meter, now: Progress) -> None:
    said = f"reading {now.done_files}/{now.total_files} files, {now.documents:,} texts"
    meter(said, now.done_bytes, now.total_bytes)
