package dev.kvasir.engine;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.Placement;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.ReadPlan;
import dev.kvasir.pool.TransferMessage;
import dev.kvasir.pool.Transport;
import dev.kvasir.pool.Wire;
import java.util.Set;

/** The rules between modules and libraries. {@code benchmarks} stands above this module and isn't seen here. */
@AnalyzeClasses(
        packages = {"dev.kvasir", "ai.djl.pytorch.jni"},
        importOptions = {
            ImportOption.DoNotIncludeTests.class,
            ArchitectureTest.NoTestJars.class,
            ArchitectureTest.OwnClasses.class
        })
class ArchitectureTest {
    /** Other modules' tests come as jars once these are packaged. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    /** Of package {@code ai.djl.pytorch.jni} our one helper, not DJL's own classes, which come in jars of their own. */
    static final class OwnClasses implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return location.contains("/dev/kvasir/") || !location.contains("djl") || !location.isJar();
        }
    }

    @ArchTest
    static void everyModuleIsSeen(JavaClasses all) {
        for (String module : Set.of("pool", "runner", "scheduler", "engine")) {
            assertThat(all.stream().anyMatch(c -> c.getPackageName().startsWith("dev.kvasir." + module)))
                    .as(module)
                    .isTrue();
        }
    }

    @ArchTest
    static final ArchRule MODULES_DEPEND_DOWNWARDS = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("dev.kvasir..")
            .layer("pool")
            .definedBy("dev.kvasir.pool..")
            .layer("runner")
            .definedBy("dev.kvasir.runner..")
            .layer("scheduler")
            .definedBy("dev.kvasir.scheduler..")
            .layer("engine")
            .definedBy("dev.kvasir.engine..")
            .whereLayer("engine")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("scheduler")
            .mayOnlyBeAccessedByLayers("engine")
            .whereLayer("runner")
            .mayOnlyBeAccessedByLayers("engine", "scheduler")
            .whereLayer("pool")
            .mayOnlyBeAccessedByLayers("engine", "scheduler", "runner");

    @ArchTest
    static final ArchRule NO_PACKAGE_CYCLES =
            slices().matching("dev.kvasir.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ONLY_WIRING_SEES_OTHER_MODULES_INSIDES = noClasses()
            .that(resideInAPackage("dev.kvasir.engine.."))
            .and(DescribedPredicate.not(resideInAPackage("dev.kvasir.engine")))
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("dev.kvasir.pool.*..", "dev.kvasir.runner.*..", "dev.kvasir.scheduler.*.."));

    @ArchTest
    static final ArchRule THE_SCHEDULER_SEES_CONTRACTS = noClasses()
            .that(resideInAPackage("dev.kvasir.scheduler.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.kvasir.pool.*..", "dev.kvasir.runner.*.."));

    /** Of the other nodes it knows how they are and what the pool plans, never where anything lies or how it gets there. */
    @ArchTest
    static final ArchRule THE_SCHEDULER_KNOWS_NOTHING_OF_PLACEMENT = noClasses()
            .that(resideInAPackage("dev.kvasir.scheduler.."))
            .should()
            .dependOnClassesThat(JavaClass.Predicates.belongToAnyOf(
                    Placement.class,
                    PlacementAction.class,
                    ReadPlan.class,
                    Directory.class,
                    Wire.class,
                    Transport.class,
                    TransferMessage.class));

    @ArchTest
    static final ArchRule THE_RUNNER_SEES_THE_POOLS_CONTRACT = noClasses()
            .that(resideInAPackage("dev.kvasir.runner.."))
            .should()
            .dependOnClassesThat(resideInAPackage("dev.kvasir.pool.*.."));

    @ArchTest
    static final ArchRule DJL_STAYS_IN_ITS_CORNERS = noClasses()
            .that(resideOutsideOfPackages(
                    "dev.kvasir.runner.torch..", "dev.kvasir.runner.tokenizer..", "ai.djl.pytorch.jni"))
            .should()
            .dependOnClassesThat(resideInAPackage("ai.djl.."));

    @ArchTest
    static final ArchRule JCUDA_STAYS_IN_ITS_CORNER = noClasses()
            .that(resideOutsideOfPackages("dev.kvasir.runner.cuda.."))
            .should()
            .dependOnClassesThat(resideInAPackage("jcuda.."));

    @ArchTest
    static final ArchRule LUCENE_STAYS_IN_ITS_CORNER = noClasses()
            .that(resideOutsideOfPackages("dev.kvasir.runner.guided.."))
            .should()
            .dependOnClassesThat(resideInAPackage("org.apache.lucene.."));

    @ArchTest
    static final ArchRule HAZELCAST_STAYS_IN_ITS_CORNER = noClasses()
            .that(resideOutsideOfPackages("dev.kvasir.engine.cluster.."))
            .should()
            .dependOnClassesThat(resideInAPackage("com.hazelcast.."));

    @ArchTest
    static final ArchRule VERTX_STAYS_IN_THE_ENGINE = noClasses()
            .that(resideOutsideOfPackages(
                    "dev.kvasir.engine",
                    "dev.kvasir.engine.http..",
                    "dev.kvasir.engine.dashboard..",
                    "dev.kvasir.engine.wire..",
                    "dev.kvasir.engine.cluster..",
                    "dev.kvasir.engine.routing.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.vertx..", "io.netty.."));

    @ArchTest
    static final ArchRule POOL_AND_SCHEDULER_ARE_PLAIN_JAVA = classes()
            .that(resideInAnyPackage("dev.kvasir.pool..", "dev.kvasir.scheduler.."))
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "dev.kvasir.pool..",
                    "dev.kvasir.scheduler..",
                    "dev.kvasir.runner",
                    "java..",
                    "javax.crypto..",
                    "org.jspecify..",
                    // each in one corner, see below
                    "org.apache.datasketches..",
                    "org.jgrapht..",
                    "org.apache.commons.math3.."));

    @ArchTest
    static final ArchRule SKETCHES_STAY_IN_THEIR_CORNER = noClasses()
            .that(resideOutsideOfPackages("dev.kvasir.pool.placement"))
            .should()
            .dependOnClassesThat(resideInAPackage("org.apache.datasketches.."));

    @ArchTest
    static final ArchRule GRAPHS_STAY_IN_THEIR_CORNER = noClasses()
            .that(resideOutsideOfPackages("dev.kvasir.pool.dispatch"))
            .should()
            .dependOnClassesThat(resideInAPackage("org.jgrapht.."));

    @ArchTest
    static final ArchRule LEAST_SQUARES_STAY_IN_THEIR_CORNER = noClasses()
            .that(resideOutsideOfPackages("dev.kvasir.scheduler.elastic"))
            .should()
            .dependOnClassesThat(resideInAPackage("org.apache.commons.math3.."));

    private static final DescribedPredicate<JavaClass> CHANCE = resideInAnyPackage(
                    "java.util.logging..", "java.lang.System$Logger")
            .or(JavaClass.Predicates.type(java.util.Random.class))
            .or(JavaClass.Predicates.type(java.util.concurrent.ThreadLocalRandom.class))
            .or(JavaClass.Predicates.assignableTo(java.util.SplittableRandom.class));

    @ArchTest
    static final ArchRule POOL_AND_SCHEDULER_HAVE_NO_CHANCE_AND_NO_LOG = noClasses()
            .that(resideInAnyPackage("dev.kvasir.pool..", "dev.kvasir.scheduler.."))
            .should()
            .dependOnClassesThat(CHANCE);

    @ArchTest
    static final ArchRule POOL_AND_SCHEDULER_HAVE_NO_CLOCK = noClasses()
            .that(resideInAnyPackage("dev.kvasir.pool..", "dev.kvasir.scheduler.."))
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(java.time.Instant.class, "now");

    @ArchTest
    static final ArchRule NOBODY_DESERIALIZES_JAVA_OBJECTS =
            noClasses().should().dependOnClassesThat(JavaClass.Predicates.type(java.io.ObjectInputStream.class));
}
