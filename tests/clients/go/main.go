// The behaviours with go-mssqldb. Where the server is stands in CASEMENT_HOST, _PORT, _PASSWORD,
// _CERTIFICATE; _MODE: encrypted, plain or strict.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
)

var mode = os.Getenv("CASEMENT_MODE")
var failed = 0

type behaviour struct {
	Name    string
	SQL     string
	Params  [][2]*string
	Needs   []string
	Results [][][]string
	Error   *int32
}

type skipped string

func (s skipped) Error() string { return string(s) }

func open(password string) *sql.DB {
	query := url.Values{"database": {"behaviours"}, "dial timeout": {"20"}}
	switch mode {
	case "plain":
		query.Set("encrypt", "disable")
	case "strict":
		query.Set("encrypt", "strict")
		query.Set("certificate", os.Getenv("CASEMENT_CERTIFICATE"))
		query.Set("hostNameInCertificate", "localhost")
	default:
		query.Set("encrypt", "true")
		query.Set("TrustServerCertificate", "true")
	}
	address := url.URL{Scheme: "sqlserver", User: url.UserPassword("sa", password),
		Host: os.Getenv("CASEMENT_HOST") + ":" + os.Getenv("CASEMENT_PORT"), RawQuery: query.Encode()}
	db, err := sql.Open("sqlserver", address.String())
	if err != nil {
		panic(err)
	}
	return db
}

func trimFraction(text string) string {
	if i := strings.IndexByte(text, '.'); i >= 0 && strings.Contains(text, ":") {
		return strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func canonical(value any, kind string) string {
	switch v := value.(type) {
	case nil:
		return "NULL"
	case bool:
		if v {
			return "1"
		}
		return "0"
	case []byte:
		switch kind {
		case "UNIQUEIDENTIFIER":
			var id mssql.UniqueIdentifier
			if id.Scan(v) == nil {
				return id.String()
			}
		case "DECIMAL", "NUMERIC", "MONEY", "SMALLMONEY":
			return string(v)
		}
		return "0x" + strings.ToUpper(hex.EncodeToString(v))
	case time.Time:
		switch kind {
		case "DATE":
			return v.Format("2006-01-02")
		case "TIME":
			return trimFraction(v.Format("15:04:05.0000000"))
		case "DATETIMEOFFSET":
			return trimFraction(v.Format("2006-01-02 15:04:05.0000000")) + v.Format(" -07:00")
		}
		return trimFraction(v.Format("2006-01-02 15:04:05.0000000"))
	case float64:
		return strconv.FormatFloat(v, 'G', -1, 64)
	}
	return fmt.Sprint(value)
}

func same(actual, expected string) bool {
	if actual == expected {
		return true
	}
	a, err1 := strconv.ParseFloat(actual, 64)
	b, err2 := strconv.ParseFloat(expected, 64)
	return err1 == nil && err2 == nil && a == b && strings.ContainsAny(expected, ".eE")
}

func adapt(kind string, text *string) any {
	if text == nil {
		return nil
	}
	switch kind {
	case "int", "bigint":
		n, _ := strconv.ParseInt(*text, 10, 64)
		return n
	case "bit":
		return *text == "1"
	case "float":
		f, _ := strconv.ParseFloat(*text, 64)
		return f
	case "varbinary":
		b, _ := hex.DecodeString((*text)[2:])
		return b
	case "uniqueidentifier":
		var id mssql.UniqueIdentifier
		if err := id.Scan(*text); err != nil {
			panic(err)
		}
		return id
	case "datetime2":
		at, _ := time.Parse("2006-01-02 15:04:05.999999999", *text)
		return mssql.DateTimeOffset(at)
	}
	return *text
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func collect(db querier, query string, args ...any) ([][][]string, []string, error) {
	rows, err := db.QueryContext(context.Background(), query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var results [][][]string
	var names []string
	for {
		columns, err := rows.ColumnTypes()
		if err != nil {
			return nil, nil, err
		}
		set := [][]string{}
		for rows.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new(any)
			}
			if err := rows.Scan(cells...); err != nil {
				return nil, nil, err
			}
			row := []string{}
			for i, cell := range cells {
				row = append(row, canonical(*cell.(*any), columns[i].DatabaseTypeName()))
			}
			set = append(set, row)
		}
		if len(columns) > 0 {
			results = append(results, set)
			names, _ = rows.Columns()
		}
		if !rows.NextResultSet() {
			return results, names, rows.Err()
		}
	}
}

func scalar(db querier, query string, args ...any) (string, error) {
	results, _, err := collect(db, query, args...)
	if err != nil {
		return "", err
	}
	if len(results) == 0 || len(results[len(results)-1]) == 0 {
		return "", errors.New("no row")
	}
	return results[len(results)-1][0][0], nil
}

func expectScalar(db querier, want, query string, args ...any) error {
	got, err := scalar(db, query, args...)
	if err == nil && got != want {
		err = fmt.Errorf("%s gave %s, expected %s", query, got, want)
	}
	return err
}

func report(name string, test func() error) {
	label := "go-mssqldb/" + mode + "/" + name
	err := test()
	var skip skipped
	switch {
	case err == nil:
		fmt.Println("ok", label)
	case errors.As(err, &skip):
		fmt.Printf("skip %s: %s\n", label, skip)
	default:
		failed++
		fmt.Printf("not ok %s: %s\n", label, strings.Join(strings.Fields(err.Error()), " "))
	}
}

func wantError(err error, number int32, loose bool) error {
	var server mssql.Error
	if err == nil {
		return fmt.Errorf("no error, expected %d", number)
	}
	if !errors.As(err, &server) {
		return fmt.Errorf("not an error of the server: %w", err)
	}
	if server.Number != number && !loose {
		return fmt.Errorf("error %d (%s), expected %d", server.Number, server.Message, number)
	}
	return nil
}

var placeholder = regexp.MustCompile(`\{\}`)

func dataCase(db *sql.DB, entry behaviour) error {
	number := 0
	text := placeholder.ReplaceAllStringFunc(entry.SQL, func(string) string {
		number++
		return "@p" + strconv.Itoa(number)
	})
	args := []any{}
	for _, param := range entry.Params {
		args = append(args, adapt(*param[0], param[1]))
	}
	results, _, err := collect(db, text, args...)
	if entry.Error != nil {
		return wantError(err, *entry.Error, contains(entry.Needs, "loose_error"))
	}
	if err != nil {
		return err
	}
	wanted := entry.Results
	if contains(entry.Needs, "try_results") {
		results, wanted = results[len(results)-1:], wanted[len(wanted)-1:]
	}
	if len(results) != len(wanted) {
		return fmt.Errorf("%d result sets, expected %d", len(results), len(wanted))
	}
	for r, rows := range wanted {
		if len(rows) != len(results[r]) {
			return fmt.Errorf("%d rows, expected %d", len(results[r]), len(rows))
		}
		for i, row := range rows {
			for c, cell := range row {
				if !same(results[r][i][c], cell) {
					return fmt.Errorf("row is %q, expected %q", results[r][i], row)
				}
			}
		}
	}
	return nil
}

func contains(list []string, word string) bool {
	for _, item := range list {
		if item == word {
			return true
		}
	}
	return false
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func exec(db *sql.DB, query string, args ...any) error {
	_, err := db.Exec(query, args...)
	return err
}

func bulkCopy(db *sql.DB) error {
	if err := exec(db, "DELETE FROM dbo.behaviour_load"); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	stmt, err := tx.Prepare(mssql.CopyIn("dbo.behaviour_load", mssql.BulkOptions{CheckConstraints: true}, "id", "name", "amount", "at"))
	if err != nil {
		return err
	}
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	for n := 0; n < 5000; n++ {
		if _, err := stmt.Exec(n, fmt.Sprintf("bulk %d", n), "1.2500", at); err != nil {
			return err
		}
	}
	if _, err := stmt.Exec(); err != nil {
		return err
	}
	return first(stmt.Close(), tx.Commit(),
		expectScalar(db, "6250.0000", "SELECT SUM(amount) FROM dbo.behaviour_load"),
		expectScalar(db, "5000", "SELECT COUNT(*) FROM dbo.behaviour_load WHERE name LIKE 'bulk %' AND at = '2026-11-23 01:02:03'"))
}

func bigValues(db *sql.DB) error {
	text := strings.Repeat("\u00e9\U0001F600x", 2500000)
	data := bytes.Repeat([]byte{0, 1, 2, 255}, 2500000)
	if err := first(exec(db, "DELETE FROM dbo.behaviour_blob"),
		exec(db, "INSERT INTO dbo.behaviour_blob (id, t, b) VALUES (1, @p1, @p2)", text, data)); err != nil {
		return err
	}
	var backText string
	var backData []byte
	if err := db.QueryRow("SELECT t, b FROM dbo.behaviour_blob").Scan(&backText, &backData); err != nil {
		return err
	}
	if backText != text || !bytes.Equal(backData, data) {
		return errors.New("the values came back changed")
	}
	return nil
}

func procedure(db *sql.DB) error {
	var o int64
	var status mssql.ReturnStatus
	rows, err := db.Query("dbo.behaviour_proc", sql.Named("a", 21), sql.Named("b", "x"), sql.Named("o", sql.Out{Dest: &o}), &status)
	if err != nil {
		return err
	}
	var a int
	var b string
	for rows.Next() {
		if err := rows.Scan(&a, &b); err != nil {
			return err
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	if a != 21 || b != "x" || o != 42 || status != 7 {
		return fmt.Errorf("a %d, b %s, @o %d, status %d", a, b, o, status)
	}
	return nil
}

func tableParameter(db *sql.DB) error {
	type row struct {
		ID   int32
		Name *string
	}
	one := "one"
	rows := []row{{1, &one}, {2, nil}, {3, &one}}
	var n, s, m int
	err := db.QueryRow("SELECT COUNT(*), SUM(id), COUNT(name) FROM @t",
		sql.Named("t", mssql.TVP{TypeName: "dbo.behaviour_ids", Value: rows})).Scan(&n, &s, &m)
	if err == nil && (n != 3 || s != 6 || m != 2) {
		err = fmt.Errorf("%d rows, sum %d, %d names", n, s, m)
	}
	return err
}

func cancel(db *sql.DB) error {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	began := time.Now()
	_, err := db.ExecContext(ctx, "WAITFOR DELAY '00:00:50'")
	if err == nil || time.Since(began) > 40*time.Second {
		return fmt.Errorf("not cancelled: %v", err)
	}
	return expectScalar(db, "1", "SELECT 1")
}

func transaction(db *sql.DB, commit bool) error {
	tx, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT INTO dbo.behaviour_load (id) VALUES (701)"); err != nil {
		return err
	}
	if commit {
		return first(tx.Commit(), expectScalar(db, "1", "SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 701"))
	}
	return first(tx.Rollback(), expectScalar(db, "0", "SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 701"))
}

func poolReset(db *sql.DB) error {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(context.Background(), "SET DATEFIRST 1; CREATE TABLE #left (a int)"); err != nil {
		return err
	}
	if err := conn.Close(); err != nil {
		return err
	}
	results, _, err := collect(db, "SELECT OBJECT_ID('tempdb..#left'), @@DATEFIRST")
	if err == nil && !reflect.DeepEqual(results[0][0], []string{"NULL", "7"}) {
		err = fmt.Errorf("left behind: %v", results[0][0])
	}
	return err
}

func prepared(db *sql.DB) error {
	stmt, err := db.Prepare("SELECT @p1 * 2")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for n := 1; n <= 3; n++ {
		var got int
		if err := stmt.QueryRow(n).Scan(&got); err != nil {
			return err
		}
		if got != 2*n {
			return fmt.Errorf("%d, expected %d", got, 2*n)
		}
	}
	return nil
}

func rowCounts(db *sql.DB) error {
	result, err := db.Exec("UPDATE dbo.behaviour_rows SET name = name WHERE id IN (1, 2)")
	if err != nil {
		return err
	}
	if n, _ := result.RowsAffected(); n != 2 {
		return fmt.Errorf("%d rows updated", n)
	}
	return nil
}

func main() {
	var table struct {
		Setup []string
		Cases []behaviour
	}
	text, err := os.ReadFile(os.Getenv("CASEMENT_BEHAVIOURS"))
	if err == nil {
		err = json.Unmarshal(text, &table)
	}
	db := open(os.Getenv("CASEMENT_PASSWORD"))
	for _, statement := range table.Setup {
		if err == nil {
			_, err = db.Exec(statement)
		}
	}
	if err != nil {
		fmt.Printf("not ok go-mssqldb/%s/suite: %s\n", mode, err)
		os.Exit(1)
	}
	for _, entry := range table.Cases {
		report(entry.Name, func() error { return dataCase(db, entry) })
	}
	wantEncryption := map[bool]string{true: "FALSE", false: "TRUE"}[mode == "plain"]
	report("encryption", func() error {
		return expectScalar(db, wantEncryption, "SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID")
	})
	report("login_failure", func() error { return wantError(open("wrong").Ping(), 18456, false) })
	report("row_counts", func() error { return rowCounts(db) })
	report("prepared", func() error { return prepared(db) })
	report("procedure_with_output", func() error { return procedure(db) })
	report("table_valued_parameter", func() error { return tableParameter(db) })
	report("transaction_rollback", func() error { return transaction(db, false) })
	report("transaction_commit", func() error { return transaction(db, true) })
	report("bulk_copy", func() error { return bulkCopy(db) })
	report("big_values", func() error { return bigValues(db) })
	report("cancel", func() error { return cancel(db) })
	report("pool_reset", func() error { return poolReset(db) })
	if failed > 0 {
		os.Exit(1)
	}
}
