-- Rows of a small database, the seed of the harness `database`; scripts/fuzz adds the schema before them.
INSERT INTO problems VALUES (1, 0, 0, 4, 64, 128, 128), (2, 0, 3, 7, 33, 50, 50);
INSERT INTO configurations VALUES
  (1, 'strategy=separate exp2=fexpa exp2_unroll=4 mr=4 nr=4 k_unroll=1 order=rows', 'separate'),
  (2, 'strategy=fused exp2=fexpa mr=3 nr=3 order=rows', 'fused');
INSERT INTO machines VALUES (1, 'a64fx', 512, 2.0, 64, 'clang 19.1.7', '-O2');
INSERT INTO timers VALUES (1, 'counters', '1');
INSERT INTO sweeps VALUES (1, '0123456789abcdef0123456789abcdef', 1, 1, 'svetune sweep', '1', '2026-11-24T12:00:00.000Z', NULL, NULL,
  '0123456789ab', '0x461f0010', '', 'performance', 2.0);
INSERT INTO evaluations VALUES
  (1, 1, 1, 1, 1, 1, 'ok', '', 1e-7, 0.9, x'0000000000409f40', 2000, NULL, '', '2026-11-24T12:00:00Z'),
  (2, 1, 2, 1, 1, 1, 'ok', '', 1e-7, 0.9, x'0000000000709740', 1500, '89abcdef01234567', 'governor', '2026-11-24T12:00:01Z'),
  (3, 2, 1, 1, 1, 1, 'crashed', 'SIGSEGV', NULL, NULL, x'', NULL, NULL, '', '2026-11-24T12:00:02Z');
INSERT INTO kernels VALUES ('89abcdef01234567', '0000000000000001 0000000000000002');
