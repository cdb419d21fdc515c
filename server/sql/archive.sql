-- The archive of tidings-server (--archive), for PostgreSQL and SQLite alike. The server applies this file whenever it starts; it may be
-- applied by hand before, where the server's own user must not create tables.

CREATE TABLE IF NOT EXISTS tidings_entries (
  room text NOT NULL,
  seq bigint NOT NULL,          -- position in the room's log, from 1, without gaps
  message_id text NOT NULL,     -- a digest of (room, author, id)
  author text NOT NULL,
  id text NOT NULL,             -- made by the author
  kind text NOT NULL,           -- create, system, edit, delete, react, unreact
  stamp text NOT NULL,          -- hybrid logical clock; messages are shown in order of (stamp, message_id)
  ts bigint NOT NULL,           -- server time, ms since the epoch
  body text,                    -- JSON; of a message: as it is now; null once it was deleted
  version integer,              -- of a message: as it is now; of an edit or delete: what it made of its message
  target_id text,               -- the message that is answered or changed
  target_seq bigint,
  target_stamp text,
  edited integer NOT NULL,
  deleted integer NOT NULL,
  reactions text,               -- JSON: emoji to users
  rev bigint,                   -- seq of the last operation on this message
  edit_stamp text,              -- of the last edit
  edit_id text,
  digest text NOT NULL,         -- tells a repeat from another use of its id
  mark text NOT NULL,           -- the cursor of this position is seq in base 36, a dot, this
  PRIMARY KEY (room, seq)
);

-- Not unique: Redis knows an id again for a time only, and what comes again much later with a new stamp stands twice.
CREATE INDEX IF NOT EXISTS tidings_entries_by_message ON tidings_entries (room, message_id);

CREATE INDEX IF NOT EXISTS tidings_edits_by_message ON tidings_entries (room, target_seq) WHERE kind = 'edit';

CREATE TABLE IF NOT EXISTS tidings_rooms (
  room text NOT NULL PRIMARY KEY,
  first bigint NOT NULL,        -- seq of the first entry that is here
  before text NOT NULL,         -- the mark of the position before it
  head bigint NOT NULL,         -- seq of the last entry that is here
  mark text NOT NULL,           -- its mark
  ts bigint NOT NULL,           -- its ts
  stamp text NOT NULL,          -- the largest stamp accepted
  stored bigint NOT NULL        -- how often something was stored: whoever has not seen the newest count may not store
);
