"""The benchmark corpus: documentation of 40 Debian packages, as JSON lines and Parquet.

    python bench/debian_docs.py [FOLDER]

Builds it into FOLDER, else $STEELYARD_BENCH, else ~/.cache/steelyard-bench; what is there is kept.
Needs Debian or Ubuntu with `apt-get` and `dpkg-deb`; nothing is installed. About 64,000 documents
with 420 MB of text by people: manuals in many languages, kernel documentation and its HTML, man
pages, changelog entries, quotations. It holds what real corpora hold: copies, near copies,
translations, boilerplate. All of it is free (Debian main, see each package's copyright file), and
none of it belongs into the repository. Security updates move its versions, so its counts are not
exact from month to month: the folder's `versions.tsv` says what was taken.

Fields: id, text, source (the package), kind, path, authors (only where they are written to be
read: changelog signatures, `.An` of mdoc, `:Author:` fields, attributions of quotations; names, no
addresses), date (likewise), lang (where the path says it).
"""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from ingest import debian, extraction, roff

_PACKAGES: Final = """
linux-doc-6.1 debian-handbook python3.11-doc manpages manpages-dev freebsd-manpages manpages-de
manpages-fr manpages-ja manpages-es manpages-ru perl-doc git-doc postgresql-doc-15 anarchism
fortunes fortunes-min developers-reference debian-policy debian-history debian-kernel-handbook
debian-reference-en debian-reference-fr debian-reference-de debian-reference-ja debian-faq
debian-faq-fr debian-faq-ru vim-doc libreoffice-help-en-us cmake-doc libstdc++-12-doc octave-doc
apache2-doc sqlite3-doc bash-doc zsh-doc exim4-doc-html mutt lintian
"""
FILES: Final = 8  # of each variant
PROCESSES: Final = 2
FILE_LIMIT: Final = 32 << 20  # bytes; longer files are logs
_CHUNK: Final = 200  # files of a package that are converted in one go
_ROWS: Final = 4096  # of a row group

_VERSIONED: Final = {  # names that carry a version, and which names stand for them elsewhere
    "linux-doc-6.1": r"linux-doc-(\d+\.\d+)",
    "python3.11-doc": r"python3\.(\d+)-doc",
    "postgresql-doc-15": r"postgresql-doc-(\d+)",
    "libstdc++-12-doc": r"libstdc\+\+-(\d+)-doc",
}
_TEXT_SUFFIXES: Final = ("rst", "txt", "yaml", "md", "pod", "tag", "debian", "exceptions")
_MAN: Final = re.compile(r"usr/share/man/(?:([a-z]{2}(?:_[A-Z]{2})?)/)?man\w+/")
_LANGUAGE: Final = re.compile(
    r"(?:/html/|/manual/|\.)([a-z]{2}(?:-[A-Z]{2}|-[a-z]{2})?)(?=/|\.html|\.txt)"
    r"|^usr/share/doc/debian-(?:faq|reference)-([a-z]{2})/"
)
_LANGUAGES: Final = """
ar ca cs da de el en es fa fi fr gl hr hu id it ja ko nb nl pl pt ro ru sk sv tr uk vi zh
"""
_CONTROL: Final = re.compile(rb"[\x00-\x06\x0e-\x1a]")
_MDOC_AUTHOR: Final = re.compile(r"^\.An +(?!-)\"?([^\"\n]+?)\"?(?: +(?:Aq|Mt|Ao|<).*)?$", re.M)
_MAN_DATE: Final = re.compile(r'^\.TH +\S+ +\S+ +"?(\d{4}-\d{2}-\d{2})', re.M)
_FIELD_AUTHOR: Final = re.compile(r"^:Authors?: *(.+)$", re.M | re.I)
_QUOTED: Final = re.compile(r"\n\s*-- *([^\n]+)\s*\Z")

Row = dict[str, Any]
SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "text", "source", "kind", "path")),
        ("authors", pa.list_(pa.string())),
        ("date", pa.string()),
        ("lang", pa.string()),
    ]
)


def folder() -> Path:
    """Return where the corpus lies or is to lie."""
    named = sys.argv[1] if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else None
    named = named or os.environ.get("STEELYARD_BENCH")
    return Path(named) if named else Path.home() / ".cache" / "steelyard-bench"


def build(where: Path) -> Row:
    """Build the corpus where it is not yet, and return its summary."""
    summary = where / "summary.json"
    if not summary.is_file():
        (where / "debs").mkdir(parents=True, exist_ok=True)
        missing = _download(where)
        _unpack(where)
        started = time.perf_counter()
        found = _convert(where)
        found |= {"missing": missing, "seconds": round(time.perf_counter() - started)}
        summary.write_text(json.dumps(found, indent=1))
    found = json.loads(summary.read_text())
    _variants(where)
    return found


def _download(where: Path) -> list[str]:
    """Fetch the packages that are not there; return the names that this Debian has not."""
    debs = where / "debs"
    there = {deb.name.partition("_")[0] for deb in debs.glob("*.deb")}
    packages = _PACKAGES.split()
    if not set(packages) <= there:
        subprocess.run(["apt-get", "update", "-q"], check=False, stdout=subprocess.DEVNULL)
    wanted = {name: _candidate(name) for name in packages}
    names = [name for name in wanted.values() if name and name not in there]
    if names:
        # apt's own user may not write here; nothing is installed, so none is needed
        command = ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", *names]
        subprocess.run(command, check=True, cwd=debs, stdout=subprocess.DEVNULL)
    with (where / "versions.tsv").open("w") as listing:
        for deb in sorted(debs.glob("*.deb")):
            name, version, _ = deb.name.split("_")
            digest = hashlib.sha256(deb.read_bytes()).hexdigest()
            listing.write(
                f"{name}\t{version.replace('%3a', ':')}\t{deb.stat().st_size}\t{digest}\n"
            )
    return [name for name, taken in wanted.items() if not taken]


def _candidate(name: str) -> str | None:
    """Return the package that stands for `name` here: itself, or its newest other version."""
    if _apt_cache("show", "--no-all-versions", name):
        return name
    pattern = _VERSIONED.get(name)
    if pattern is None:
        return None
    names = _apt_cache("pkgnames", re.split(r"\d|\(", name)[0]).split()
    found = {tuple(map(int, m[1].split("."))): n for n in names if (m := re.fullmatch(pattern, n))}
    return found[max(found)] if found else None


def _apt_cache(*arguments: str) -> str:
    return subprocess.run(
        ["apt-cache", *arguments], check=False, capture_output=True, text=True
    ).stdout


def _unpack(where: Path) -> None:
    for deb in sorted((where / "debs").glob("*.deb")):
        tree = where / "tree" / deb.name.partition("_")[0]
        if not tree.is_dir():
            part = tree.with_name(tree.name + ".part")
            part.mkdir(parents=True, exist_ok=True)
            subprocess.run(["dpkg-deb", "-x", deb, part], check=True)
            part.rename(tree)


def packages(where: Path) -> list[Path]:
    """Return the folder of each unpacked package."""
    return sorted(path for path in (where / "tree").iterdir() if path.is_dir())


def files(tree: Path) -> list[Path]:
    """Return the files of a package; a link is another name, not another copy."""
    found = (path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(found, key=lambda path: str(path.relative_to(tree)))


def _convert(where: Path) -> Row:
    """Write the corpus as `.jsonl`, and return how much it is."""
    chunks = []
    for tree in packages(where):
        paths = files(tree)
        chunks += [(tree, paths[at : at + _CHUNK]) for at in range(0, len(paths), _CHUNK)]
    corpus = where / "corpus"
    corpus.mkdir(exist_ok=True)
    outputs = [(corpus / f"part-{n}.jsonl.part").open("wb") for n in range(FILES)]
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    skipped: Counter[str] = Counter()
    sources, people, authored, written, n = set[str](), set[str](), 0, [0] * FILES, 0
    with ProcessPoolExecutor(PROCESSES) as pool:
        for rows, left_out in pool.map(_chunk, chunks, chunksize=2):
            skipped += left_out
            for row in rows:
                line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
                outputs[n % FILES].write(line)
                written[n % FILES] += len(line)
                n += 1
                kinds[row["kind"]].update(documents=1, bytes=len(row["text"].encode()))
                sources.add(row["source"])
                people.update(row["authors"])
                authored += bool(row["authors"])
    for number, output in enumerate(outputs):
        output.close()
        Path(output.name).rename(corpus / f"part-{number}.jsonl")
    return {
        "documents": n,
        "text_bytes": sum(kind["bytes"] for kind in kinds.values()),
        "jsonl_bytes": sum(written),
        "sources": len(sources),
        "authors": len(people),
        "authored": authored,
        "kinds": {name: dict(kind) for name, kind in sorted(kinds.items())},
        "skipped": dict(skipped),
    }


def _chunk(task: tuple[Path, list[Path]]) -> tuple[list[Row], Counter[str]]:
    tree, paths = task
    skipped: Counter[str] = Counter()
    rows: list[Row] = []
    for path in paths:
        inside = str(path.relative_to(tree))
        reader = _reader(inside)
        text = _text(path, html=reader is _html) if reader else "no text by its name"
        if reader is None or isinstance(text, bytes):
            skipped[text.decode() if isinstance(text, bytes) else text] += 1
            continue
        found = [row for row in reader(inside, text) if row["text"].strip()]
        skipped["no text inside"] += not found
        for number, row in enumerate(found):
            name = f"{tree.name}/{inside}" + (f"#{number}" if len(found) > 1 else "")
            common = {"id": name, "text": "", "source": tree.name, "kind": "", "path": inside}
            extra = {"authors": [], "date": None, "lang": language(inside)}
            rows.append(common | extra | row)
    return rows, skipped


def _text(path: Path, *, html: bool) -> str | bytes:
    """Return the text of a file, or in bytes why there is none."""
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return b"broken gzip"
    if len(data) > FILE_LIMIT:
        return b"too long"
    if html:
        page = extraction.decoded(data, None)
        return b"too deep" if extraction.too_deep(page) else page
    if data.startswith(b"%PDF") or _CONTROL.search(data[:65536]):
        return b"not text"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return b"not UTF-8"
    return text


def _reader(inside: str) -> Any:
    """Return what turns a file into documents, by its path; None where it holds none."""
    name = inside.rpartition("/")[2].removesuffix(".gz")
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if name.lower().startswith("changelog"):
        return _changelog
    if _MAN.match(inside):
        return _manual
    if "/games/fortunes/" in inside:
        return None if suffix in {"dat", "u8"} else _fortunes
    if suffix in {"html", "htm", "xhtml"}:
        return _html
    if name == "copyright" or "licen" in name.lower():
        return partial(_plain, "licence")
    if suffix in _TEXT_SUFFIXES or (not suffix and "/doc/" in inside):
        return partial(_plain, "text")
    return None


def _plain(kind: str, _: str, text: str) -> Iterator[Row]:
    authors = [_name(found) for found in _FIELD_AUTHOR.findall(text[:4096])]
    yield {"text": text, "kind": kind, "authors": [name for name in authors if name]}


def _html(_: str, text: str) -> Iterator[Row]:
    yield {"text": extraction.main_content(text), "kind": "html"}


def _manual(_: str, text: str) -> Iterator[Row]:
    authors = [_name(found) for found in _MDOC_AUTHOR.findall(text)]
    date = _MAN_DATE.search(text)
    yield {
        "text": roff.plain(text),
        "kind": "manual",
        "authors": list(dict.fromkeys(name for name in authors if name)),
        "date": date[1] if date else None,
    }


def _changelog(_: str, text: str) -> Iterator[Row]:
    if not debian.is_changelog(text):
        yield {"text": text, "kind": "upstream changelog"}
        return
    for entry in debian.entries(text):
        yield {
            "text": entry.text,
            "kind": "changelog entry",
            "authors": [entry.signed.name] if entry.signed and entry.signed.name else [],
            "date": entry.signed_at.isoformat() if entry.signed_at else None,
        }


def _fortunes(_: str, text: str) -> Iterator[Row]:
    for quote in re.split(r"^%$\n?", text, flags=re.M):
        said = _QUOTED.search(quote)
        name = _name(re.split(r'[,"(\[]', said[1])[0]) if said else ""
        yield {"text": quote.strip("\n"), "kind": "fortune", "authors": [name] if name else []}


def _name(text: str) -> str:
    """Return a name without its address, or nothing where it is too long to be one."""
    name = " ".join(re.sub(r"<[^>]*>|\S+@\S+", " ", text).split()).strip(" .,;:*-")
    return name if 2 < len(name) <= 60 else ""


def language(inside: str) -> str | None:
    """Return the language that a path states; None where it says nothing."""
    manual = _MAN.match(inside)
    if manual:
        return manual[1].replace("_", "-") if manual[1] else "en"
    for found in _LANGUAGE.finditer(inside):
        code = found[1] or found[2]
        if code[:2] in _LANGUAGES.split():
            return code
    return None


def _variants(where: Path) -> None:
    """Write the same rows as `.jsonl.zst`, `.jsonl.gz` and `.parquet`, where they are not yet."""
    for path in sorted((where / "corpus").glob("*.jsonl")):
        for suffix, write in ((".jsonl.zst", _zst), (".jsonl.gz", _gz), (".parquet", _parquet)):
            made = path.with_suffix(suffix)
            if not made.is_file():
                part = made.with_name(made.name + ".part")
                write(path, part)
                part.rename(made)


def _zst(path: Path, made: Path) -> None:
    with path.open("rb") as source, made.open("wb") as target:
        packer = zstandard.ZstdCompressor(level=3, write_checksum=True)
        packer.copy_stream(source, target, size=path.stat().st_size)


def _gz(path: Path, made: Path) -> None:
    made.write_bytes(gzip.compress(path.read_bytes(), compresslevel=6, mtime=0))


def _parquet(path: Path, made: Path) -> None:
    options = {"compression": "zstd", "write_page_checksum": True}
    with path.open("rb") as lines, pq.ParquetWriter(made, SCHEMA, **options) as writer:
        rows: list[Row] = []
        for line in lines:
            rows.append(orjson.loads(line))
            if len(rows) == _ROWS:
                writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
                rows.clear()
        writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))


def corpus(where: Path, suffix: str) -> list[Path]:
    """Return the files of the corpus in one form: `.jsonl`, `.jsonl.zst`, ..., `.parquet`."""
    return sorted((where / "corpus").glob(f"part-*{suffix}"))


def main() -> None:
    """Build the corpus and say what it holds."""
    where = folder()
    found = build(where)
    print(f"{where}: {found['documents']:,} documents, {found['text_bytes'] / 1e6:.1f} MB of text")
    print(
        f"{found['sources']} sources; {found['authors']:,} authors on {found['authored']:,} of them"
    )
    for name, kind in found["kinds"].items():
        print(f"  {name:<20} {kind['documents']:>8,} {kind['bytes'] / 1e6:>8.1f} MB")
    for suffix in (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"):
        sizes = [path.stat().st_size for path in corpus(where, suffix)]
        print(f"  {len(sizes)} files *{suffix:<12} {sum(sizes) / 1e6:>8.1f} MB")
    print("  left out, files:", ", ".join(f"{n:,} {why}" for why, n in found["skipped"].items()))
    if found["missing"]:
        print("  not on this Debian:", ", ".join(found["missing"]))


if __name__ == "__main__":
    main()
