-- The catalog's tables. Everything here is derived from the journal, but for
-- the bitmap of what is indexed, which the index itself confirms. Another schema version
-- means another file: there are no migrations.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE records (
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  kind        TEXT NOT NULL,
  vault       TEXT NOT NULL,
  epoch       TEXT NOT NULL,
  sealed      BLOB NOT NULL,
  sealed_size INTEGER NOT NULL,
  size        INTEGER NOT NULL,          -- octets of payload
  entry       INTEGER NOT NULL,          -- journal index of its ingestion
  captured    INTEGER NOT NULL,          -- milliseconds since 1970, as all times here
  display     TEXT NOT NULL,
  first       INTEGER NOT NULL,          -- message numbers first … first+count-1
  count       INTEGER NOT NULL,
  text_status TEXT NOT NULL,
  components  TEXT NOT NULL,             -- JSON
  thread      INTEGER,                   -- e-mail: the thread it belongs to
  chat        TEXT,                      -- chat-day, export: the chat
  chat_date   TEXT,
  relation    TEXT,
  relation_of TEXT,
  covering    TEXT,
  disposed    TEXT,                      -- certificate; the row is then a stub
  reviews     INTEGER NOT NULL DEFAULT 0, -- how many reviews were decided
  review      TEXT                       -- JSON, LastReview: the last of them
);
CREATE INDEX records_thread ON records (thread) WHERE thread IS NOT NULL;
CREATE INDEX records_chat ON records (chat, chat_date) WHERE chat IS NOT NULL;
CREATE INDEX records_first ON records (first);

CREATE TABLE holdings (
  seq         INTEGER PRIMARY KEY,
  record      INTEGER NOT NULL REFERENCES records (seq),
  source      TEXT NOT NULL,
  custodian   TEXT NOT NULL,
  channel     TEXT NOT NULL,
  folder      TEXT NOT NULL,
  aggregation TEXT NOT NULL,
  class       TEXT NOT NULL,
  rule        TEXT NOT NULL,
  since       INTEGER NOT NULL,
  facts       BLOB NOT NULL,             -- packed
  entry       INTEGER NOT NULL,
  significance TEXT NOT NULL DEFAULT '', -- as somebody assessed it; then it stands for the facts' own
  manual      TEXT,                      -- the reason, where class was given by hand
  was         TEXT NOT NULL DEFAULT '[]' -- JSON, the classes that it had before
);
CREATE INDEX holdings_record ON holdings (record);

-- The holdings of 512 records, packed for walks over all of them, or not yet or
-- no longer: what is here is made of the rows and goes when one of them changes.
CREATE TABLE blocks (
  block  INTEGER PRIMARY KEY,            -- rows of records from block << 9 on
  packed BLOB,
  words  BLOB
);
CREATE INDEX blocks_missing ON blocks (block) WHERE packed IS NULL;
CREATE TRIGGER holding_came AFTER INSERT ON holdings BEGIN
  INSERT INTO blocks (block) VALUES (new.record >> 9) ON CONFLICT (block) DO UPDATE SET packed = NULL, words = NULL WHERE packed IS NOT NULL;
END;
CREATE TRIGGER holding_changed AFTER UPDATE ON holdings BEGIN
  UPDATE blocks SET packed = NULL, words = NULL WHERE block = old.record >> 9 AND packed IS NOT NULL;
END;
CREATE TRIGGER holding_went AFTER DELETE ON holdings BEGIN
  UPDATE blocks SET packed = NULL, words = NULL WHERE block = old.record >> 9 AND packed IS NOT NULL;
END;
CREATE TRIGGER record_changed AFTER UPDATE OF id, kind, first, count, text_status, chat, disposed, reviews, review ON records BEGIN
  UPDATE blocks SET packed = NULL, words = NULL WHERE block = old.seq >> 9 AND packed IS NOT NULL;
END;

CREATE TABLE messages (
  no      INTEGER PRIMARY KEY,
  record  INTEGER NOT NULL REFERENCES records (seq),
  sent    INTEGER,                       -- NULL: undated
  suspect INTEGER NOT NULL,
  sender  TEXT NOT NULL,
  copy    BLOB,
  leader  INTEGER                        -- the first message of its copy group; NULL: this one
);
CREATE INDEX messages_sent ON messages (sent, no);
CREATE INDEX messages_copy ON messages (copy) WHERE copy IS NOT NULL;

-- One row for each distinct item that a source showed: the accounting.
CREATE TABLE items (
  source  TEXT NOT NULL,
  key     TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL,
  detail  TEXT NOT NULL,
  record  TEXT,
  entry   INTEGER NOT NULL,
  first   INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  tries   INTEGER NOT NULL,
  PRIMARY KEY (source, key)
) WITHOUT ROWID;
CREATE INDEX items_open ON items (source, reason) WHERE outcome = 'failed';

CREATE TABLE counts (
  source  TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (source, outcome, reason)
) WITHOUT ROWID;

CREATE TABLE sources (
  source TEXT PRIMARY KEY,
  cursor TEXT NOT NULL,
  moved  INTEGER NOT NULL
) WITHOUT ROWID;

-- Message-ids and references as keyed digests, each in one thread.
CREATE TABLE threads (
  mid    BLOB PRIMARY KEY,
  thread INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX threads_thread ON threads (thread);

CREATE TABLE chats (
  chat     TEXT PRIMARY KEY,
  title    TEXT NOT NULL,
  platform TEXT NOT NULL,
  source   TEXT NOT NULL,
  first    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE chat_days (
  record  INTEGER PRIMARY KEY REFERENCES records (seq),
  chat    TEXT NOT NULL,
  date    TEXT NOT NULL,
  digests TEXT NOT NULL,                 -- JSON, []record.ChatLine
  export  BLOB,                          -- keyed digest of the export that first brought it
  omitted TEXT NOT NULL                  -- JSON, []int: before which of them a selection left some out
);
CREATE INDEX chat_days_chat ON chat_days (chat, date);

CREATE TABLE exports (
  digest    BLOB PRIMARY KEY,            -- keyed digest of the container
  record    TEXT NOT NULL,
  chat      TEXT NOT NULL,
  platform  TEXT NOT NULL,
  truncated INTEGER NOT NULL,
  runs      TEXT NOT NULL,               -- JSON, []record.MessageRun: its messages in file order
  app       TEXT NOT NULL,
  timer     INTEGER NOT NULL,            -- seconds after which messages disappear; 0: they do not
  gaps      TEXT NOT NULL,               -- JSON, []string
  omitted   TEXT NOT NULL                -- JSON, []int: before which messages a selection left some out
) WITHOUT ROWID;
CREATE INDEX exports_record ON exports (record);

-- Chats that a person has said to be a part of another.
CREATE TABLE chat_joins (
  chat    TEXT PRIMARY KEY,
  part_of TEXT NOT NULL,
  reason  TEXT NOT NULL,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL
) WITHOUT ROWID;

-- Messages of two chats that comparing has matched word for word: one, while the
-- two are joined.
CREATE TABLE chat_copies (
  entry INTEGER PRIMARY KEY,
  chat  TEXT NOT NULL,
  other TEXT NOT NULL,
  runs  TEXT NOT NULL                    -- JSON, []record.CopyRun
);

-- What follows of that and of the joins in force: the copy groups that are one.
CREATE TABLE joined_leaders (
  leader INTEGER PRIMARY KEY,            -- of a copy group
  joined INTEGER NOT NULL,               -- the lowest of those that are one
  copy   BLOB                            -- the digest by which they are known
);

-- Receipts sent to custodians for the exports that they sent in.
CREATE TABLE receipts (
  export TEXT PRIMARY KEY,
  state  TEXT NOT NULL,                  -- sent or failed, by the last entry
  tries  INTEGER NOT NULL,
  at     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE holds (
  hold     TEXT PRIMARY KEY,
  placed   TEXT NOT NULL,                -- JSON, record.HoldPlaced
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  released INTEGER,
  releaser TEXT NOT NULL DEFAULT '',
  reason   TEXT NOT NULL DEFAULT '',
  agreed   TEXT                          -- JSON, Agreement: its release is agreed, and cooling off
) WITHOUT ROWID;

CREATE TABLE notices (
  entry  INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  chat   TEXT NOT NULL,
  kind   TEXT NOT NULL,
  text   TEXT NOT NULL,
  at     INTEGER,
  before INTEGER,                        -- of a timer in effect: when the next export must have come
  record TEXT NOT NULL,
  finding TEXT NOT NULL,                 -- JSON, *record.Finding
  joined TEXT NOT NULL,                  -- the other chat, where two were compared that people joined
  live   INTEGER NOT NULL                -- whether they are joined; always, where there is no other
);
CREATE INDEX notices_chat ON notices (chat);

CREATE TABLE schedules (
  entry   INTEGER PRIMARY KEY,
  version TEXT NOT NULL,
  status  TEXT NOT NULL,
  digest  BLOB NOT NULL,
  text    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  signer  TEXT NOT NULL,                 -- empty: the configured file, which is a sample
  key     TEXT NOT NULL,
  signature TEXT NOT NULL
);

-- Roaring bitmaps of message numbers by property and value: what the index
-- must not hold because it can change.
CREATE TABLE bitmaps (
  property TEXT NOT NULL,
  value    TEXT NOT NULL,
  bits     BLOB NOT NULL,
  PRIMARY KEY (property, value)
) WITHOUT ROWID;

-- Entries about requests under the Freedom of Information Act and its like, as
-- the journal has them.
CREATE TABLE request_entries (
  entry   INTEGER PRIMARY KEY,
  request TEXT NOT NULL,
  type    TEXT NOT NULL,
  time    INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  body    TEXT NOT NULL                  -- JSON
);
CREATE INDEX request_entries_request ON request_entries (request, entry);

-- Mailboxes: UIDs that a folder gave out and that were seen, by UTC day; the last
-- reconciliation of each source; new records by hour since 1970.
CREATE TABLE gaps (
  source TEXT NOT NULL,
  folder TEXT NOT NULL,
  day    TEXT NOT NULL,
  issued INTEGER NOT NULL,
  seen   INTEGER NOT NULL,
  PRIMARY KEY (source, folder, day)
) WITHOUT ROWID;

CREATE TABLE reconciliations (
  source TEXT PRIMARY KEY,
  body   TEXT NOT NULL                   -- JSON, record.Reconciliation
) WITHOUT ROWID;

CREATE TABLE activity (
  source TEXT NOT NULL,
  hour   INTEGER NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (source, hour)
) WITHOUT ROWID;

-- The epochs of every vault, as journalled: what is not here is not sealed to.
CREATE TABLE vaults (
  epoch     TEXT PRIMARY KEY,
  vault     TEXT NOT NULL,
  kind      TEXT NOT NULL,
  recipient TEXT NOT NULL,
  readers   TEXT NOT NULL,               -- JSON, names
  at        INTEGER NOT NULL,
  actor     TEXT NOT NULL
) WITHOUT ROWID;

-- Records that were put in quarantine, and what was decided about them.
CREATE TABLE quarantine (
  record   TEXT PRIMARY KEY,
  entry    INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  source   TEXT NOT NULL,
  reason   TEXT NOT NULL,
  marking  TEXT NOT NULL,
  hold     TEXT NOT NULL,
  decision TEXT NOT NULL DEFAULT '',     -- released, kept; '' while it awaits one
  decided  INTEGER,
  decider  TEXT NOT NULL DEFAULT '',
  why      TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- Custodian assurance: when each custodian's exports came (the same export
-- again is a row again), what they attested, what a person closed.
CREATE TABLE export_arrivals (
  entry     INTEGER PRIMARY KEY,
  record    TEXT NOT NULL,               -- the export record
  custodian TEXT NOT NULL,
  at        INTEGER NOT NULL
);
CREATE INDEX export_arrivals_custodian ON export_arrivals (custodian, at);

CREATE TABLE attestations (
  entry     INTEGER PRIMARY KEY,
  custodian TEXT NOT NULL,
  period    TEXT NOT NULL,
  nil       INTEGER NOT NULL,
  statement TEXT NOT NULL,
  at        INTEGER NOT NULL,
  actor     TEXT NOT NULL
);

CREATE TABLE closed_tasks (
  custodian TEXT NOT NULL,
  task      TEXT NOT NULL,
  reason    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  actor     TEXT NOT NULL,
  PRIMARY KEY (custodian, task)
) WITHOUT ROWID;

-- The daily statements of completeness.
CREATE TABLE statements (
  source TEXT NOT NULL,
  day    TEXT NOT NULL,
  entry  INTEGER NOT NULL,
  body   TEXT NOT NULL,                  -- JSON, record.Statement
  PRIMARY KEY (source, day)
) WITHOUT ROWID;
-- What happened and when, as it stands after corrections: the named events and
-- closings that start clocks.
CREATE TABLE events (
  entry     INTEGER PRIMARY KEY,
  event     TEXT NOT NULL,
  about     TEXT NOT NULL,               -- record.About
  date      TEXT NOT NULL,               -- empty: it did not happen
  reason    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  actor     TEXT NOT NULL,
  corrected INTEGER                      -- journal index of the entry that replaced it
);
CREATE INDEX events_about ON events (about) WHERE corrected IS NULL;

-- Disposal: the entries of every batch as the journal has them, what remains of
-- records that are gone, possessions that have ended while others remain, and
-- which entries besides its ingestion say something of a record or of an item.
CREATE TABLE disposal_entries (
  entry INTEGER PRIMARY KEY,
  batch TEXT NOT NULL,
  type  TEXT NOT NULL,
  time  INTEGER NOT NULL,
  actor TEXT NOT NULL,
  body  TEXT NOT NULL                    -- JSON
);
CREATE INDEX disposal_entries_batch ON disposal_entries (batch, entry);

CREATE TABLE stubs (
  record  TEXT PRIMARY KEY,
  batch   TEXT NOT NULL,
  entry   INTEGER NOT NULL,              -- of the disposal
  stub    TEXT NOT NULL                  -- JSON, record.Stub
) WITHOUT ROWID;

CREATE TABLE retired (
  entry   INTEGER PRIMARY KEY,           -- that had brought the holding
  record  TEXT NOT NULL,
  batch   TEXT NOT NULL,
  holding TEXT NOT NULL                  -- JSON, record.RetiredHolding
);
CREATE INDEX retired_record ON retired (record);

CREATE TABLE mentions (
  entry  INTEGER NOT NULL,
  record TEXT NOT NULL,                  -- '': of an item that is no record
  source TEXT NOT NULL,
  key    TEXT NOT NULL,
  PRIMARY KEY (entry, record)
) WITHOUT ROWID;
CREATE INDEX mentions_record ON mentions (record) WHERE record != '';
CREATE INDEX mentions_item ON mentions (source, key) WHERE record = '';
CREATE INDEX items_record ON items (record) WHERE record IS NOT NULL;

-- Oversight: who searched, read or was refused, and what fixity checks found.
CREATE TABLE accesses (
  entry   INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  type    TEXT NOT NULL,                 -- of the entry
  purpose TEXT NOT NULL,
  record  TEXT NOT NULL                  -- of a read
);

CREATE TABLE fixity_checks (
  entry   INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  checked INTEGER NOT NULL,
  octets  INTEGER NOT NULL,
  missing INTEGER NOT NULL,
  changed INTEGER NOT NULL
);

-- Whom a hold's notice was given to, and who has read it.
CREATE TABLE hold_notices (
  hold         TEXT NOT NULL,
  custodian    TEXT NOT NULL,
  at           INTEGER NOT NULL,
  actor        TEXT NOT NULL,
  acknowledged TEXT NOT NULL DEFAULT '', -- the day
  note         TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (hold, custodian)
) WITHOUT ROWID;

-- Notes of substance, and what they are about.
CREATE TABLE notes (
  record  INTEGER PRIMARY KEY REFERENCES records (seq),
  author  TEXT NOT NULL,
  channel TEXT NOT NULL,                 -- what it happened on
  chat    TEXT NOT NULL,
  about   TEXT NOT NULL,                 -- a record's id
  request TEXT NOT NULL
);

-- What the storage itself was told to keep of records, where it can be told.
CREATE TABLE locks (
  record  INTEGER PRIMARY KEY REFERENCES records (seq),
  mode    TEXT NOT NULL,                 -- '': no retention
  until   INTEGER,
  legal   INTEGER NOT NULL,
  settled INTEGER NOT NULL               -- 0: the legal hold was to be changed, and perhaps was not
);

-- Queries that are kept under a name: a person's, or shared (owner '').
CREATE TABLE saved_searches (
  owner TEXT NOT NULL,
  name  TEXT NOT NULL,
  query TEXT NOT NULL,
  actor TEXT NOT NULL,
  at    INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY (owner, name)
) WITHOUT ROWID;

-- Which record has taken the place of one of which messages were erased.
CREATE TABLE successors (
  record TEXT PRIMARY KEY,
  body   TEXT NOT NULL                   -- JSON, record.Succeeded
) WITHOUT ROWID;

-- Reports that were made and sealed.
CREATE TABLE sealed_reports (
  entry INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL,
  actor TEXT NOT NULL,
  body  TEXT NOT NULL                    -- JSON, record.ReportSealed
);
