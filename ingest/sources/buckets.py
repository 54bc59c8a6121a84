"""Objects in buckets: s3://, at Amazon or wherever $AWS_ENDPOINT_URL leads.

Keys, region and endpoint are those of AWS's own variables and files; without any key the request
is anonymous, which public buckets take. The endpoint is the operator's own, so it needs no leave.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from catalog.errors import NotFound, SourceChanged, SteelyardError, UsageError
from ingest.sources.patterns import choose, divided
from ingest.sources.source import Listing, Remote, Stream, needing

SCHEME: Final = "s3://"
BLOCK: Final = 8 << 20  # bytes a request

_AWS: Final = "botocore"  # s3fs brings it


@dataclass(frozen=True, slots=True)
class Bucket:
    """What an s3:// address means: an object, a folder or a pattern in one bucket.

    Parameters
    ----------
    path : str
        ``BUCKET/...``.
    system : s3fs.S3FileSystem
        How it is reached.
    """

    path: str
    system: Any

    @classmethod
    def at(cls, address: str) -> "Bucket":
        """Return the source of an address.

        Raises
        ------
        UsageError
            Where it names no bucket.
        MissingExtra
            Where the extra is not installed.
        """
        path = address[len(SCHEME) :]
        bucket = path.partition("/")[0]
        if not bucket or set(bucket) & set("*?[@"):
            message = f"{address}: names no bucket"
            raise UsageError(message, hint="s3://BUCKET/PREFIX/*.jsonl.zst")
        return cls(path, _system())

    def objects(self) -> Listing:
        """Return the objects that are meant."""
        bucket, _, path = self.path.partition("/")
        root = divided(path)[0]
        with _said(f"{SCHEME}{self.path}"):
            found = self.system.find(f"{bucket}/{root}".rstrip("/"), detail=True)
        entries = {key.partition("/")[2]: entry for key, entry in found.items()}
        chosen = choose(entries, path, bucket)
        remotes = [
            Remote(
                name,
                chosen.folder,
                f"{SCHEME}{bucket}/{key}",
                int(entries[key]["size"]),
                str(entries[key].get("ETag", "")),
            )
            for key, name in chosen.names.items()
        ]
        return Listing(tuple(remotes), chosen.warnings)

    @contextmanager
    def open(self, remote: Remote, start: int) -> Iterator[Stream]:
        """Give the bytes of an object from `start` on, of the version that was listed."""
        path = remote.url.removeprefix(SCHEME)
        with _said(remote.url):
            opened = self.system.open(path, "rb", block_size=BLOCK, cache_type="none")
        with opened:
            if opened.details.get("ETag") != remote.version:
                message = f"{remote.url} changed while it was being fetched"
                raise SourceChanged(message, hint="run again: it is fetched anew")
            opened.seek(start)
            yield Stream(start, _blocks(opened, remote.url))


def _blocks(opened: BinaryIO, what: str) -> Iterator[bytes]:
    while True:
        with _said(what):
            block = opened.read(BLOCK)
        if not block:
            return
        yield block


def _system() -> Any:
    with needing("s3"):
        import s3fs  # noqa: PLC0415 - an extra
    session = importlib.import_module(f"{_AWS}.session")
    anonymous = session.Session().get_credentials() is None
    return s3fs.S3FileSystem(anon=anonymous, skip_instance_cache=True, use_listings_cache=False)


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Turn what s3fs raises into errors that name the object."""
    of_aws = importlib.import_module(f"{_AWS}.exceptions")
    failures = (
        of_aws.BotoCoreError,
        *importlib.import_module("s3fs.core").S3_RETRYABLE_ERRORS,
        OSError,
    )
    expired = importlib.import_module("s3fs.utils").FileExpired
    try:
        yield
    except expired as error:
        message = f"{what} changed while it was being fetched"
        raise SourceChanged(message, hint="run again: it is fetched anew") from error
    except FileNotFoundError as error:
        message = f"{what}: there is nothing"
        raise NotFound(message, hint="check bucket and prefix") from error
    except of_aws.ParamValidationError as error:
        message = f"{what}: no bucket or object can be called that"
        raise UsageError(message, hint="s3://BUCKET/PREFIX/*.jsonl.zst") from error
    except PermissionError as error:
        message = f"{what}: access is denied: {error}"
        hint = "$AWS_PROFILE, or $AWS_ACCESS_KEY_ID and $AWS_SECRET_ACCESS_KEY, say who asks"
        raise SteelyardError(message, hint=hint) from error
    except failures as error:
        message = f"{what}: {error}"
        raise ConnectionError(message) from error
