// The behaviours with tiberius. Where the server is stands in CASEMENT_HOST, _PORT, _PASSWORD; _MODE:
// encrypted, plain (only the login encrypted) .
use futures_util::TryStreamExt;
use serde_json::Value;
use std::env;
use std::error::Error;
use std::time::{Duration, Instant};
use tiberius::{AuthMethod, Client, ColumnData, Config, EncryptionLevel, IntoRow, Query, QueryItem, Row, ToSql};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

type Connection = Client<Compat<TcpStream>>;
type Outcome<T> = Result<T, Box<dyn Error>>;

fn mode() -> String {
    env::var("CASEMENT_MODE").unwrap_or_else(|_| "encrypted".into())
}

async fn connect(password: &str) -> Outcome<Connection> {
    let mut config = Config::new();
    config.host(env::var("CASEMENT_HOST")?);
    config.port(env::var("CASEMENT_PORT")?.parse()?);
    config.database("behaviours");
    config.authentication(AuthMethod::sql_server("sa", password));
    config.trust_cert();
    config.encryption(match mode().as_str() {
        "plain" => EncryptionLevel::Off,
        _ => EncryptionLevel::Required,
    });
    let tcp = TcpStream::connect(config.get_addr()).await?;
    tcp.set_nodelay(true)?;
    Ok(Client::connect(config, tcp.compat_write()).await?)
}

// The driver's own text of a negative number below one is wrong ("0.-001").
fn decimal_text(number: tiberius::numeric::Numeric) -> String {
    let (digits, scale) = (number.value().unsigned_abs().to_string(), number.scale() as usize);
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    let sign = if number.value() < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn trim_fraction(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        text
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::from("0x");
    for byte in bytes {
        text += &format!("{byte:02X}");
    }
    text
}

fn canonical(row: &Row, index: usize) -> Outcome<String> {
    let (_, data) = row.cells().nth(index).ok_or("no such column")?;
    let text = match data {
        ColumnData::U8(v) => v.map(|v| v.to_string()),
        ColumnData::I16(v) => v.map(|v| v.to_string()),
        ColumnData::I32(v) => v.map(|v| v.to_string()),
        ColumnData::I64(v) => v.map(|v| v.to_string()),
        ColumnData::F32(v) => v.map(|v| v.to_string()),
        ColumnData::F64(v) => v.map(|v| format!("{v:e}")),
        ColumnData::Bit(v) => v.map(|v| if v { "1".into() } else { "0".into() }),
        ColumnData::String(v) => v.as_ref().map(|v| v.to_string()),
        ColumnData::Guid(v) => v.map(|v| v.to_string().to_uppercase()),
        ColumnData::Binary(v) => v.as_ref().map(|v| hex(v)),
        ColumnData::Numeric(v) => v.map(decimal_text),
        ColumnData::Xml(v) => v.as_ref().map(|v| v.to_string()),
        ColumnData::DateTime(_) | ColumnData::SmallDateTime(_) | ColumnData::DateTime2(_) => row
            .try_get::<chrono::NaiveDateTime, _>(index)?
            .map(|v| trim_fraction(v.format("%Y-%m-%d %H:%M:%S%.9f").to_string())),
        ColumnData::Date(_) => row.try_get::<chrono::NaiveDate, _>(index)?.map(|v| v.to_string()),
        ColumnData::Time(_) => row
            .try_get::<chrono::NaiveTime, _>(index)?
            .map(|v| trim_fraction(v.format("%H:%M:%S%.9f").to_string())),
        ColumnData::DateTimeOffset(_) => {
            row.try_get::<chrono::DateTime<chrono::FixedOffset>, _>(index)?.map(|v| {
                trim_fraction(v.format("%Y-%m-%d %H:%M:%S%.9f").to_string()) + &v.format(" %:z").to_string()
            })
        }
    };
    Ok(text.unwrap_or_else(|| "NULL".into()))
}

fn same(actual: &str, expected: &str) -> bool {
    if actual == expected {
        return true;
    }
    match (actual.parse::<f64>(), expected.parse::<f64>()) {
        (Ok(a), Ok(b)) => a == b && expected.contains(['.', 'e', 'E']),
        // datetime's three-hundredths come as nanoseconds
        _ => expected.contains(':') && expected.contains('.') && actual.starts_with(&expected[..expected.len() - 1]),
    }
}

// A parameter's value, by the kind that the table of behaviours names.
fn adapt(kind: &str, text: Option<&str>) -> Outcome<Box<dyn ToSql>> {
    let Some(text) = text else { return Ok(Box::new(None::<i32>)) };
    Ok(match kind {
        "int" => Box::new(text.parse::<i32>()?),
        "bigint" => Box::new(text.parse::<i64>()?),
        "bit" => Box::new(text == "1"),
        "float" => Box::new(text.parse::<f64>()?),
        "decimal" => Box::new(text.parse::<rust_decimal::Decimal>()?),
        "varbinary" => Box::new(
            (2..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16)).collect::<Result<Vec<u8>, _>>()?,
        ),
        "uniqueidentifier" => Box::new(text.parse::<uuid::Uuid>()?),
        "datetime2" => Box::new(chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")?),
        _ => Box::new(text.to_string()),
    })
}

async fn results(client: &mut Connection, sql: &str, params: &[Box<dyn ToSql>]) -> Outcome<Vec<Vec<Vec<String>>>> {
    let references: Vec<&dyn ToSql> = params.iter().map(|p| p.as_ref()).collect();
    let mut stream = if params.is_empty() { client.simple_query(sql).await? } else { client.query(sql, &references).await? };
    let mut found: Vec<Vec<Vec<String>>> = vec![];
    while let Some(item) = stream.try_next().await? {
        match item {
            QueryItem::Metadata(_) => found.push(vec![]),
            QueryItem::Row(row) => {
                let cells = (0..row.len()).map(|i| canonical(&row, i)).collect::<Outcome<Vec<_>>>()?;
                found.last_mut().ok_or("a row without columns")?.push(cells);
            }
        }
    }
    Ok(found)
}

async fn scalar(client: &mut Connection, sql: &str) -> Outcome<String> {
    let found = results(client, sql, &[]).await?;
    Ok(found.last().and_then(|set| set.first()).and_then(|row| row.first()).ok_or("no row")?.clone())
}

async fn expect_scalar(client: &mut Connection, want: &str, sql: &str) -> Outcome<()> {
    let got = scalar(client, sql).await?;
    if got != want {
        return Err(format!("{sql} gave {got}, expected {want}").into());
    }
    Ok(())
}

async fn data_case(client: &mut Connection, entry: &Value) -> Outcome<()> {
    let mut sql = entry["sql"].as_str().ok_or("no sql")?.to_string();
    let needs = entry["needs"].to_string();
    if needs.contains("variant") {
        return Err("skip: tiberius cannot read sql_variant".into());
    }
    let mut params = vec![];
    for (index, param) in entry["params"].as_array().ok_or("no params")?.iter().enumerate() {
        sql = sql.replacen("{}", &format!("@P{}", index + 1), 1);
        params.push(adapt(param[0].as_str().unwrap_or(""), param[1].as_str())?);
    }
    let got = results(client, &sql, &params).await;
    if let Some(number) = entry["error"].as_u64() {
        return match got {
            Ok(_) => Err(format!("no error, expected {number}").into()),
            Err(error) => match error.downcast_ref::<tiberius::error::Error>().and_then(|e| e.code()) {
                Some(code) if u64::from(code) == number || needs.contains("loose_error") => Ok(()),
                _ => Err(format!("{error}, expected {number}").into()),
            },
        };
    }
    let mut got = got?;
    let mut wanted = entry["results"].as_array().ok_or("no results")?.clone();
    if needs.contains("try_results") {
        got = got.split_off(got.len() - 1);
        wanted = wanted.split_off(wanted.len() - 1);
    }
    if got.len() != wanted.len() {
        return Err(format!("{} result sets, expected {}", got.len(), wanted.len()).into());
    }
    for (set, rows) in got.iter().zip(&wanted) {
        let rows = rows.as_array().ok_or("no rows")?;
        if rows.len() != set.len() {
            return Err(format!("{} rows, expected {}", set.len(), rows.len()).into());
        }
        for (cells, row) in set.iter().zip(rows) {
            let row: Vec<&str> = row.as_array().ok_or("no row")?.iter().filter_map(|v| v.as_str()).collect();
            if row.len() != cells.len() || !cells.iter().zip(&row).all(|(a, b)| same(a, b)) {
                return Err(format!("row is {cells:?}, expected {row:?}").into());
            }
        }
    }
    Ok(())
}

async fn bulk(client: &mut Connection) -> Outcome<()> {
    results(client, "DELETE FROM dbo.behaviour_load", &[]).await?;
    results(client, "IF OBJECT_ID('dbo.behaviour_rust') IS NOT NULL DROP TABLE dbo.behaviour_rust; CREATE TABLE dbo.behaviour_rust (id int NOT NULL, name nvarchar(50) NULL)", &[]).await?;
    let mut load = client.bulk_insert("dbo.behaviour_rust").await?;
    for n in 0..5000i32 {
        load.send((n, Some(format!("bulk {n}"))).into_row()).await?;
    }
    if load.finalize().await?.total() != 5000 {
        return Err("not 5000 rows loaded".into());
    }
    expect_scalar(client, "5000", "SELECT COUNT(*) FROM dbo.behaviour_rust WHERE name LIKE 'bulk %'").await
}

async fn big_values(client: &mut Connection) -> Outcome<()> {
    let text = "\u{e9}\u{1F600}x".repeat(2_500_000);
    let data = b"casement".repeat(1_300_000);
    results(client, "DELETE FROM dbo.behaviour_blob", &[]).await?;
    let mut insert = Query::new("INSERT INTO dbo.behaviour_blob (id, t, b) VALUES (1, @P1, @P2)");
    insert.bind(text.as_str());
    insert.bind(data.as_slice());
    insert.execute(client).await?;
    let row = client.simple_query("SELECT t, b FROM dbo.behaviour_blob").await?.into_row().await?.ok_or("no row")?;
    if row.get::<&str, _>(0) != Some(text.as_str()) || row.get::<&[u8], _>(1) != Some(data.as_slice()) {
        return Err("the values came back changed".into());
    }
    Ok(())
}

async fn transaction(client: &mut Connection, end: &str, want: &str) -> Outcome<()> {
    results(client, "BEGIN TRANSACTION; INSERT INTO dbo.behaviour_load (id) VALUES (901)", &[]).await?;
    results(client, end, &[]).await?;
    expect_scalar(client, want, "SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 901").await
}

// tiberius has no cancel but to drop the connection: the server must notice and stop the statement.
async fn dropped_connection(client: &mut Connection, password: &str) -> Outcome<()> {
    let mut other = connect(password).await?;
    let spid = scalar(&mut other, "SELECT @@SPID").await?;
    let _ = tokio::time::timeout(Duration::from_secs(1), results(&mut other, "WAITFOR DELAY '00:01:40'", &[])).await;
    drop(other);
    let began = Instant::now();
    while scalar(client, &format!("SELECT COUNT(*) FROM sys.dm_exec_sessions WHERE session_id = {spid}")).await? != "0" {
        if began.elapsed() > Duration::from_secs(60) {
            return Err("the session of a vanished client is still there".into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn login_failure() -> Outcome<()> {
    match connect("wrong").await {
        Ok(_) => Err("let in".into()),
        Err(error) if error.to_string().contains("Login failed") => Ok(()),
        Err(error) => Err(error),
    }
}

struct Report {
    failed: u32,
}

impl Report {
    fn result(&mut self, name: &str, outcome: Outcome<()>) {
        let label = format!("tiberius/{}/{name}", mode());
        match outcome {
            Ok(()) => println!("ok {label}"),
            Err(error) => {
                let text = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
                if let Some(reason) = text.strip_prefix("skip: ") {
                    println!("skip {label}: {reason}");
                } else {
                    self.failed += 1;
                    println!("not ok {label}: {text}");
                }
            }
        }
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let table: Value = serde_json::from_str(&std::fs::read_to_string(env::var("CASEMENT_BEHAVIOURS")?)?)?;
    let password = env::var("CASEMENT_PASSWORD")?;
    let mut client = match connect(&password).await {
        Ok(client) => client,
        Err(error) => {
            println!("not ok tiberius/{}/suite: {error}", mode());
            std::process::exit(1);
        }
    };
    let mut report = Report { failed: 0 };
    for statement in table["setup"].as_array().ok_or("no setup")? {
        results(&mut client, statement.as_str().unwrap_or(""), &[]).await?;
    }
    for entry in table["cases"].as_array().ok_or("no cases")? {
        let outcome = data_case(&mut client, entry).await;
        report.result(entry["name"].as_str().unwrap_or("?"), outcome);
    }
    let outcome = bulk(&mut client).await;
    report.result("bulk_copy", outcome);
    let outcome = big_values(&mut client).await;
    report.result("big_values", outcome);
    let outcome = transaction(&mut client, "ROLLBACK", "0").await;
    report.result("transaction_rollback", outcome);
    let outcome = transaction(&mut client, "COMMIT", "1").await;
    report.result("transaction_commit", outcome);
    let outcome = dropped_connection(&mut client, &password).await;
    report.result("dropped_connection", outcome);
    report.result("login_failure", login_failure().await);
    std::process::exit(if report.failed > 0 { 1 } else { 0 });
}
