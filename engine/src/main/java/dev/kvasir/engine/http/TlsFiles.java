package dev.kvasir.engine.http;

import dev.kvasir.engine.config.DoorTls;
import dev.kvasir.engine.config.SettingsException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Certificate and key of the door. Connections that are open keep what they were opened with. Thread-safe. */
final class TlsFiles {
    static final Set<String> PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");

    private static final long UPDATE_SECONDS = 10;

    private final FileWatch watch;
    private final List<Function<ServerSSLOptions, Future<?>>> servers = new ArrayList<>(); // guarded by this
    private PemKeyCertOptions keyCert = new PemKeyCertOptions(); // guarded by this

    /** @throws SettingsException if the files are no good */
    TlsFiles(DoorTls files, FileWatch.Listener listener) {
        watch = new FileWatch(
                "certificate",
                files::read,
                contents -> {
                    files.check(contents);
                    take(contents);
                },
                listener);
    }

    /** Takes files that have changed; waits for the servers, so not on an event loop. */
    void look() {
        watch.look();
    }

    synchronized PemKeyCertOptions keyCert() {
        return keyCert.copy();
    }

    /** Has a server told of changes. */
    synchronized void onChange(Function<ServerSSLOptions, Future<?>> server) {
        servers.add(server);
    }

    private synchronized void take(List<byte[]> contents) {
        PemKeyCertOptions now = new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(contents.get(0)))
                .addKeyValue(Buffer.buffer(contents.get(1)));
        ServerSSLOptions options = new ServerSSLOptions();
        options.setKeyCertOptions(now).setEnabledSecureTransportProtocols(PROTOCOLS);
        for (Function<ServerSSLOptions, Future<?>> server : servers) {
            await(server.apply(options.copy()));
        }
        keyCert = now;
    }

    private static void await(Future<?> update) {
        try {
            update.toCompletionStage().toCompletableFuture().get(UPDATE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SettingsException("interrupted");
        } catch (ExecutionException e) {
            throw new SettingsException("the server doesn't take it: " + e.getCause());
        } catch (TimeoutException e) {
            throw new SettingsException("the server hasn't taken it within " + UPDATE_SECONDS + " s");
        }
    }
}
