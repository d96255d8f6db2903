PRAGMA user_version = 2;
PRAGMA application_id = 1349016395;
CREATE TABLE environments (
  id      TEXT PRIMARY KEY NOT NULL,
  name    TEXT NOT NULL UNIQUE,
  state   TEXT NOT NULL,
  owner   INTEGER NOT NULL,
  source  TEXT NOT NULL,
  details TEXT NOT NULL,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE TABLE journal (
  number      INTEGER PRIMARY KEY AUTOINCREMENT,
  environment TEXT NOT NULL,
  operation   TEXT NOT NULL,
  step        TEXT NOT NULL,
  details     TEXT NOT NULL,
  begun       INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_environment ON journal (environment);
CREATE TABLE prebuilds (
  id      TEXT PRIMARY KEY NOT NULL,
  key     TEXT NOT NULL,
  ready   INTEGER NOT NULL,
  owner   INTEGER NOT NULL,
  source  TEXT NOT NULL,
  details TEXT NOT NULL,
  created INTEGER NOT NULL,
  used    INTEGER NOT NULL
) STRICT;
CREATE TABLE settings (
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT;
