"""Parquet tables that carry their content key and fail loudly when a byte is damaged."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from polystilts.errors import DamagedFileError
from polystilts.provenance.atomic import atomic_path
from polystilts.provenance.manifest import verify_file

KEY_FIELD = b"polystilts.key"


def write_table(path: Path, table: pa.Table, key: str) -> None:
    """Write `table` atomically with zstd, page checksums and `key` in the schema's metadata."""
    metadata = {**(table.schema.metadata or {}), KEY_FIELD: key.encode()}
    with atomic_path(path) as temporary:
        pq.write_table(
            table.replace_schema_metadata(metadata),
            temporary,
            compression="zstd",
            write_page_checksum=True,
        )


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a Parquet file written by `write_table`.

    Its size and digest are compared with the manifest beside it, `<stem>.json` or `manifest.json`,
    and its page checksums verified.

    Raises:
        DamagedFileError: the file is missing or truncated, or is not what was written.
    """
    verify_file(path, path.with_suffix(".json"), path.with_name("manifest.json"))
    try:
        # not pq.read_table, which imports pandas and the data set machinery first
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            return file.read(columns=columns)
    except FileNotFoundError:
        raise DamagedFileError(path, "there is no such file.") from None
    except (pa.ArrowException, OSError) as error:
        hint = "Delete it and run again."
        raise DamagedFileError(path, f"unreadable Parquet ({error}).", hint=hint) from None


def table_key(path: Path) -> str | None:
    """Return the content key stored in a Parquet file's schema, or None."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowException, OSError):
        return None
    key = metadata.get(KEY_FIELD)
    return key.decode() if key else None
