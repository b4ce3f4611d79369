// The behaviours with tedious, and pooling with mssql on top of it. Where the server is stands in
// CASEMENT_HOST, _PORT, _PASSWORD, _CERTIFICATE; _MODE: encrypted, plain, strict, or a TDS version.
'use strict';
const fs = require('fs');
const { Connection, Request, TYPES, ISOLATION_LEVEL } = require('tedious');
const mssql = require('mssql');

const mode = process.env.CASEMENT_MODE || 'encrypted';
const behaviours = JSON.parse(fs.readFileSync(process.env.CASEMENT_BEHAVIOURS, 'utf8'));
const versions = { 7.1: '7_1', 7.2: '7_2', '7.3': '7_3_B', 7.4: '7_4' };
let failed = 0;

function config(more = {}) {
  const options = {
    port: Number(process.env.CASEMENT_PORT),
    database: 'behaviours',
    encrypt: mode === 'strict' ? 'strict' : mode !== 'plain',
    trustServerCertificate: mode !== 'strict',
    rowCollectionOnRequestCompletion: true,
    requestTimeout: 60000,
    connectTimeout: 20000,
    useUTC: true,
    ...(versions[mode] ? { tdsVersion: versions[mode] } : {}),
    ...(mode === 'strict'
      ? { cryptoCredentialsDetails: { ca: fs.readFileSync(process.env.CASEMENT_CERTIFICATE) }, serverName: 'localhost' }
      : {}),
    ...more,
  };
  return {
    server: process.env.CASEMENT_HOST,
    authentication: {
      type: 'default',
      options: { userName: 'sa', password: more.password || process.env.CASEMENT_PASSWORD },
    },
    options,
  };
}

function connect(more) {
  return new Promise((resolve, reject) => {
    const connection = new Connection(config(more));
    connection.on('error', () => {});
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

const types = {
  int: TYPES.Int, bigint: TYPES.BigInt, bit: TYPES.Bit, float: TYPES.Float, nvarchar: TYPES.NVarChar,
  varbinary: TYPES.VarBinary, decimal: TYPES.Decimal, uniqueidentifier: TYPES.UniqueIdentifier,
  datetime2: TYPES.DateTime2, image: TYPES.Image,
};

function adapt(kind, text) {
  if (text === null) return null;
  switch (kind) {
    case 'int': return Number(text);
    case 'bit': return text === '1';
    case 'float': case 'decimal': return Number(text);
    case 'varbinary': case 'image': return Buffer.from(text.slice(2), 'hex');
    case 'datetime2': return new Date(text.replace(' ', 'T') + 'Z');
    default: return text;
  }
}

function trimFraction(text, digits) {
  const match = /^(.*:\d\d)\.(\d+)(.*)$/.exec(text);
  if (!match) return text;
  const kept = match[2].slice(0, digits).replace(/0+$/, '');
  return match[1] + (kept ? '.' + kept : '') + match[3];
}

function canonical(value, type) {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Buffer.isBuffer(value)) return '0x' + value.toString('hex').toUpperCase();
  if (value instanceof Date) {
    const iso = value.toISOString();
    const name = type && type.name;
    if (name === 'Date') return iso.slice(0, 10);
    if (name === 'Time') return trimFraction(iso.slice(11, 23), 3);
    return trimFraction(iso.slice(0, 10) + ' ' + iso.slice(11, 23), 3);
  }
  return String(value);
}

// JavaScript has one kind of number: exact decimals and money come as it. Offsets are not kept.
function same(actual, expected) {
  if (actual === expected || trimFraction(expected, 3) === actual) return true;
  if (/^-?[0-9.]+(E[+-]?\d+)?$/i.test(expected) && expected !== '' && Number(actual) === Number(expected)) return true;
  const offset = /^(.*) ([+-]\d\d:\d\d)$/.exec(expected);
  return offset !== null && trimFraction(new Date(offset[1].replace(' ', 'T') + offset[2]).toISOString()
    .replace('T', ' ').replace('Z', ''), 3) === actual;
}

// Runs a batch or a parameterised statement: {results: [rows of text], counts, parameters}
function run(connection, sql, parameters = [], setUp = null) {
  return new Promise((resolve, reject) => {
    const outcome = { results: [], outputs: {}, returned: undefined, count: 0, columns: [] };
    let current = null;
    let firstError = null;
    const request = new Request(sql, (error, count) => {
      outcome.count = count;
      if (error || firstError) reject(error || firstError);
      else resolve(outcome);
    });
    request.on('columnMetadata', (columns) => {
      current = [];
      outcome.results.push(current);
      outcome.columns = columns.map((column) => column.colName);
    });
    request.on('row', (row) => current.push(row.map((cell) => canonical(cell.value, cell.metadata.type))));
    request.on('returnValue', (name, value) => { outcome.outputs[name] = value; });
    request.on('doneProc', (count, more, status) => { outcome.returned = status; });
    parameters.forEach((parameter, index) =>
      request.addParameter('p' + (index + 1), types[parameter[0]], adapt(parameter[0], parameter[1]),
        parameter[0] === 'decimal' ? { precision: 18, scale: 4 } : undefined));
    if (setUp) setUp(request);
    if (setUp && setUp.procedure) connection.callProcedure(request);
    else if (parameters.length || setUp) connection.execSql(request);
    else connection.execSqlBatch(request);
  });
}

function check(condition, message) {
  if (!condition) throw new Error(message);
}

async function expectError(promise, number, loose) {
  try {
    await promise;
  } catch (error) {
    check(loose || error.number === number, `error is ${error.number} (${error.message}), expected ${number}`);
    return error;
  }
  throw new Error(`no error, expected ${number}`);
}

class Skip extends Error {}

async function report(name, test) {
  const label = `tedious/${mode}/${name}`;
  try {
    await test();
    console.log(`ok ${label}`);
  } catch (error) {
    if (error instanceof Skip) console.log(`skip ${label}: ${error.message}`);
    else {
      failed++;
      console.log(`not ok ${label}: ${String(error.message || error).replace(/\s+/g, ' ').slice(0, 300)}`);
    }
  }
}

async function dataCase(connection, entry) {
  if ((mode === '7.1' || mode === '7.2') && entry.needs.includes('types2008')) {
    throw new Skip(`TDS ${mode} shows the type as text`);
  }
  let number = 0;
  const sql = entry.sql.replace(/\{\}/g, () => '@p' + ++number);
  const running = run(connection, sql, entry.params);
  if (entry.error !== undefined) {
    await expectError(running, entry.error, entry.needs.includes('loose_error'));
    return;
  }
  let { results } = await running;
  let wanted = entry.results;
  if (entry.needs.includes('try_results')) { results = results.slice(-1); wanted = wanted.slice(-1); }
  check(results.length === wanted.length, `${results.length} result sets, expected ${wanted.length}`);
  wanted.forEach((rows, r) => {
    check(results[r].length === rows.length, `${results[r].length} rows, expected ${rows.length}`);
    rows.forEach((row, i) => check(row.length === results[r][i].length && row.every((text, c) => same(results[r][i][c], text)),
      `row is ${JSON.stringify(results[r][i])}, expected ${JSON.stringify(row)}`));
  });
}

const scalar = async (connection, sql) => (await run(connection, sql)).results.at(-1)[0][0];
const begin = (connection, level) => new Promise((resolve, reject) =>
  connection.beginTransaction((error) => (error ? reject(error) : resolve()), 'tx', level));
const commit = (connection) => new Promise((resolve, reject) =>
  connection.commitTransaction((error) => (error ? reject(error) : resolve())));
const rollback = (connection) => new Promise((resolve, reject) =>
  connection.rollbackTransaction((error) => (error ? reject(error) : resolve())));

const code = {
  async login_failure() {
    const error = await expectError(connect({ password: 'wrong' }), 0, true);
    check(/Login failed/.test(error.message), `the error is ${error.message}`);
  },
  async encryption(connection) {
    const want = mode === 'plain' ? 'FALSE' : 'TRUE';
    const got = await scalar(connection, 'SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID');
    check(got === want, `encrypt_option is ${got}`);
  },
  async row_counts(connection) {
    const { count } = await run(connection, 'UPDATE dbo.behaviour_rows SET name = name WHERE id IN (1, 2)');
    check(count === 2, `${count} rows updated`);
  },
  async column_names(connection) {
    const { columns } = await run(connection, 'SELECT id AS [The Id], name FROM dbo.behaviour_rows WHERE id = 1');
    check(columns.join() === 'The Id,name', columns.join());
  },
  async procedure_with_output(connection) {
    const setUp = (request) => {
      request.addParameter('a', TYPES.Int, 21);
      request.addParameter('b', TYPES.NVarChar, 'x');
      request.addOutputParameter('o', TYPES.Int);
    };
    setUp.procedure = true;
    const { results, outputs, returned } = await run(connection, 'dbo.behaviour_proc', [], setUp);
    check(JSON.stringify(results) === '[[["21","x"]]]', JSON.stringify(results));
    check(outputs.o === 42, `@o is ${outputs.o}`);
    check(returned === 7, `it returned ${returned}`);
  },
  async table_valued_parameter(connection) {
    if (mode === '7.1' || mode === '7.2') throw new Skip('TVPs came with TDS 7.3');
    const setUp = (request) => request.addParameter('t', TYPES.TVP, {
      name: 'behaviour_ids', schema: 'dbo',
      columns: [{ name: 'id', type: TYPES.Int }, { name: 'name', type: TYPES.NVarChar, length: 20 }],
      rows: [[1, 'one'], [2, null], [3, 'three']],
    });
    const { results } = await run(connection, 'SELECT COUNT(*) AS n, SUM(id) AS s, COUNT(name) AS m FROM @t', [], setUp);
    check(results[0][0].join() === '3,6,2', results[0][0].join());
  },
  async prepared(connection) {
    const values = await new Promise((resolve, reject) => {
      const found = [];
      const request = new Request('SELECT @n * 2 AS v', (error) => error && reject(error));
      request.addParameter('n', TYPES.Int);
      request.on('row', (row) => found.push(row[0].value));
      request.on('prepared', () => connection.execute(request, { n: 1 }));
      request.userCallback = (error) => {
        if (error) reject(error);
        else if (found.length === 1) connection.execute(request, { n: 2 });
        else if (found.length === 2) connection.unprepare(request);
        if (found.length === 2) resolve(found);
      };
      connection.prepare(request);
    });
    check(values.join() === '2,4', values.join());
    await new Promise((resolve) => setTimeout(resolve, 200));
  },
  async transaction_commit() {
    const connection = await connect();
    await begin(connection, ISOLATION_LEVEL.READ_COMMITTED);
    await run(connection, 'INSERT INTO dbo.behaviour_load (id) VALUES (601)');
    await commit(connection);
    check(await scalar(connection, 'SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 601') === '1', 'not committed');
    connection.close();
  },
  async transaction_rollback() {
    const connection = await connect();
    await begin(connection, ISOLATION_LEVEL.REPEATABLE_READ);
    await run(connection, 'INSERT INTO dbo.behaviour_load (id) VALUES (602)');
    await rollback(connection);
    check(await scalar(connection, 'SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 602') === '0', 'not rolled back');
    connection.close();
  },
  async bulk_copy(connection) {
    await run(connection, 'DELETE FROM dbo.behaviour_load');
    const count = await new Promise((resolve, reject) => {
      const load = connection.newBulkLoad('dbo.behaviour_load', {}, (error, rows) => (error ? reject(error) : resolve(rows)));
      load.addColumn('id', TYPES.Int, { nullable: false });
      load.addColumn('name', TYPES.NVarChar, { length: 50, nullable: true });
      connection.execBulkLoad(load, Array.from({ length: 5000 }, (_, n) => [n, n % 7 ? `bulk ${n}` : null]));
    });
    check(count === 5000, `${count} rows loaded`);
    check(await scalar(connection, 'SELECT COUNT(name) FROM dbo.behaviour_load') === '4285', 'names are missing');
  },
  async big_text(connection) {
    const text = 'é😀x'.repeat(2500000);
    await run(connection, 'DELETE FROM dbo.behaviour_blob');
    // over TDS 7.1 tedious sends a long nvarchar in the form of 7.2, which no server can take: as a literal then
    if (mode === '7.1') await run(connection, `INSERT INTO dbo.behaviour_blob (id, t) VALUES (1, N'${text}')`);
    else await run(connection, 'INSERT INTO dbo.behaviour_blob (id, t) VALUES (1, @p1)', [['nvarchar', text]]);
    check((await scalar(connection, 'SELECT t FROM dbo.behaviour_blob')) === text, 'the text came back changed');
  },
  async big_binary(connection) {
    const data = Buffer.alloc(10 * 1024 * 1024, 'casement');
    await run(connection, 'DELETE FROM dbo.behaviour_blob');
    const type = mode === '7.1' ? 'image' : 'varbinary'; // as with big_text; image has the form of 7.1
    await run(connection, 'INSERT INTO dbo.behaviour_blob (id, b) VALUES (1, @p1)', [[type, '0x' + data.toString('hex')]]);
    check((await scalar(connection, 'SELECT b FROM dbo.behaviour_blob')) === '0x' + data.toString('hex').toUpperCase(), 'the bytes came back changed');
  },
  async cancel() {
    const connection = await connect();
    const began = Date.now();
    await expectError(new Promise((resolve, reject) => {
      const request = new Request("WAITFOR DELAY '00:00:50'", (error) => (error ? reject(error) : resolve()));
      connection.execSqlBatch(request);
      setTimeout(() => connection.cancel(), 500);
    }), 0, true);
    check(Date.now() - began < 40000, 'it was waited for');
    check(await scalar(connection, 'SELECT 1') === '1', 'the connection is of no use after it');
    connection.close();
  },
  async query_timeout() {
    const connection = await connect({ requestTimeout: 1000 });
    const error = await expectError(run(connection, "WAITFOR DELAY '00:00:50'"), 0, true);
    check(/Timeout/.test(error.message), error.message);
    connection.close();
  },
  async message_of_print(connection) {
    const messages = [];
    const listener = (info) => messages.push(info.message);
    connection.on('infoMessage', listener);
    await run(connection, "PRINT N'héllo'; SELECT 1 AS v");
    connection.removeListener('infoMessage', listener);
    check(messages.includes('héllo'), JSON.stringify(messages));
  },
  async pool_reset() {
    const connection = await connect();
    await run(connection, 'CREATE TABLE #left (a int); SET DATEFIRST 1; BEGIN TRANSACTION');
    await new Promise((resolve, reject) => connection.reset((error) => (error ? reject(error) : resolve())));
    const { results } = await run(connection, "SELECT OBJECT_ID('tempdb..#left') AS t, @@DATEFIRST AS d, @@TRANCOUNT AS n");
    check(results[0][0].join() === 'NULL,7,0', results[0][0].join());
    connection.close();
  },
  async mssql_pool() {
    const { options } = config();
    const pool = await new mssql.ConnectionPool({
      server: process.env.CASEMENT_HOST, port: options.port, user: 'sa', password: process.env.CASEMENT_PASSWORD,
      database: 'behaviours', pool: { max: 4 }, options: { ...options, port: undefined },
    }).connect();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) =>
      pool.request().input('n', mssql.Int, n).query('SELECT @n AS n')));
    check(answers.every((answer, n) => answer.recordset[0].n === n), 'answers are mixed up');
    await pool.close();
  },
};

async function main() {
  const connection = await connect();
  for (const statement of behaviours.setup) await run(connection, statement);
  for (const entry of behaviours.cases) await report(entry.name, () => dataCase(connection, entry));
  for (const [name, test] of Object.entries(code)) await report(name, () => test(connection));
  connection.close();
  process.exit(failed ? 1 : 0);
}

main().catch((error) => {
  console.log(`not ok tedious/${mode}/suite: ${error.message}`);
  process.exit(1);
});
