package dev.kvasir.engine.cluster;

import dev.kvasir.engine.config.ClusterSettings.Role;

/** Another node that serves the same model: its number, what it does, and where its data plane listens. */
public record Peer(int node, Role role, NodeAddress address) {}
