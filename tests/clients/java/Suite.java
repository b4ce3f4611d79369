// The behaviours with mssql-jdbc. Where the server is stands in CASEMENT_HOST, _PORT, _PASSWORD,
// _CERTIFICATE; _MODE: encrypted, plain or strict.
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.sqlserver.jdbc.ISQLServerBulkData;
import com.microsoft.sqlserver.jdbc.SQLServerBulkCopy;
import com.microsoft.sqlserver.jdbc.SQLServerDataTable;
import com.microsoft.sqlserver.jdbc.SQLServerPreparedStatement;
import java.io.FileReader;
import java.io.Reader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;

public final class Suite {
    private static final String MODE = System.getenv().getOrDefault("CASEMENT_MODE", "encrypted");
    private static int failed;

    private interface Test {
        void run() throws Exception;
    }

    private static final class Skip extends Exception {
        Skip(String why) {
            super(why);
        }
    }

    private static Connection connect(String password, String... more) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", "sa");
        properties.put("password", password);
        properties.put("databaseName", "behaviours");
        properties.put("loginTimeout", "20");
        switch (MODE) {
            case "plain" -> properties.put("encrypt", "false");
            case "strict" -> {
                properties.put("encrypt", "strict");
                properties.put("serverCertificate", System.getenv("CASEMENT_CERTIFICATE"));
            }
            default -> {
                properties.put("encrypt", "true");
                properties.put("trustServerCertificate", "true");
            }
        }
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i], more[i + 1]);
        }
        return DriverManager.getConnection("jdbc:sqlserver://" + System.getenv("CASEMENT_HOST") + ":"
            + System.getenv("CASEMENT_PORT"), properties);
    }

    private static Connection connect() throws SQLException {
        return connect(System.getenv("CASEMENT_PASSWORD"));
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    private static void report(String name, Test test) {
        String label = "mssql-jdbc/" + MODE + "/" + name;
        try {
            test.run();
            System.out.println("ok " + label);
        } catch (Skip skip) {
            System.out.println("skip " + label + ": " + skip.getMessage());
        } catch (Throwable error) {
            failed++;
            System.out.println("not ok " + label + ": " + String.valueOf(error).replaceAll("\\s+", " "));
        }
    }

    private static String trimFraction(String text) {
        int point = text.indexOf('.');
        if (point < 0) {
            return text;
        }
        int zone = text.indexOf(' ', point);
        String tail = zone < 0 ? "" : text.substring(zone);
        String head = zone < 0 ? text : text.substring(0, zone);
        return head.replaceAll("0+$", "").replaceAll("\\.$", "") + tail;
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder("0x");
        for (byte b : bytes) {
            text.append(String.format("%02X", b));
        }
        return text.toString();
    }

    private static String canonical(ResultSet rows, int column, String type) throws SQLException {
        Object value = rows.getObject(column);
        if (value == null) {
            return "NULL";
        }
        if (value instanceof Boolean b) {
            return b ? "1" : "0";
        }
        if (value instanceof byte[] b) {
            return hex(b);
        }
        if (value instanceof BigDecimal d) {
            return d.toPlainString();
        }
        String text = type.equals("time") ? rows.getString(column) : value.toString();
        return type.startsWith("date") || type.equals("time") || type.equals("smalldatetime") ? trimFraction(text) : text;
    }

    private static boolean same(String actual, String expected) {
        if (actual.equals(expected)) {
            return true;
        }
        try {
            return expected.matches(".*[.eE].*") && Double.parseDouble(actual) == Double.parseDouble(expected);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static void bind(PreparedStatement statement, int index, String kind, JsonElement value) throws SQLException {
        String text = value.isJsonNull() ? null : value.getAsString();
        if (text == null) {
            statement.setNull(index, Types.INTEGER);
            return;
        }
        switch (kind) {
            case "int" -> statement.setInt(index, Integer.parseInt(text));
            case "bigint" -> statement.setLong(index, Long.parseLong(text));
            case "bit" -> statement.setBoolean(index, text.equals("1"));
            case "float" -> statement.setDouble(index, Double.parseDouble(text));
            case "decimal" -> statement.setBigDecimal(index, new BigDecimal(text));
            case "varbinary" -> {
                byte[] bytes = new byte[(text.length() - 2) / 2];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) Integer.parseInt(text.substring(2 + 2 * i, 4 + 2 * i), 16);
                }
                statement.setBytes(index, bytes);
            }
            case "datetime2" -> statement.setTimestamp(index, Timestamp.valueOf(text));
            case "uniqueidentifier" -> ((SQLServerPreparedStatement) statement).setUniqueIdentifier(index, text);
            default -> statement.setNString(index, text);
        }
    }

    private static List<List<List<String>>> results(Statement statement, boolean isRows) throws SQLException {
        List<List<List<String>>> found = new ArrayList<>();
        boolean rowsNext = isRows;
        while (rowsNext || statement.getUpdateCount() != -1) {
            if (rowsNext) {
                try (ResultSet rows = statement.getResultSet()) {
                    ResultSetMetaData metadata = rows.getMetaData();
                    List<List<String>> set = new ArrayList<>();
                    while (rows.next()) {
                        List<String> row = new ArrayList<>();
                        for (int i = 1; i <= metadata.getColumnCount(); i++) {
                            row.add(canonical(rows, i, metadata.getColumnTypeName(i)));
                        }
                        set.add(row);
                    }
                    found.add(set);
                }
            }
            rowsNext = statement.getMoreResults();
        }
        return found;
    }

    private static List<List<List<String>>> run(Connection connection, String sql, JsonArray params) throws SQLException {
        if (params == null || params.isEmpty()) {
            try (Statement statement = connection.createStatement()) {
                return results(statement, statement.execute(sql));
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(sql.replace("{}", "?"))) {
            for (int i = 0; i < params.size(); i++) {
                JsonArray param = params.get(i).getAsJsonArray();
                bind(statement, i + 1, param.get(0).getAsString(), param.get(1));
            }
            return results(statement, statement.execute());
        }
    }

    private static String scalar(Connection connection, String sql) throws SQLException {
        List<List<List<String>>> found = run(connection, sql, null);
        return found.get(found.size() - 1).get(0).get(0);
    }

    private static void expectScalar(Connection connection, String want, String sql) throws SQLException {
        String got = scalar(connection, sql);
        check(want.equals(got), sql + " gave " + got + ", expected " + want);
    }

    private static void dataCase(Connection connection, JsonObject entry) throws SQLException {
        String sql = entry.get("sql").getAsString();
        List<String> needs = new ArrayList<>();
        entry.getAsJsonArray("needs").forEach(need -> needs.add(need.getAsString()));
        if (entry.has("error")) {
            try {
                run(connection, sql, null);
            } catch (SQLException error) {
                check(error.getErrorCode() == entry.get("error").getAsInt() || needs.contains("loose_error"),
                    "error " + error.getErrorCode() + ": " + error.getMessage());
                return;
            }
            throw new AssertionError("no error");
        }
        List<List<List<String>>> got = run(connection, sql, entry.getAsJsonArray("params"));
        JsonArray wanted = entry.getAsJsonArray("results");
        int from = 0;
        if (needs.contains("try_results")) {
            got = got.subList(got.size() - 1, got.size());
            from = wanted.size() - 1;
        }
        check(got.size() == wanted.size() - from, got.size() + " result sets: " + got);
        for (int r = 0; r < got.size(); r++) {
            JsonArray rows = wanted.get(r + from).getAsJsonArray();
            check(rows.size() == got.get(r).size(), got.get(r).size() + " rows, expected " + rows.size());
            for (int i = 0; i < rows.size(); i++) {
                for (int c = 0; c < rows.get(i).getAsJsonArray().size(); c++) {
                    check(same(got.get(r).get(i).get(c), rows.get(i).getAsJsonArray().get(c).getAsString()),
                        "row is " + got.get(r).get(i) + ", expected " + rows.get(i));
                }
            }
        }
    }

    private static void procedure(Connection connection) throws SQLException {
        try (CallableStatement call = connection.prepareCall("{? = call dbo.behaviour_proc(?, ?, ?)}")) {
            call.registerOutParameter(1, Types.INTEGER);
            call.setInt(2, 21);
            call.setNString(3, "x");
            call.registerOutParameter(4, Types.INTEGER);
            List<List<List<String>>> got = results(call, call.execute());
            check(got.equals(List.of(List.of(List.of("21", "x")))), "rows " + got);
            check(call.getInt(1) == 7 && call.getInt(4) == 42, call.getInt(1) + " and " + call.getInt(4));
        }
    }

    /** Five thousand rows for dbo.behaviour_load. */
    private static final class Load implements ISQLServerBulkData {
        private static final String[] NAMES = {"id", "name", "amount", "at"};
        private static final int[] TYPES = {Types.INTEGER, Types.NVARCHAR, Types.DECIMAL, Types.TIMESTAMP};
        private static final int[] PRECISIONS = {0, 50, 18, 23};
        private static final int[] SCALES = {0, 0, 4, 3};
        private int row = -1;

        @Override
        public Set<Integer> getColumnOrdinals() {
            return Set.of(1, 2, 3, 4);
        }

        @Override
        public String getColumnName(int column) {
            return NAMES[column - 1];
        }

        @Override
        public int getColumnType(int column) {
            return TYPES[column - 1];
        }

        @Override
        public int getPrecision(int column) {
            return PRECISIONS[column - 1];
        }

        @Override
        public int getScale(int column) {
            return SCALES[column - 1];
        }

        @Override
        public Object[] getRowData() {
            return new Object[] {row, "bulk " + row, new BigDecimal("1.2500"), Timestamp.valueOf("2026-11-23 01:02:03")};
        }

        @Override
        public boolean next() {
            return ++row < 5000;
        }
    }

    private static void bulkCopy(Connection connection) throws SQLException {
        run(connection, "DELETE FROM dbo.behaviour_load", null);
        try (SQLServerBulkCopy copy = new SQLServerBulkCopy(connection)) {
            copy.setDestinationTableName("dbo.behaviour_load");
            copy.writeToServer(new Load());
        }
        expectScalar(connection, "6250.0000", "SELECT SUM(amount) FROM dbo.behaviour_load");
    }

    private static void tableParameter(Connection connection) throws SQLException {
        SQLServerDataTable table = new SQLServerDataTable();
        table.addColumnMetadata("id", Types.INTEGER);
        table.addColumnMetadata("name", Types.NVARCHAR);
        table.addRow(1, "one");
        table.addRow(2, null);
        table.addRow(3, "three");
        String sql = "SELECT COUNT(*), SUM(id), COUNT(name) FROM ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            ((SQLServerPreparedStatement) statement).setStructured(1, "dbo.behaviour_ids", table);
            List<List<List<String>>> got = results(statement, statement.execute());
            check(got.equals(List.of(List.of(List.of("3", "6", "2")))), "rows " + got);
        }
    }

    private static void bigValues(Connection connection) throws SQLException {
        String text = "\u00e9\uD83D\uDE00x".repeat(2500000);
        byte[] data = "casement".repeat(1300000).getBytes(StandardCharsets.US_ASCII);
        run(connection, "DELETE FROM dbo.behaviour_blob", null);
        try (PreparedStatement insert =
                 connection.prepareStatement("INSERT INTO dbo.behaviour_blob (id, t, b) VALUES (1, ?, ?)")) {
            insert.setNString(1, text);
            insert.setBytes(2, data);
            insert.execute();
        }
        try (Statement statement = connection.createStatement();
             ResultSet rows = statement.executeQuery("SELECT t, b FROM dbo.behaviour_blob")) {
            rows.next();
            check(text.equals(rows.getString(1)), "the text came back changed");
            check(Arrays.equals(data, rows.getBytes(2)), "the bytes came back changed");
        }
    }

    private static void transaction(boolean commit) throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO dbo.behaviour_load (id) VALUES (801)", null);
            if (commit) {
                connection.commit();
            } else {
                connection.rollback();
            }
            connection.setAutoCommit(true);
            expectScalar(connection, commit ? "1" : "0", "SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 801");
        }
    }

    private static void savepoint() throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO dbo.behaviour_load (id) VALUES (802)", null);
            var mark = connection.setSavepoint("mark");
            run(connection, "INSERT INTO dbo.behaviour_load (id) VALUES (803)", null);
            connection.rollback(mark);
            connection.commit();
            connection.setAutoCommit(true);
            expectScalar(connection, "1", "SELECT COUNT(*) FROM dbo.behaviour_load WHERE id IN (802, 803)");
        }
    }

    private static void timeout(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            statement.execute("WAITFOR DELAY '00:00:50'");
        } catch (SQLException error) {
            expectScalar(connection, "1", "SELECT 1");
            return;
        }
        throw new AssertionError("no time-out");
    }

    private static void cancel(Connection connection) throws Exception {
        try (Statement statement = connection.createStatement()) {
            Thread stopper = new Thread(() -> {
                try {
                    Thread.sleep(700);
                    statement.cancel();
                } catch (Exception e) {
                    System.out.println(e);
                }
            });
            stopper.start();
            try {
                statement.execute("WAITFOR DELAY '00:00:50'");
            } catch (SQLException error) {
                stopper.join();
                expectScalar(connection, "1", "SELECT 1");
                return;
            }
        }
        throw new AssertionError("not cancelled");
    }

    private static void metadata(Connection connection) throws SQLException {
        DatabaseMetaData metadata = connection.getMetaData();
        List<String> columns = new ArrayList<>();
        try (ResultSet rows = metadata.getColumns("behaviours", "dbo", "behaviour_rows", null)) {
            while (rows.next()) {
                columns.add(rows.getString("COLUMN_NAME") + ":" + rows.getString("TYPE_NAME"));
            }
        }
        check(columns.equals(List.of("id:int", "name:nvarchar")), "columns " + columns);
        try (ResultSet rows = metadata.getPrimaryKeys("behaviours", "dbo", "behaviour_rows")) {
            check(rows.next() && rows.getString("COLUMN_NAME").equals("id"), "no primary key");
        }
        try (ResultSet rows = metadata.getTables("behaviours", "dbo", "behaviour%", new String[] {"TABLE"})) {
            int count = 0;
            while (rows.next()) {
                count++;
            }
            check(count == 3, count + " tables");
        }
    }

    private static void generatedKeys(Connection connection) throws SQLException {
        run(connection, "CREATE TABLE #keys (id int IDENTITY(5, 1), v int)", null);
        try (PreparedStatement insert =
                 connection.prepareStatement("INSERT INTO #keys (v) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
            insert.setInt(1, 1);
            insert.executeUpdate();
            try (ResultSet keys = insert.getGeneratedKeys()) {
                check(keys.next() && keys.getInt(1) == 5, "no key 5");
            }
        }
        run(connection, "DROP TABLE #keys", null);
    }

    private static void batchInsert(Connection connection) throws SQLException {
        run(connection, "DELETE FROM dbo.behaviour_load", null);
        try (PreparedStatement insert =
                 connection.prepareStatement("INSERT INTO dbo.behaviour_load (id, name) VALUES (?, ?)")) {
            for (int n = 0; n < 300; n++) {
                insert.setInt(1, n);
                insert.setNString(2, "n" + n);
                insert.addBatch();
            }
            check(insert.executeBatch().length == 300, "not 300 counts");
        }
        expectScalar(connection, "300", "SELECT COUNT(*) FROM dbo.behaviour_load");
    }

    private static void scrollable(Connection connection) throws SQLException {
        try (Statement statement =
                 connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY);
             ResultSet rows = statement.executeQuery("SELECT id FROM dbo.behaviour_rows ORDER BY id")) {
            check(rows.last() && rows.getInt(1) == 3, "last is not 3");
            check(rows.first() && rows.getInt(1) == 1, "first is not 1");
            check(rows.absolute(2) && rows.getInt(1) == 2, "second is not 2");
        }
    }

    public static void main(String[] args) throws Exception {
        JsonObject table;
        try (Reader reader = new FileReader(System.getenv("CASEMENT_BEHAVIOURS"), StandardCharsets.UTF_8)) {
            table = JsonParser.parseReader(reader).getAsJsonObject();
        }
        try (Connection connection = connect()) {
            for (JsonElement statement : table.getAsJsonArray("setup")) {
                run(connection, statement.getAsString(), null);
            }
            for (JsonElement element : table.getAsJsonArray("cases")) {
                JsonObject entry = element.getAsJsonObject();
                report(entry.get("name").getAsString(), () -> dataCase(connection, entry));
            }
            report("encryption", () -> expectScalar(connection, MODE.equals("plain") ? "FALSE" : "TRUE",
                "SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID"));
            report("login_failure", () -> {
                try {
                    connect("wrong").close();
                } catch (SQLException error) {
                    check(error.getErrorCode() == 18456, "error " + error.getErrorCode());
                    return;
                }
                throw new AssertionError("let in");
            });
            report("procedure_with_output", () -> procedure(connection));
            report("bulk_copy", () -> bulkCopy(connection));
            report("batch_insert", () -> batchInsert(connection));
            report("table_valued_parameter", () -> tableParameter(connection));
            report("big_values", () -> bigValues(connection));
            report("transaction_commit", () -> transaction(true));
            report("transaction_rollback", () -> {
                run(connection, "DELETE FROM dbo.behaviour_load", null);
                transaction(false);
            });
            report("savepoint", Suite::savepoint);
            report("generated_keys", () -> generatedKeys(connection));
            report("scrollable_cursor", () -> scrollable(connection));
            report("metadata", () -> metadata(connection));
            report("query_timeout", () -> timeout(connection));
            report("cancel", () -> cancel(connection));
        } catch (SQLException error) {
            System.out.println("not ok mssql-jdbc/" + MODE + "/suite: " + error.getMessage());
            failed++;
        }
        System.exit(failed > 0 ? 1 : 0);
    }
}
