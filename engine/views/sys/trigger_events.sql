-- sys.trigger_events: what triggers fire for
CREATE VIEW sys.trigger_events AS
SELECT o.database AS _db, t.object AS object_id, e.type AS type, e.name::sys.nvarchar(60) AS type_desc, false AS is_first, false AS is_last,
    NULL::int4 AS event_group_type, NULL::sys.nvarchar(60) AS event_group_type_desc, true AS is_trigger_event
FROM casement.triggers t JOIN casement.objects o ON o.id = t.object
JOIN (VALUES (1, 'INSERT'), (2, 'UPDATE'), (3, 'DELETE')) AS e(type, name)
    ON (e.type = 1 AND t.on_insert) OR (e.type = 2 AND t.on_update) OR (e.type = 3 AND t.on_delete);
