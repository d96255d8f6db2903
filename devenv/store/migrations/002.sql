-- Schema 2: what the first hooks of a repository left, kept for the next environment of it.
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
