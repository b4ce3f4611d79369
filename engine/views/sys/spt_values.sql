-- sys.spt_values: the values that old scripts read from master.dbo.spt_values
CREATE VIEW sys.spt_values AS
SELECT NULL::sys.nvarchar(35) AS name, n.number::int4 AS number, 'P  '::sys."nchar"(3) AS type, (n.number / 8 + 1)::int4 AS low, (1 << (n.number % 8))::int4 AS high,
    0::int4 AS status
FROM generate_series(0, 2047) AS n(number);
