-- How fast the processor ran, as the runner measured it when the sweep began: what turns times of the clock into cycles.

ALTER TABLE sweeps ADD COLUMN clock_ghz REAL NOT NULL DEFAULT 0;  -- 0: not known
