"""The shape of the ledger's tables, and the way from every older shape to the newest.

Forward only: a step once released is never changed, new steps are appended. ``user_version`` of the
file is the number of steps it has seen. Moments are microseconds since the epoch, UTC; sizes are
bytes; paths are blobs, since a file name need not be text.
"""

import sqlite3

_FIRST = (
    """CREATE TABLE batches (
        batch_id TEXT PRIMARY KEY,
        scope TEXT NOT NULL DEFAULT '',
        raw BLOB,
        created_at INTEGER,
        ended_at INTEGER,
        requests INTEGER NOT NULL DEFAULT 0,
        first_seen_at INTEGER NOT NULL,
        gone_at INTEGER,
        label TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        source_path BLOB,
        source_sha256 TEXT,
        source_bytes INTEGER,
        group_id TEXT,
        part_number INTEGER,
        made_at INTEGER,
        made_from TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID""",
    "CREATE INDEX batches_by_age ON batches (scope, created_at DESC, batch_id DESC)",
    "CREATE INDEX batches_by_group ON batches (group_id) WHERE group_id IS NOT NULL",
    """CREATE TABLE parents (
        batch_id TEXT NOT NULL,
        parent_id TEXT NOT NULL,
        PRIMARY KEY (batch_id, parent_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX children ON parents (parent_id)",
    """CREATE TABLE notified (
        batch_id TEXT PRIMARY KEY,
        claimed_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
    # nothing writes or reads it; it is in files that stand, and a released step is never changed
    """CREATE TABLE purges (
        number INTEGER PRIMARY KEY,
        batch_id TEXT NOT NULL,
        what TEXT NOT NULL,
        size INTEGER NOT NULL,
        purged_at INTEGER NOT NULL
    )""",
    """CREATE TABLE submissions (
        submission_id TEXT PRIMARY KEY,
        label TEXT NOT NULL,
        source_path BLOB NOT NULL,
        source_sha256 TEXT NOT NULL,
        source_bytes INTEGER NOT NULL,
        parents TEXT NOT NULL,
        betas TEXT NOT NULL,
        scope TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        made_from TEXT NOT NULL,
        given_up_at INTEGER
    ) WITHOUT ROWID""",
    """CREATE TABLE parts (
        submission_id TEXT NOT NULL REFERENCES submissions,
        number INTEGER NOT NULL,
        first_request INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        body_bytes INTEGER NOT NULL,
        source_offset INTEGER NOT NULL,
        state TEXT NOT NULL,
        sending_at INTEGER,
        sent_at INTEGER,
        batch_id TEXT,
        detail TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (submission_id, number)
    ) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX parts_by_batch ON parts (batch_id) WHERE batch_id IS NOT NULL",
)

# no other tables: parts may be ``refused`` from here on, which older programs cannot read
_REFUSED_PARTS: tuple[str, ...] = ()

_REVIEWS = (
    """CREATE TABLE reviews (
        subject TEXT NOT NULL,
        custom_id TEXT NOT NULL,
        verdict TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        reviewed_at INTEGER NOT NULL,
        PRIMARY KEY (subject, custom_id)
    ) WITHOUT ROWID""",
)

# parts may be ``probable`` or ``rejected`` from here on; what was sent before counts as reported
_REPORTED = (
    "ALTER TABLE submissions ADD COLUMN reported_at INTEGER",
    "UPDATE submissions SET reported_at = made_at",
    "ALTER TABLE parts ADD COLUMN server_offset INTEGER",
    "ALTER TABLE parts ADD COLUMN seen_before TEXT NOT NULL DEFAULT '[]'",
)

_TOKEN_USES = (
    """CREATE TABLE token_uses (
        batch_id TEXT PRIMARY KEY,
        model TEXT NOT NULL,
        requests INTEGER NOT NULL,
        size INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL
    ) WITHOUT ROWID""",
)

_CANARIES = (
    """CREATE TABLE canaries (
        source_sha256 TEXT NOT NULL,
        requests INTEGER NOT NULL,
        canary_sha256 TEXT NOT NULL,
        noted_at INTEGER NOT NULL,
        PRIMARY KEY (source_sha256, requests)
    ) WITHOUT ROWID""",
)

_FILE_SOURCES = (
    """CREATE TABLE file_sources (
        subject TEXT PRIMARY KEY,
        source_path BLOB NOT NULL,
        source_sha256 TEXT NOT NULL,
        source_bytes INTEGER NOT NULL
    ) WITHOUT ROWID""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    _REFUSED_PARTS,
    _REVIEWS,
    _REPORTED,
    _TOKEN_USES,
    _CANARIES,
    _FILE_SOURCES,
)
"""One tuple of statements per version; the first makes version 1."""

NEWEST = len(MIGRATIONS)
"""The version this program reads and writes."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of an open file; 0 is a new one."""
    row = connection.execute("PRAGMA user_version").fetchone()
    return int(row[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an open file to the newest version, each step in one transaction.

    Safe beside other processes doing the same: the version is read again once the write lock is
    held. A crash between two steps leaves the file at the older one, whole.

    Args:
        connection: In autocommit mode (``isolation_level=None``).

    Raises:
        sqlite3.Error: The file is locked for too long, full, damaged or not writable.
    """
    while version_of(connection) < NEWEST:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = version_of(connection)
            if version < NEWEST:
                for statement in MIGRATIONS[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
