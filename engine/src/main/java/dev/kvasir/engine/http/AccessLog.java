package dev.kvasir.engine.http;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One log line per answered request: numbers and ids, never what was said. */
final class AccessLog {
    private static final Logger log = LoggerFactory.getLogger(AccessLog.class);

    private AccessLog() {}

    static void answered(Exchange exchange, String method, int status) {
        if (!log.isInfoEnabled()) {
            return;
        }
        LoggingEventBuilder event = status == 500 ? log.atWarn() : log.atInfo();
        event = event.addKeyValue("request", exchange.id())
                .addKeyValue("tenant", exchange.tenant().shown())
                .addKeyValue("method", method)
                .addKeyValue("route", exchange.handler())
                .addKeyValue("status", status)
                .addKeyValue("ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - exchange.arrivalNanos()));
        for (Map.Entry<String, Object> fact : exchange.facts().entrySet()) {
            event = event.addKeyValue(fact.getKey(), fact.getValue());
        }
        event.log("answered");
    }
}
