-- sys.syslanguages: the language there is
CREATE VIEW sys.syslanguages AS
SELECT 0::int2 AS langid, 'mdy'::sys."nchar"(3) AS dateformat, 7::sys.tinyint AS datefirst, 0::int4 AS upgrade, 'us_english'::sys.nvarchar(128) AS name,
    'English'::sys.nvarchar(128) AS alias, 'January,February,March,April,May,June,July,August,September,October,November,December'::sys.nvarchar(372) AS months,
    'Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec'::sys.nvarchar(132) AS shortmonths,
    'Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday'::sys.nvarchar(217) AS days, 1033::int4 AS lcid, 1033::int2 AS msglangid;
