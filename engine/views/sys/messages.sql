-- sys.messages: the table of errors
CREATE VIEW sys.messages AS
SELECT m.message_id, 1033::int2 AS language_id, m.severity::sys.tinyint AS severity, false AS is_event_logged, m.text::sys.nvarchar(2048) AS text
FROM casement.messages() m;
