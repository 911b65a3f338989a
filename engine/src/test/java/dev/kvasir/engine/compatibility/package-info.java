/**
 * What becomes of every field of every endpoint, as rows that are sent to a server: <em>supported</em> fields change what comes or how it is made, <em>ignored</em> ones change
 * nothing, <em>refused</em> ones are an error that names them. docs/compatibility.md is made of these rows.
 */
@NullMarked
package dev.kvasir.engine.compatibility;

import org.jspecify.annotations.NullMarked;
