package dev.kvasir.pool;

/**
 * How messages get to other nodes: a network, or a queue in a test. Everything here is called by the pool's owner on its thread and returns at once;
 * what takes time happens elsewhere. It may lose, delay, double and reorder messages, but not alter them: what was cut or changed on the way is
 * dropped, as {@link TransferCodec} tells.
 *
 * <p>The bytes of a {@link TransferMessage.Data} are lent: to the transport from {@link #send} until it tells {@link Events#onSent}, to the
 * receiver from {@link Events#onMessage} until it calls {@link #consumed}. The slot or buffer behind them isn't used for anything else meanwhile.
 */
public interface Transport {
    /** Takes what has happened. */
    interface Events {
        /** A message has come from a node. Bytes that came with it stay until they are said to be {@linkplain #consumed consumed}. */
        void onMessage(int from, TransferMessage message);

        /** The bytes of a message are no longer read, because they are on their way or because it was given up. */
        void onSent(TransferMessage.Data data);
    }

    /** Returns whether there is such a node, as far as is known. */
    boolean isKnown(int node);

    /**
     * Begins to send a message.
     *
     * @return false if too much waits for that node already, or it is gone: then nothing was begun. To be tried again after the next poll
     */
    boolean send(int node, TransferMessage message);

    /** Says that the bytes of a message that came have been read, so that their buffer can be used again. Once for each. */
    void consumed(TransferMessage.Data data);

    /**
     * Tells what has happened since the last call: each accepted {@link TransferMessage.Data} is told to be sent exactly once, whatever became of it.
     *
     * @return whether it was something
     */
    boolean poll(Events events);
}
