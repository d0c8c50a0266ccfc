"""The memory's file as tables, and what makes a file a memory: its marks, its version, how it is opened."""

from __future__ import annotations

import sqlite3
import time

from ariadne.errors import MemoryFileError

APPLICATION_ID = 0x41726941  # "AriA": the mark of a memory among SQLite files
VERSION = 1
_EMPTY = (0, 0, 0)

SCHEMA = """
CREATE TABLE space (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, clock TEXT, last INTEGER NOT NULL DEFAULT 0,
    rewritten INTEGER NOT NULL DEFAULT 0, ontology TEXT NOT NULL DEFAULT 'open', deletions INTEGER NOT NULL DEFAULT 0,
    draft_of INTEGER, touched REAL, expires INTEGER
);
CREATE INDEX space_hidden ON space (draft_of) WHERE name IS NULL;
CREATE TABLE episode (
    space INTEGER NOT NULL REFERENCES space, number INTEGER NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
    source TEXT, metadata TEXT NOT NULL, key TEXT, reading TEXT NOT NULL, refused TEXT NOT NULL, changes TEXT NOT NULL,
    correction INTEGER NOT NULL DEFAULT 0, declared TEXT NOT NULL DEFAULT '[]', divided TEXT, until INTEGER,
    passages TEXT, digest INTEGER, expires INTEGER, place INTEGER, replaced_in INTEGER,
    PRIMARY KEY (space, number)
);
CREATE INDEX episode_key ON episode (space, key, number) WHERE key IS NOT NULL;
CREATE INDEX episode_expires ON episode (space, expires) WHERE expires IS NOT NULL;
CREATE INDEX episode_replaced ON episode (space, replaced_in) WHERE replaced_in IS NOT NULL;
CREATE INDEX episode_moved ON episode (space, number) WHERE place IS NOT NULL OR replaced_in IS NOT NULL;
CREATE INDEX episode_refused ON episode (space, number) WHERE refused <> '[]';
CREATE INDEX episode_at ON episode (space, at);
CREATE INDEX episode_source ON episode (space, source, number) WHERE source IS NOT NULL;
CREATE TABLE metadata (
    space INTEGER NOT NULL REFERENCES space, name TEXT NOT NULL, kind TEXT NOT NULL, value NOT NULL,
    episode INTEGER NOT NULL, PRIMARY KEY (space, name, kind, value, episode)
) WITHOUT ROWID;
CREATE INDEX metadata_by_episode ON metadata (space, episode);
CREATE TABLE name (
    id INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL REFERENCES space, identity TEXT NOT NULL,
    shown TEXT NOT NULL, base TEXT, UNIQUE (space, identity)
);
CREATE INDEX name_by_identity ON name (identity);
CREATE INDEX name_base ON name (space, base) WHERE base IS NOT NULL;
CREATE TABLE alias (
    space INTEGER NOT NULL REFERENCES space, identity TEXT NOT NULL, shown TEXT NOT NULL, target TEXT NOT NULL,
    PRIMARY KEY (space, identity)
) WITHOUT ROWID;
CREATE TABLE fact (
    id INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL REFERENCES space,
    subject_id INTEGER NOT NULL REFERENCES name, predicate TEXT NOT NULL, object_id INTEGER NOT NULL REFERENCES name,
    subject TEXT NOT NULL, relation TEXT NOT NULL, object TEXT NOT NULL,
    valid_from INTEGER NOT NULL, valid_to INTEGER, learned_in INTEGER NOT NULL, retired_in INTEGER,
    known_from INTEGER NOT NULL, known_to INTEGER,
    basis INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX fact_now ON fact (subject_id, predicate, object_id) WHERE retired_in IS NULL;
CREATE INDEX fact_now_by_predicate ON fact (space, predicate) WHERE retired_in IS NULL;
CREATE INDEX fact_by_subject ON fact (subject_id, retired_in, predicate);
CREATE INDEX fact_by_object ON fact (object_id, retired_in, predicate);
CREATE INDEX fact_known ON fact (space, known_from);
CREATE INDEX fact_replaced ON fact (space, known_to) WHERE known_to IS NOT NULL;
CREATE INDEX fact_planned ON fact (space, valid_to) WHERE retired_in IS NULL AND valid_to IS NOT NULL;
CREATE INDEX fact_retired ON fact (space, retired_in) WHERE retired_in IS NOT NULL;
CREATE TABLE fact_episode (
    fact INTEGER NOT NULL REFERENCES fact, episode INTEGER NOT NULL, space INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (fact, episode)
) WITHOUT ROWID;
CREATE INDEX fact_episode_by_episode ON fact_episode (space, episode, fact);
CREATE TABLE ending (
    space INTEGER NOT NULL REFERENCES space, subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL,
    at INTEGER NOT NULL, episode INTEGER NOT NULL, is_limit INTEGER NOT NULL, known_to INTEGER,
    PRIMARY KEY (space, subject, predicate, object, at, episode)
) WITHOUT ROWID;
CREATE INDEX ending_at ON ending (space, at);
CREATE INDEX ending_by_episode ON ending (space, episode);
CREATE TABLE mention (
    name INTEGER NOT NULL REFERENCES name, episode INTEGER NOT NULL, space INTEGER NOT NULL,
    PRIMARY KEY (name, episode)
) WITHOUT ROWID;
CREATE INDEX mention_by_episode ON mention (space, episode, name);
CREATE TABLE deletion (
    space INTEGER NOT NULL REFERENCES space, nth INTEGER NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (space, nth)
) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE, holder INTEGER);
CREATE VIRTUAL TABLE episode_words USING fts5(words, content='', tokenize=ascii);
CREATE TABLE vector (embedder TEXT NOT NULL, text TEXT NOT NULL, data BLOB NOT NULL);
CREATE UNIQUE INDEX vector_of ON vector (text, embedder);
CREATE TABLE episode_vector (
    space INTEGER NOT NULL, number INTEGER NOT NULL, embedder TEXT NOT NULL, passage INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (space, number, embedder, passage)
) WITHOUT ROWID;
"""
"""All tables.

A space without a name is hidden: a draft of the space `draft_of`, or one that is to be deleted.

An id of a space, a name, a fact or a word is not used again (AUTOINCREMENT), so what others keep in RAM cannot be
mistaken. Only a change of the past may use the id of a deleted fact; with another `rewritten` others read all again.
`episode_words` has the numbers of words, and so keeps no bytes of deleted ones; `word.holder` is one of its rows with
the word.
`fact.basis` records whether later episodes rest on a fact (1) or on its sources (2); `deletion` lists, by numbers, what
was deleted from a space without a rebuild.

A fact is one interval of a triplet. Its times in the world are `valid_from` and `valid_to`; the memory has these times
from episode `known_from` on, and until another row stands in its place, from `known_to` on. The `ending` table has the
ends that no fact shows: a triplet, by the identities of its names, does not hold before and after such a time without
another statement.

The columns of a key come first in a table WITHOUT ROWID, or SQLite 3.40 wrongly finds it damaged."""


def connect(path: str, timeout: float) -> sqlite3.Connection:
    """Open or create a memory; a file that is not a memory is not written to.

    Raises:
        MemoryFileError: The file is not a memory of this version.
    """
    if not path or "\0" in path:  # with "" SQLite makes a file that it deletes when it is closed
        raise MemoryFileError(f"{path!r} is not the name of a file; use AriGraph() for a memory in RAM")
    db = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        guard(db)
        _admit(db, path)
        _write_ahead(db, timeout)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")  # deleted text is overwritten with zeros
    except BaseException:
        db.close()
        raise
    return db


def guard(db: sqlite3.Connection) -> None:
    """Keep SQLite from running functions that a foreign file brings, and let it check the file's cells."""
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")


def _write_ahead(db: sqlite3.Connection, timeout: float) -> None:
    """Switch the file to a write-ahead log, permanently.

    SQLite does not wait here while others open the same new file, so this tries again until `timeout` (seconds).
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _admit(db: sqlite3.Connection, path: str) -> None:
    """Make the schema in an empty file; refuse a file of another program or of a newer Ariadne."""
    if _marks(db) == _EMPTY:
        _make(db)
    application, version, _ = _marks(db)
    if application != APPLICATION_ID:
        raise MemoryFileError(f"{path}: this is an SQLite file of another program, not a memory; it was not changed")
    if version < 1:
        raise MemoryFileError(f"{path}: damaged: its format number is {version}, not {VERSION}")
    if version > VERSION:
        raise MemoryFileError(f"{path}: written by a newer Ariadne (format {version}; this one reads format {VERSION})")
    foreign = db.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchall()
    if foreign:
        raise MemoryFileError(
            f"{path}: refused: it holds {foreign[0][0]!r}, which SQLite would run by itself and Ariadne did not make"
        )


def _make(db: sqlite3.Connection) -> None:
    """Make the whole schema in one transaction; if several processes open a new file, the first one makes it."""
    db.execute("BEGIN EXCLUSIVE")
    if _marks(db) == _EMPTY:
        marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}"
        for statement in f"{SCHEMA}{marks}".split(";"):
            db.execute(statement)
    db.execute("COMMIT")


def _marks(db: sqlite3.Connection) -> tuple[int, int, int]:
    """Return the application id, the format and the number of tables, in one read."""
    sql = "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_master)"
    row: tuple[int, int, int] = db.execute(f"{sql} FROM pragma_application_id a, pragma_user_version v").fetchone()
    return row
