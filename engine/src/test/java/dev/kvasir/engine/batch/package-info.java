@NullMarked
package dev.kvasir.engine.batch;

import org.jspecify.annotations.NullMarked;
