package dev.kvasir.pool.group;

/**
 * Names a group.
 *
 * @param leader the node that needs the prompt
 * @param number that node's number of the group
 */
record GroupId(int leader, long number) {}
