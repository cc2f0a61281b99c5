package org.barnraiser.coordinator.account;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * Where members are kept: a SQLite file in the data folder, or a PostgreSQL that several coordinators share. Any thread may use
 * it; every call blocks, and gives up after a few seconds.
 */
public final class Database implements AutoCloseable {
    private static final String FILE = "members.db";
    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final String MIGRATIONS = "classpath:org/barnraiser/coordinator/account/migrations";
    /** Another process, such as {@code barn key}, may be writing. */
    private static final int BUSY_MILLIS = 5_000;
    private static final Duration CONNECTION_PATIENCE = Duration.ofSeconds(10);
    private static final int CONNECTIONS = 4;
    /** In seconds, as the driver takes them; a database that does not answer must not hold requests for ever. */
    private static final String SOCKET_TIMEOUT = "20";

    private final HikariDataSource pool;
    private final boolean shared;
    private final Jdbi jdbi;

    private Database(HikariDataSource pool, boolean shared) {
        this.pool = pool;
        this.shared = shared;
        this.jdbi = Jdbi.create(pool);
    }

    /**
     * Opens the database, and brings its tables up to date.
     *
     * @param url {@code jdbc:postgresql://…}; empty for a file in the data folder
     */
    public static Database open(Optional<String> url, Path dataFolder) throws AccountException {
        HikariConfig config = url.isPresent() ? postgresql(url.get()) : sqlite(dataFolder);
        HikariDataSource pool = null;
        try {
            pool = new HikariDataSource(config);
            Flyway.configure().dataSource(pool).locations(MIGRATIONS).load().migrate();
            return new Database(pool, url.isPresent());
        } catch (RuntimeException failed) {
            // Flyway and the pool throw these. The address may hold a password, so it is not repeated.
            if (pool != null) {
                pool.close();
            }
            throw new AccountException(url.isPresent()
                    ? "The database of --database cannot be used; is it running, and are its name, user and password right?"
                    : "The members' file " + dataFolder.resolve(FILE)
                            + " cannot be used; it may be damaged or of a newer Barnraiser.",
                    failed);
        }
    }

    private static HikariConfig sqlite(Path folder) throws AccountException {
        Path file = folder.resolve(FILE);
        try {
            Files.createDirectories(folder);
            makePrivate(file);
        } catch (IOException e) {
            throw new AccountException("Cannot write the members' file " + file + " (" + e.getMessage() + ").", e);
        }
        SQLiteConfig sqlite = new SQLiteConfig();
        sqlite.setJournalMode(SQLiteConfig.JournalMode.WAL);
        sqlite.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        sqlite.setBusyTimeout(BUSY_MILLIS);
        sqlite.enforceForeignKeys(true);
        // A transaction that reads first and writes then would fail when another one writes in between.
        sqlite.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        SQLiteDataSource source = new SQLiteDataSource(sqlite);
        source.setUrl("jdbc:sqlite:" + file);
        HikariConfig config = common();
        config.setDataSource(source);
        // One writes at a time anyway. Who waits for the pool is served in turn; who waits for the file is not, and may starve.
        config.setMaximumPoolSize(1);
        return config;
    }

    /** Names, and who used how much, are nobody's business on a machine that people share. */
    private static void makePrivate(Path file) throws IOException {
        if (!Files.exists(file) && FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    private static HikariConfig postgresql(String url) throws AccountException {
        if (!url.startsWith(POSTGRESQL)) {
            throw new AccountException(
                    "--database must be an address like jdbc:postgresql://HOST/NAME?user=…&password=….");
        }
        HikariConfig config = common();
        config.setJdbcUrl(url);
        config.addDataSourceProperty("socketTimeout", SOCKET_TIMEOUT);
        config.addDataSourceProperty("ApplicationName", "barnraiser");
        return config;
    }

    private static HikariConfig common() {
        HikariConfig config = new HikariConfig();
        config.setPoolName("members");
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_PATIENCE.toMillis());
        return config;
    }

    /** Whether other coordinators may use it as well. */
    boolean isShared() {
        return shared;
    }

    /** Reads. */
    <T> T read(HandleCallback<T, RuntimeException> work) throws AccountException {
        try {
            return jdbi.withHandle(work);
        } catch (JdbiException e) {
            throw new AccountException("The members' database does not answer; try again in a few seconds.", e);
        }
    }

    /** Changes something, all of it or nothing. */
    <T> T change(HandleCallback<T, RuntimeException> work) throws AccountException {
        try {
            return jdbi.inTransaction(work);
        } catch (JdbiException e) {
            throw new AccountException("The members' database does not answer; try again in a few seconds.", e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
