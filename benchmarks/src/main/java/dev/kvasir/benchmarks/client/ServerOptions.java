package dev.kvasir.benchmarks.client;

import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The options that say which server is asked, and for which of its models. */
public final class ServerOptions {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8000",
            description = "The server, with or without /v1 (default: ${DEFAULT-VALUE}).")
    private String url = "";

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "The model's name (default: the first of /v1/models).")
    private @Nullable String model;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            defaultValue = "${env:OPENAI_API_KEY}",
            showDefaultValue = Visibility.NEVER,
            description = "Bearer token (default: the environment's OPENAI_API_KEY, which other users can't see).")
    private @Nullable String apiKey;

    /** Options as they are without a command line, for a server at {@code url}. */
    public static ServerOptions at(String url) {
        ServerOptions options = new ServerOptions();
        options.url = url;
        return options;
    }

    /**
     * Returns where the server is, without {@code /v1} or a slash at the end.
     *
     * @throws IllegalArgumentException if that is no address
     */
    public String address() {
        if (!url.startsWith("http://") && !url.startsWith("https://")) {
            throw new IllegalArgumentException("--url must begin with http:// or https://");
        }
        String server = url.replaceAll("/+$", "");
        return server.endsWith("/v1") ? server.substring(0, server.length() - "/v1".length()) : server;
    }

    /** Returns the bearer token, if there is one. */
    public @Nullable String apiKey() {
        return apiKey;
    }

    /** Returns the model's name; the server is asked if the command line didn't say. */
    public String model(JsonClient client) throws IOException, InterruptedException {
        return model != null ? model : client.firstModel();
    }

    /** Returns a client for servers of this kind. */
    public static HttpClient http() {
        // HTTP/1.1: what these servers speak, and one connection per stream keeps streams from delaying each other.
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }
}
