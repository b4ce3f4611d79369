// T-SQL cut into coloured pieces for the editor. It colours; it does not understand.
import m, { Child } from "mithril";

const KEYWORDS = new Set((
    "add all alter and any as asc authorization backup begin between break by cascade case catch check checkpoint close " +
    "clustered collate column commit constraint continue create cross current cursor database deallocate declare default " +
    "delete deny desc distinct drop else end escape except exec execute exists fetch for foreign from full function go goto " +
    "grant group having identity if in index inner insert intersect into is join key kill left like merge nocount not null of " +
    "off offset on open option or order outer output over partition percent primary print proc procedure raiserror read " +
    "references restore return revoke right rollback rows schema select set table then throw to top tran transaction trigger " +
    "truncate try union unique update use using values view waitfor when where while with"
).split(" "));
const TYPES = new Set((
    "bigint binary bit char date datetime datetime2 datetimeoffset decimal float image int money nchar ntext numeric nvarchar " +
    "real rowversion smalldatetime smallint smallmoney sql_variant sysname text time tinyint uniqueidentifier varbinary varchar xml"
).split(" "));
const PIECE = /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(N?'(?:[^']|'')*(?:'|$))|("(?:[^"]|"")*(?:"|$)|\[(?:[^\]]|\]\])*(?:\]|$))|(@@?[\w$#]+)|(\b\d+(?:\.\d+)?\b)|([A-Za-z_#][\w$#]*)|(\s+|[^\sA-Za-z_#@\d'"[/-]+|.)/g;

export function coloured(text: string): Child {
    const pieces: Child[] = [];
    for (const found of text.matchAll(PIECE)) {
        const [whole, comment, string, quoted, variable, figure, word] = found;
        const kind = comment ? "c" : string ? "s" : quoted ? "q" : variable ? "v" : figure ? "n"
            : word && KEYWORDS.has(word.toLowerCase()) ? "k" : word && TYPES.has(word.toLowerCase()) ? "t" : "";
        pieces.push(kind ? m(`span.${kind}`, whole) : whole);
    }
    return pieces;
}
