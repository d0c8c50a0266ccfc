"""The memory's file as tables, and what makes a file a memory: its marks, its version, how it is opened."""

from __future__ import annotations

import sqlite3
import time

import numpy as np

from ariadne.errors import MemoryFileError
from ariadne.memory.index.int8_matrix import packed
from ariadne.memory.ontology.names import identity

APPLICATION_ID = 0x41726941  # "AriA": how a memory's file is told from any other SQLite file
VERSION = 4
_EMPTY = (0, 0, 0)

SCHEMA = """
CREATE TABLE space (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, clock TEXT, last INTEGER NOT NULL DEFAULT 0,
    rewritten INTEGER NOT NULL DEFAULT 0, slots TEXT
);
CREATE TABLE episode (
    space INTEGER NOT NULL REFERENCES space, number INTEGER NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
    source TEXT, metadata TEXT NOT NULL, key TEXT, reading TEXT NOT NULL, refused TEXT NOT NULL, changes TEXT NOT NULL,
    correction INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (space, number)
);
CREATE UNIQUE INDEX episode_key ON episode (space, key) WHERE key IS NOT NULL;
CREATE INDEX episode_at ON episode (space, at);
CREATE TABLE name (
    id INTEGER PRIMARY KEY, space INTEGER NOT NULL REFERENCES space, identity TEXT NOT NULL, shown TEXT NOT NULL,
    UNIQUE (space, identity)
);
CREATE TABLE alias (
    space INTEGER NOT NULL REFERENCES space, identity TEXT NOT NULL, shown TEXT NOT NULL, meant TEXT NOT NULL,
    PRIMARY KEY (space, identity)
) WITHOUT ROWID;
CREATE TABLE fact (
    id INTEGER PRIMARY KEY, space INTEGER NOT NULL REFERENCES space,
    subject_id INTEGER NOT NULL REFERENCES name, predicate TEXT NOT NULL, object_id INTEGER NOT NULL REFERENCES name,
    subject TEXT NOT NULL, relation TEXT NOT NULL, object TEXT NOT NULL,
    valid_from INTEGER NOT NULL, valid_to INTEGER, learned_in INTEGER NOT NULL, retired_in INTEGER
);
CREATE UNIQUE INDEX fact_now ON fact (subject_id, predicate, object_id) WHERE retired_in IS NULL;
CREATE INDEX fact_now_by_predicate ON fact (space, predicate) WHERE retired_in IS NULL;
CREATE INDEX fact_by_subject ON fact (subject_id, retired_in, predicate);
CREATE INDEX fact_by_object ON fact (object_id, retired_in, predicate);
CREATE INDEX fact_learned ON fact (space, learned_in);
CREATE INDEX fact_retired ON fact (space, retired_in) WHERE retired_in IS NOT NULL;
CREATE TABLE fact_episode (
    fact INTEGER NOT NULL REFERENCES fact, episode INTEGER NOT NULL, space INTEGER NOT NULL,
    PRIMARY KEY (fact, episode)
) WITHOUT ROWID;
CREATE INDEX fact_episode_by_episode ON fact_episode (space, episode, fact);
CREATE TABLE mention (
    name INTEGER NOT NULL REFERENCES name, episode INTEGER NOT NULL, space INTEGER NOT NULL,
    PRIMARY KEY (name, episode)
) WITHOUT ROWID;
CREATE INDEX mention_by_episode ON mention (space, episode, name);
CREATE VIRTUAL TABLE episode_words USING fts5(text, content='', tokenize='porter unicode61');
CREATE TABLE vector (embedder TEXT NOT NULL, text TEXT NOT NULL, data BLOB NOT NULL);
CREATE UNIQUE INDEX vector_of ON vector (embedder, text);
CREATE TABLE episode_vector (
    embedder TEXT NOT NULL, space INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (embedder, space, number)
) WITHOUT ROWID;
"""
"""The columns of a key come first in a table WITHOUT ROWID, or SQLite 3.40 wrongly finds it damaged."""

MIGRATIONS = {
    1: """
CREATE VIRTUAL TABLE episode_words USING fts5(text, content='');
INSERT INTO episode_words (rowid, text) SELECT (space << 40) + number, text FROM episode;
""",
    2: """
ALTER TABLE space ADD COLUMN last INTEGER NOT NULL DEFAULT 0;
ALTER TABLE space ADD COLUMN rewritten INTEGER NOT NULL DEFAULT 0;
ALTER TABLE space ADD COLUMN slots TEXT;
DROP TABLE episode_words;
CREATE VIRTUAL TABLE episode_words USING fts5(text, content='', tokenize='porter unicode61');
INSERT INTO episode_words (rowid, text) SELECT (space << 40) + number, text FROM episode;
UPDATE space SET last = (SELECT ifnull(max(number), 0) FROM episode WHERE space = space.id);
ALTER TABLE episode ADD COLUMN correction INTEGER NOT NULL DEFAULT 0;
CREATE TABLE alias (
    space INTEGER NOT NULL REFERENCES space, identity TEXT NOT NULL, shown TEXT NOT NULL, meant TEXT NOT NULL,
    PRIMARY KEY (space, identity)
) WITHOUT ROWID;
ALTER TABLE fact_episode RENAME TO fact_episode_before;
CREATE TABLE fact_episode (
    fact INTEGER NOT NULL REFERENCES fact, episode INTEGER NOT NULL, space INTEGER NOT NULL,
    PRIMARY KEY (fact, episode)
) WITHOUT ROWID;
INSERT INTO fact_episode (fact, episode, space) SELECT fact, episode, space FROM fact_episode_before;
DROP TABLE fact_episode_before;
CREATE INDEX fact_episode_by_episode ON fact_episode (space, episode, fact);
DROP INDEX fact_by_subject;
DROP INDEX fact_by_object;
CREATE INDEX fact_by_subject ON fact (subject_id, retired_in, predicate);
CREATE INDEX fact_by_object ON fact (object_id, retired_in, predicate);
CREATE TABLE mention (
    name INTEGER NOT NULL REFERENCES name, episode INTEGER NOT NULL, space INTEGER NOT NULL,
    PRIMARY KEY (name, episode)
) WITHOUT ROWID;
CREATE INDEX mention_by_episode ON mention (space, episode, name);
INSERT OR IGNORE INTO name (space, identity, shown)
    SELECT e.space, identity(n.value), n.value FROM episode e, json_each(e.reading, '$.names') n;
INSERT OR IGNORE INTO mention SELECT m.id, e.number, e.space
    FROM episode e, json_each(e.reading, '$.names') n
    JOIN name m ON m.space = e.space AND m.identity = identity(n.value)
    WHERE NOT EXISTS (SELECT 1 FROM fact_episode t JOIN fact f ON f.id = t.fact WHERE t.space = e.space
        AND t.episode = e.number AND m.id IN (f.subject_id, f.object_id));
""",
    3: """
UPDATE vector SET data = packed(data);
CREATE TABLE episode_vector (
    embedder TEXT NOT NULL, space INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (embedder, space, number)
) WITHOUT ROWID;
""",
}
"""What makes a file of each older version one of the next."""


def connect(path: str, timeout: float) -> sqlite3.Connection:
    """Open or create; nothing is written to a file that is not a memory."""
    if not path or "\0" in path:  # SQLite would take "" for a file that is gone once closed
        raise MemoryFileError(f"{path!r} names no file; AriGraph() keeps a memory in RAM")
    db = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        guard(db)
        _admit(db, path)
        _write_ahead(db, timeout)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")  # what is forgotten leaves no bytes behind
    except BaseException:
        db.close()
        raise
    return db


def guard(db: sqlite3.Connection) -> None:
    """A file may hold what it likes: none of it is run."""
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")


def _write_ahead(db: sqlite3.Connection, timeout: float) -> None:
    """Turn to WAL, which the file keeps. While others open the new file too SQLite does not wait here: ask again."""
    until = time.monotonic() + timeout
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _admit(db: sqlite3.Connection, path: str) -> None:
    """Make the schema in an empty file; refuse one that is another program's, or from a newer Ariadne."""
    if _marks(db) == _EMPTY:
        _make(db)
    application, version, _ = _marks(db)
    if application != APPLICATION_ID:
        raise MemoryFileError(f"{path}: an SQLite file of another program, not a memory; it was left as it is")
    if version < 1:
        raise MemoryFileError(f"{path}: damaged: its format is called {version}")
    if version > VERSION:
        raise MemoryFileError(f"{path}: written by a newer Ariadne (format {version}, this one reads {VERSION})")
    foreign = db.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchall()
    if foreign:
        raise MemoryFileError(f"{path}: not as Ariadne made it: it holds {foreign[0][0]!r}, which would run by itself")
    if version < VERSION:
        _migrate(db)


def _make(db: sqlite3.Connection) -> None:
    """The schema, whole or not at all; where several processes open a new file at once, the first one makes it."""
    db.execute("BEGIN EXCLUSIVE")
    if _marks(db) == _EMPTY:
        marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}"
        for statement in f"{SCHEMA}{marks}".split(";"):
            db.execute(statement)
    db.execute("COMMIT")


def _migrate(db: sqlite3.Connection) -> None:
    """Bring an older file up to this version, whole or not at all."""
    db.create_function("identity", 1, identity, deterministic=True)
    db.create_function("packed", 1, _packed, deterministic=True)
    db.execute("BEGIN EXCLUSIVE")
    for version in range(_marks(db)[1], VERSION):
        for statement in f"{MIGRATIONS[version]}PRAGMA user_version = {version + 1}".split(";"):
            db.execute(statement)
    db.execute("COMMIT")


def _packed(data: bytes) -> bytes:
    """A vector of float32, as formats before 4 kept it, as bytes."""
    return packed(np.frombuffer(data, "<f4").reshape(1, -1)).tobytes()


def _marks(db: sqlite3.Connection) -> tuple[int, int, int]:
    """Application, version and number of tables, all of one moment."""
    sql = "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_master)"
    row: tuple[int, int, int] = db.execute(f"{sql} FROM pragma_application_id a, pragma_user_version v").fetchone()
    return row
