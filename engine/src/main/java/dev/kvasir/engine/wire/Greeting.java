package dev.kvasir.engine.wire;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.net.NetSocketInternal;
import org.jspecify.annotations.Nullable;

/** What an initiator does before the handshake: it awaits the responder's preamble and begins TLS, where both are set to. */
final class Greeting {
    /** Takes the end of it; one of these is called, once. */
    interface Outcome {
        /** The handshake can begin. Nobody listens to the socket any more. */
        void onGreeted();

        /** The socket is closed. */
        void onRefused(Refused reason);
    }

    private final NetSocketInternal socket;
    private final @Nullable WireTls tls;
    private final WireLimits limits;
    private final Timers timers;
    private final byte[] preamble = new byte[Handshake.PREAMBLE_BYTES];
    private int count; // bytes of it that have come
    private boolean done;

    Greeting(NetSocketInternal socket, @Nullable WireTls tls, WireLimits limits, Timers timers) {
        this.socket = socket;
        this.tls = tls;
        this.limits = limits;
        this.timers = timers;
    }

    void start(Outcome outcome) {
        Timers.Timer deadline = timers.after(limits.handshakeMillis(), () -> refuse(Refused.LATE, outcome));
        Outcome once = new Outcome() {
            @Override
            public void onGreeted() {
                if (!done) {
                    done = true;
                    deadline.cancel();
                    outcome.onGreeted();
                }
            }

            @Override
            public void onRefused(Refused reason) {
                deadline.cancel();
                refuse(reason, outcome);
            }
        };
        socket.exceptionHandler(ignored -> {}); // it closes the socket, too
        socket.closeHandler(ignored -> once.onRefused(Refused.BROKEN_OFF));
        socket.messageHandler(bytes -> {
            try {
                if (!done && bytes instanceof ByteBuf buffer) {
                    read(buffer, once);
                }
            } finally {
                ReferenceCountUtil.release(bytes);
            }
        });
    }

    private void refuse(Refused reason, Outcome outcome) {
        if (!done) {
            done = true;
            Link.abort(socket);
            outcome.onRefused(reason);
        }
    }

    private void read(ByteBuf bytes, Outcome outcome) {
        int next = Math.min(bytes.readableBytes(), preamble.length - count);
        bytes.readBytes(preamble, count, next);
        count += next;
        if (bytes.isReadable()) {
            outcome.onRefused(Refused.MALFORMED); // it is our turn to speak
        } else if (count == preamble.length) {
            onPreamble(outcome);
        }
    }

    private void onPreamble(Outcome outcome) {
        try {
            Handshake.checkPreamble(preamble, tls != null);
        } catch (RefusedException e) {
            outcome.onRefused(e.reason());
            return;
        }
        if (tls == null) {
            outcome.onGreeted();
        } else {
            socket.upgradeToSsl(tls.client(limits.handshakeMillis()))
                    .onSuccess(ignored -> outcome.onGreeted())
                    .onFailure(e -> outcome.onRefused(Refused.TLS));
        }
    }
}
