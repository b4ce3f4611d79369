-- sys.syscomments: text of modules in pieces
CREATE VIEW sys.syscomments AS
SELECT o.database AS _db, m.object AS id, m.number AS number, n.piece::int2 AS colid, (CASE WHEN m.encrypted THEN 1 ELSE 0 END)::int2 AS status,
    NULL::sys.varbinary(8000) AS ctext, 2::int2 AS texttype, 0::int2 AS language, m.encrypted, false AS compressed,
    (CASE WHEN NOT m.encrypted THEN substr(m.definition, (n.piece - 1) * 4000 + 1, 4000) END)::sys.nvarchar(4000) AS text
FROM casement.modules m JOIN casement.objects o ON o.id = m.object
CROSS JOIN LATERAL generate_series(1, (length(m.definition) + 3999) / 4000) AS n(piece)
UNION ALL
SELECT o.database, c.object, 1::int2, 1::int2, 0::int2, NULL, 2::int2, 0::int2, false, false, left(c.definition, 4000)::sys.nvarchar(4000)
FROM casement.constraints c JOIN casement.objects o ON o.id = c.object WHERE c.definition IS NOT NULL;
