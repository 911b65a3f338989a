package dev.kvasir.engine.cluster;

/**
 * A node that went.
 *
 * @param number counts departures, so that two of a node differ
 * @param node which
 * @param farewell whether it said that it would
 * @param held segments that it held, as far as was known here
 * @param elsewhere of these, those that another node held too
 */
public record Departure(long number, int node, boolean farewell, int held, int elsewhere) {}
