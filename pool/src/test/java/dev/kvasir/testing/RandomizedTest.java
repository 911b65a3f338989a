package dev.kvasir.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs several times, each with a {@link java.util.SplittableRandom} parameter of its own. The seed stands in the
 * test's name; {@code -Dtest.seed=N} runs that seed alone and {@code -Dtest.seedBase=N} moves the whole run.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(RandomizedTestExtension.class)
public @interface RandomizedTest {
    /** How many seeds to run. */
    int value() default 20;
}
