-- The log is the truth: every other row of a dossier is a fold of it.
--
-- Times are UTC milliseconds, days count from 1970-01-01 in the rulebook's
-- zone.  The CHECKs bound both, so that later arithmetic cannot overflow.

CREATE TABLE meta (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The log.  256 events make a bundle: data has their bodies, byte for byte, in
-- the form that motcua/bundle.h describes, root is the Merkle hash over their
-- 256 leaves.  The last, unfinished bundle stands in entry, a row an event.
CREATE TABLE bundle (
	n INTEGER PRIMARY KEY,
	last_at INTEGER NOT NULL,
	root BLOB NOT NULL CHECK (length(root) = 32),
	data BLOB NOT NULL
) STRICT;

CREATE TABLE entry (
	seq INTEGER PRIMARY KEY,
	body BLOB NOT NULL CHECK (length(body) <= 65535)
) STRICT;

-- Append-only, by three triggers each: INSERT OR REPLACE walks past the
-- first two (recursive_triggers is off for others' connections).
CREATE TRIGGER bundle_no_update BEFORE UPDATE ON bundle
BEGIN SELECT raise(ABORT, 'append-only: bundle'); END;
CREATE TRIGGER bundle_no_delete BEFORE DELETE ON bundle
BEGIN SELECT raise(ABORT, 'append-only: bundle'); END;
CREATE TRIGGER bundle_sequence BEFORE INSERT ON bundle
WHEN new.n IS NOT (SELECT coalesce(max(n), -1) + 1 FROM bundle)
BEGIN SELECT raise(ABORT, 'append-only: bundle sequence'); END;

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT raise(ABORT, 'append-only: entry'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
WHEN NOT EXISTS (SELECT 1 FROM bundle WHERE n = old.seq / 256)
BEGIN SELECT raise(ABORT, 'append-only: entry'); END;
CREATE TRIGGER entry_sequence BEFORE INSERT ON entry
WHEN new.seq IS NOT coalesce((SELECT max(seq) + 1 FROM entry),
    (SELECT (max(n) + 1) * 256 FROM bundle), 0)
BEGIN SELECT raise(ABORT, 'append-only: entry sequence'); END;

-- The right edge of the Merkle tree over all events: a fold of the log.
CREATE TABLE tree (
	id INTEGER PRIMARY KEY CHECK (id = 0),
	size INTEGER NOT NULL CHECK (size >= 0),
	last_at INTEGER NOT NULL,
	edge BLOB NOT NULL
) STRICT;

-- Personal values and their salts, once.  A row has those of one event or of
-- several, in the log's order; all of them lie before the next row's first.
-- head has for each how far its seq lies behind the one before (the first:
-- behind the row's own), in 7-bit groups, the lowest first, and 16 bytes of
-- salt; data has the JSON texts, in that order, in the packed form of
-- motcua/sealed.h.  Erasing writes the row anew without them.
CREATE TABLE personal (
	seq INTEGER PRIMARY KEY CHECK (seq >= 0),
	head BLOB NOT NULL,
	data BLOB NOT NULL
) STRICT;

-- Names.
CREATE TABLE agency (
	id INTEGER PRIMARY KEY CHECK (id < 1073741824),
	code TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE unit (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE officer (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE step_name (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE procedure (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	title TEXT,
	field TEXT
) STRICT;
CREATE TABLE definition (
	blob TEXT PRIMARY KEY,
	body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What dossiers are pinned to.
CREATE TABLE pin (
	id INTEGER PRIMARY KEY,
	procedure INTEGER NOT NULL REFERENCES procedure,
	rev TEXT NOT NULL,
	path TEXT NOT NULL,
	blob TEXT NOT NULL REFERENCES definition,
	policy TEXT NOT NULL,
	"case" TEXT NOT NULL, -- of the procedure; '': it is in none
	UNIQUE (procedure, rev, path, blob, policy, "case")
) STRICT;

-- A code of the standard shape is packed into dossier.id (code.h); every
-- other has a row here, with an id below 2^47.
CREATE TABLE code (
	id INTEGER PRIMARY KEY CHECK (id > 0 AND id < 140737488355328),
	code TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE alias (
	alias TEXT NOT NULL,
	dossier INTEGER NOT NULL REFERENCES dossier,
	PRIMARY KEY (alias, dossier)
) STRICT, WITHOUT ROWID;

-- With whose submission a dossier came, by its parent's code: of its event
-- `received`.
CREATE TABLE child (
	dossier INTEGER PRIMARY KEY REFERENCES dossier,
	parent TEXT NOT NULL
) STRICT;
CREATE INDEX child_by_parent ON child (parent);

-- A dossier.  While it is open (status 1, 2, 4, 5, 6, 8) everything that
-- can still change is in its row of `open`, and NULL here: daily work then
-- touches small pages, whatever was ever received.
CREATE TABLE dossier (
	id INTEGER PRIMARY KEY,
	procedure INTEGER NOT NULL REFERENCES procedure,
	pin INTEGER REFERENCES pin,
	unit INTEGER NOT NULL REFERENCES unit,
	channel INTEGER NOT NULL CHECK (channel BETWEEN 1 AND 3),
	received_at INTEGER CHECK (received_at
	    BETWEEN -2208988800000 AND 7258118400000),
	row_hash INTEGER,
	status INTEGER CHECK (status BETWEEN 1 AND 10),
	due_day INTEGER,
	due_at INTEGER,
	flags INTEGER,
	finished_at INTEGER,
	returned_at INTEGER,
	verdict INTEGER,
	holder INTEGER REFERENCES unit,
	officer INTEGER REFERENCES officer,
	changed_at INTEGER,
	version INTEGER,
	events BLOB
) STRICT;

CREATE TABLE open (
	dossier INTEGER PRIMARY KEY REFERENCES dossier,
	due_at INTEGER,
	due_day INTEGER,
	-- For a list SQLite would make a table of its own, for every row.
	status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 8 AND
	    status <> 3 AND status <> 7),
	was INTEGER,
	flags INTEGER NOT NULL,
	unit INTEGER NOT NULL REFERENCES unit,
	pin INTEGER REFERENCES pin,
	paused_at INTEGER,
	overdue_on INTEGER,
	holder INTEGER REFERENCES unit,
	officer INTEGER REFERENCES officer,
	changed_at INTEGER NOT NULL,
	version INTEGER NOT NULL,
	events BLOB NOT NULL,
	fields TEXT,
	procedure INTEGER NOT NULL REFERENCES procedure,
	received_at INTEGER
) STRICT;
CREATE INDEX open_by_due ON open (due_at);

-- Open steps.  What is done is in the log.
CREATE TABLE step (
	dossier INTEGER NOT NULL REFERENCES dossier,
	step INTEGER NOT NULL REFERENCES step_name,
	unit INTEGER NOT NULL REFERENCES unit,
	officer INTEGER REFERENCES officer,
	entered_at INTEGER NOT NULL,
	due_at INTEGER,
	due_day INTEGER,
	PRIMARY KEY (dossier, step)
) STRICT, WITHOUT ROWID;

-- The officer to whom a step at a unit went last, whatever the dossier.
CREATE TABLE turn (
	unit INTEGER NOT NULL REFERENCES unit,
	step INTEGER NOT NULL REFERENCES step_name,
	officer INTEGER NOT NULL REFERENCES officer,
	PRIMARY KEY (unit, step)
) STRICT, WITHOUT ROWID;

-- Counters by day (level 0), by 32 days (level 1: period = day / 32) and by
-- 1,024 days (level 2), of one procedure at one receiving unit: any period
-- is the sum of a few dozen rows, and a posting changes just three.  Children
-- have levels of their own, 3 to 5, of the same spans: what the first three
-- say is submissions, what all say is dossiers.
CREATE TABLE rollup (
	level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 5),
	period INTEGER NOT NULL,
	procedure INTEGER NOT NULL REFERENCES procedure,
	unit INTEGER NOT NULL REFERENCES unit,
	direct INTEGER NOT NULL,
	online INTEGER NOT NULL,
	postal INTEGER NOT NULL,
	early INTEGER NOT NULL,
	on_time INTEGER NOT NULL,
	late INTEGER NOT NULL,
	opened INTEGER NOT NULL,
	closed INTEGER NOT NULL,
	became INTEGER NOT NULL,
	ceased INTEGER NOT NULL,
	PRIMARY KEY (level, period, procedure, unit)
) STRICT, WITHOUT ROWID;

-- What reopenings of a day took back, by the day on which it was counted: a
-- period that has the one and not the other gives it back (fold.h).
CREATE TABLE reopening (
	day INTEGER NOT NULL,
	counted INTEGER NOT NULL,
	procedure INTEGER NOT NULL REFERENCES procedure,
	unit INTEGER NOT NULL REFERENCES unit,
	child INTEGER NOT NULL CHECK (child IN (0, 1)),
	early INTEGER NOT NULL,
	on_time INTEGER NOT NULL,
	late INTEGER NOT NULL,
	closed INTEGER NOT NULL,
	PRIMARY KEY (day, counted, procedure, unit, child)
) STRICT, WITHOUT ROWID;

-- Runs of dossier-import.
CREATE TABLE run (
	id INTEGER PRIMARY KEY,
	started_at INTEGER NOT NULL,
	source TEXT NOT NULL,
	first_seq INTEGER NOT NULL, -- its events lie between these
	last_seq INTEGER NOT NULL,
	events INTEGER NOT NULL,
	added INTEGER NOT NULL, -- dossiers
	voided INTEGER NOT NULL -- of these, by taking the run back
) STRICT;

-- Dossiers that an import gave a number, by the row it had none in.
CREATE TABLE numbered (
	row_hash INTEGER NOT NULL,
	dossier INTEGER NOT NULL REFERENCES dossier,
	PRIMARY KEY (row_hash, dossier)
) STRICT, WITHOUT ROWID;

-- What `sla-check --changes=NAME` has told: the last selection of that name.
-- The last three are set from when a record is news until it has been sent.
CREATE TABLE told (
	name TEXT NOT NULL,
	dossier INTEGER NOT NULL REFERENCES dossier,
	step INTEGER NOT NULL, -- 0: the dossier as a whole
	state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
	due_at INTEGER,
	run INTEGER,
	n INTEGER,
	record TEXT,
	PRIMARY KEY (name, dossier, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_pending ON told (name, n) WHERE n IS NOT NULL;
