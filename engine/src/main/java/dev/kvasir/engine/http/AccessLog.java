package dev.kvasir.engine.http;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One log line per answered request: numbers and ids, never what was said. What asks for an administrator's route is written by a logger of its own,
 * {@code kvasir.audit}, allowed or not.
 */
final class AccessLog {
    private static final Logger log = LoggerFactory.getLogger(AccessLog.class);
    private static final Logger audit = LoggerFactory.getLogger("kvasir.audit");

    private AccessLog() {}

    static void answered(Exchange exchange, String method, int status) {
        Logger logger = exchange.isForAdmins() ? audit : log;
        if (!logger.isInfoEnabled()) {
            return;
        }
        LoggingEventBuilder event = status == 500 ? logger.atWarn() : logger.atInfo();
        if (exchange.isForAdmins()) {
            event = event.addKeyValue("from", exchange.remoteHost());
        }
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
