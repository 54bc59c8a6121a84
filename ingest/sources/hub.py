"""Datasets of the Hugging Face Hub: hf://datasets/ORG/NAME[@REVISION]/PATTERN.

`huggingface_hub` resolves the revision to a commit and lists its files; the files are fetched by
our own client, so that where the Hub redirects to is judged like any redirect. The token, if
there is one, goes to the Hub alone. $HF_ENDPOINT may name another hub, which must then be allowed
like any host.
"""

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote

from catalog.errors import NotFound, SteelyardError, UsageError
from ingest.sources.allowed import Allowed
from ingest.sources.pace import SLOWEST
from ingest.sources.patterns import choose, divided
from ingest.sources.source import Listing, Remote, Stream, needing
from ingest.sources.web import Web

SCHEME: Final = "hf://"
DATASETS: Final = "hf://datasets/"
ENDPOINT: Final = "https://huggingface.co"
SECONDS: Final = 30.0  # for the first answer of the Hub
# Files lie at the Hub itself or are redirected to below these names.
HOSTS: Final = frozenset({"huggingface.co", "*.huggingface.co", "*.hf.co"})

_ADDRESS: Final = re.compile(
    r"hf://datasets/(?P<name>[\w.-]+/[\w.-]+?)"
    r"(?:@(?P<revision>refs/(?:convert|pr)/[^/]+|[^/]+))?(?:/(?P<path>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What an hf:// address means: a file, a folder or a pattern in one dataset.

    Parameters
    ----------
    name : str
        ``ORG/NAME``.
    revision : str
        A branch, a tag or a commit; '' for the main branch.
    path : str
        Inside the dataset.
    web : Web
        How its files are fetched.
    """

    name: str
    revision: str
    path: str
    web: Web

    @classmethod
    def at(cls, address: str, allowed: Allowed, slowest: int = SLOWEST) -> "Dataset":
        """Return the source of an address, asked of allowed hosts that are not slower than that.

        Raises
        ------
        UsageError
            Where it names no dataset, or the hub that the environment names is not allowed.
        MissingExtra
            Where the extra is not installed.
        """
        found = _ADDRESS.fullmatch(address)
        if found is None:
            message = f"{address}: names no dataset"
            raise UsageError(message, hint="hf://datasets/ORG/NAME[@REVISION]/*.parquet")
        if _endpoint() == ENDPOINT:
            allowed = replace(allowed, hosts=allowed.hosts | HOSTS)
        web = Web(allowed, slowest=slowest)
        web.judged(allowed.check(_endpoint()))
        return cls(found["name"], unquote(found["revision"] or ""), found["path"] or "", web)

    def objects(self) -> Listing:
        """Return the files that are meant, pinned to one commit."""
        with _said(f"{DATASETS}{self.name}"):
            hub = _library().HfApi(endpoint=_endpoint())
            info = hub.dataset_info(self.name, revision=self.revision or None, timeout=SECONDS)
            commit = str(info.sha)
            files = {entry.path: entry for entry in self._files(hub, commit)}
        chosen = choose(files, self.path, self.name.rpartition("/")[2])
        remotes = []
        for key, name in chosen.names.items():
            digest = _digest(files[key])
            url, size = f"{DATASETS}{self.name}/{key}", int(files[key].size)
            remotes.append(Remote(name, chosen.folder, url, size, digest, commit, digest))
        return Listing(tuple(remotes), chosen.warnings)

    @contextmanager
    def open(self, remote: Remote, start: int) -> Iterator[Stream]:
        """Give the bytes of a file from `start` on, of the commit that was listed."""
        library = _library()
        key = remote.url.removeprefix(f"{DATASETS}{self.name}/")
        url = library.hf_hub_url(
            self.name, key, repo_type="dataset", revision=remote.revision, endpoint=_endpoint()
        )
        headers = _library("utils").build_hf_headers(library_name="steelyard")
        secret = {name: said for name, said in headers.items() if name.lower() == "authorization"}
        with self.web.get(url, start, headers=secret) as answer:
            yield Stream(answer.start, answer.chunks)

    def _files(self, hub: Any, commit: str) -> list[Any]:
        """Return the files at or below the fixed part of the path."""
        kind = _library("hf_api").RepoFile
        pinned = {"revision": commit, "repo_type": "dataset"}
        root = divided(self.path)[0]
        if root:
            found = hub.get_paths_info(self.name, [root], **pinned)
            if not found or isinstance(found[0], kind):
                return list(found)
        below = hub.list_repo_tree(self.name, root or None, recursive=True, **pinned)
        return [entry for entry in below if isinstance(entry, kind)]


def _library(room: str = "") -> Any:
    """Return the Hub's client, or a module of it."""
    with needing("hf"):
        import huggingface_hub as library  # noqa: PLC0415 - an extra
    return importlib.import_module(f"{library.__name__}.{room}") if room else library


def _endpoint() -> str:
    """Return where the hub is, as its library understands the environment."""
    return str(_library("constants").ENDPOINT)


def _digest(entry: Any) -> str:
    """Return what a file's bytes hash to: LFS tells a SHA-256, git the SHA-1 of its blob."""
    if entry.lfs is not None:
        return f"sha256:{entry.lfs.sha256}"
    return f"git-sha1:{entry.blob_id}"


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Turn what the Hub's client raises into errors that name the dataset."""
    errors = _library("errors")
    missing = (errors.RepositoryNotFoundError, errors.RevisionNotFoundError)
    try:
        yield
    except (*missing, errors.EntryNotFoundError) as error:
        message = f"{what}: the hub has no such dataset, revision or folder, or hides it"
        raise NotFound(message, hint="check the name; $HF_TOKEN opens what is yours") from error
    except errors.HFValidationError as error:
        message = f"{what}: {error}"
        raise UsageError(message, hint="hf://datasets/ORG/NAME") from error
    except (errors.HTTPError, OSError) as error:
        message = f"{what}: the hub cannot be asked: {str(error).splitlines()[0]}"
        raise SteelyardError(message, hint="look at the network, then run it again") from error
