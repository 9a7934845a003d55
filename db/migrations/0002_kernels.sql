-- What tells a changed kernel is the hash of its code, no longer the revision of the source: a commit that touches no kernel
-- leaves every evaluation as it is. The revision stays, with the sweep that measured.

ALTER TABLE sweeps ADD COLUMN source_revision TEXT NOT NULL DEFAULT '';
ALTER TABLE sweeps ADD COLUMN midr TEXT NOT NULL DEFAULT '';      -- that the runner saw: an emulator's own
ALTER TABLE sweeps ADD COLUMN emulator TEXT NOT NULL DEFAULT '';  -- name and version; empty: none
ALTER TABLE sweeps ADD COLUMN governor TEXT NOT NULL DEFAULT '';  -- of the processor's frequency; empty: not known
UPDATE sweeps SET source_revision = (SELECT m.source_revision FROM machines m WHERE m.id = sweeps.machine);

-- Which functions a kernel_hash covers: the hash of each name, sorted, separated by spaces; '*': all of the section.
CREATE TABLE kernels (
  hash TEXT PRIMARY KEY,
  functions TEXT NOT NULL
) STRICT;

CREATE TABLE new_machines (
  id INTEGER PRIMARY KEY,
  processor TEXT NOT NULL,
  vector_bits INTEGER NOT NULL,
  clock_ghz REAL NOT NULL,
  peak_flop_per_cycle REAL NOT NULL,  -- fp32
  compiler TEXT NOT NULL,
  flags TEXT NOT NULL,
  UNIQUE (processor, vector_bits, clock_ghz, peak_flop_per_cycle, compiler, flags)
) STRICT;
INSERT INTO new_machines
  SELECT min(id), processor, vector_bits, clock_ghz, peak_flop_per_cycle, compiler, flags FROM machines
  GROUP BY processor, vector_bits, clock_ghz, peak_flop_per_cycle, compiler, flags;
CREATE TEMP TABLE moved AS
  SELECT m.id AS old, n.id AS new FROM machines m
  JOIN new_machines n USING (processor, vector_bits, clock_ghz, peak_flop_per_cycle, compiler, flags);

-- Of evaluations that several revisions have made of the same, the newest answers.
CREATE TEMP TABLE older AS
  SELECT id FROM (
    SELECT e.id, row_number() OVER (PARTITION BY e.problem, k.new, e.timer, e.configuration
                                    ORDER BY e.created_at DESC, e.id DESC) AS place
    FROM evaluations e JOIN moved k ON k.old = e.machine)
  WHERE place > 1;
INSERT INTO superseded (problem, configuration, machine, timer, sweep, status, detail, error, p_ulp, samples, cycles,
                        kernel_hash, warnings, created_at)
  SELECT problem, configuration, machine, timer, sweep, status, detail, error, p_ulp, samples, cycles, kernel_hash, warnings,
         created_at
  FROM evaluations WHERE id IN (SELECT id FROM older);
DELETE FROM evaluations WHERE id IN (SELECT id FROM older);
UPDATE evaluations SET machine = (SELECT new FROM moved WHERE old = machine);
UPDATE superseded SET machine = (SELECT new FROM moved WHERE old = machine);
UPDATE sweeps SET machine = (SELECT new FROM moved WHERE old = machine);
DROP TABLE machines;
ALTER TABLE new_machines RENAME TO machines;
DROP TABLE moved;
DROP TABLE older;
