-- The first schema. Times are in cycles, dates are UTC in ISO 8601, numbers of enumerations are those of svetune/kernels.h.

CREATE TABLE problems (
  id INTEGER PRIMARY KEY,
  operation INTEGER NOT NULL CHECK (operation >= 0),
  accuracy INTEGER NOT NULL CHECK (accuracy BETWEEN 0 AND 3),
  m INTEGER NOT NULL CHECK (m >= 1),
  nc INTEGER NOT NULL CHECK (nc >= 1),
  d INTEGER NOT NULL CHECK (d >= 1),
  ldv INTEGER NOT NULL CHECK (ldv >= d),  -- elements from one row of V to the next
  UNIQUE (operation, accuracy, m, nc, d, ldv)
) STRICT;

CREATE TABLE configurations (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE,  -- canonical
  strategy TEXT NOT NULL      -- its first word, for selection
) STRICT;

-- A processor and the build of the kernels that ran on it.
CREATE TABLE machines (
  id INTEGER PRIMARY KEY,
  processor TEXT NOT NULL,
  vector_bits INTEGER NOT NULL,
  clock_ghz REAL NOT NULL,
  peak_flop_per_cycle REAL NOT NULL,  -- fp32
  compiler TEXT NOT NULL,
  flags TEXT NOT NULL,
  source_revision TEXT NOT NULL,
  UNIQUE (processor, vector_bits, clock_ghz, peak_flop_per_cycle, compiler, flags, source_revision)
) STRICT;

CREATE TABLE timers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  UNIQUE (name, version)
) STRICT;

CREATE TABLE sweeps (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,  -- random: the same sweep is the same in every copy of a database
  machine INTEGER NOT NULL REFERENCES machines (id),
  timer INTEGER NOT NULL REFERENCES timers (id),
  command TEXT NOT NULL,
  seed TEXT NOT NULL,  -- 64 bits without a sign, in decimal
  started_at TEXT NOT NULL,
  ended_at TEXT,       -- null: still running, or killed
  outcome TEXT
) STRICT;
CREATE INDEX sweeps_by_machine ON sweeps (machine, timer, started_at);

CREATE TABLE evaluations (
  id INTEGER PRIMARY KEY,
  problem INTEGER NOT NULL REFERENCES problems (id),
  configuration INTEGER NOT NULL REFERENCES configurations (id),
  machine INTEGER NOT NULL REFERENCES machines (id),
  timer INTEGER NOT NULL REFERENCES timers (id),
  sweep INTEGER NOT NULL REFERENCES sweeps (id),
  status TEXT NOT NULL CHECK (status IN ('ok', 'wrong_result', 'crashed', 'timed_out', 'unsupported', 'rejected')),
  detail TEXT NOT NULL DEFAULT '',
  error REAL,  -- max |O - ref| / (|O_in| + sum |P V|)
  p_ulp REAL,
  samples BLOB NOT NULL DEFAULT x'' CHECK (length(samples) % 8 = 0),  -- raw cycles in order: doubles, little-endian
  cycles REAL CHECK (cycles > 0),                                     -- their median
  kernel_hash TEXT,                                                   -- of the candidate's object code
  warnings TEXT NOT NULL DEFAULT '',                                  -- names, separated by spaces
  created_at TEXT NOT NULL,
  UNIQUE (problem, machine, timer, configuration)
) STRICT;
-- The answer to "what is best" is the head of this index.
CREATE INDEX evaluations_by_time ON evaluations (problem, machine, timer, cycles)
  WHERE status = 'ok' AND cycles IS NOT NULL;

-- Evaluations that lost to another one of the same problem, configuration, machine and timer when databases were merged.
CREATE TABLE superseded (
  id INTEGER PRIMARY KEY,
  problem INTEGER NOT NULL REFERENCES problems (id),
  configuration INTEGER NOT NULL REFERENCES configurations (id),
  machine INTEGER NOT NULL REFERENCES machines (id),
  timer INTEGER NOT NULL REFERENCES timers (id),
  sweep INTEGER NOT NULL REFERENCES sweeps (id),
  status TEXT NOT NULL,
  detail TEXT NOT NULL,
  error REAL,
  p_ulp REAL,
  samples BLOB NOT NULL,
  cycles REAL,
  kernel_hash TEXT,
  warnings TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX superseded_by_key ON superseded (problem, machine, timer, configuration);
