package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The nodes of the cluster as one of them sees them. */
public interface NodesView {
    /** Returns them, and says what is wrong with them. Called once a second, by one thread. */
    ObjectNode json(Problems problems);
}
