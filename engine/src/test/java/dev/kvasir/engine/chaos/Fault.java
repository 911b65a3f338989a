package dev.kvasir.engine.chaos;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What can happen to nodes and to the network between them. */
enum Fault {
    /** A process is killed and started again. */
    KILL {
        @Override
        String strike(World world, SplittableRandom random) throws Exception {
            int host = random.nextInt(world.count());
            world.cluster().kill(host);
            world.pass(3);
            world.cluster().restart(host);
            return "node " + host + " killed, started again after 3 s";
        }
    },
    /** A process gets no time. */
    FREEZE {
        @Override
        String strike(World world, SplittableRandom random) throws Exception {
            int host = random.nextInt(world.count());
            world.cluster().node(host).process().signal("STOP");
            world.pass(10);
            world.cluster().node(host).process().signal("CONT");
            return "node " + host + " frozen for 10 s";
        }
    },
    /** Some hosts don't reach the others. */
    PARTITION {
        @Override
        String strike(World world, SplittableRandom random) throws Exception {
            Set<Integer> part = new TreeSet<>();
            while (part.isEmpty() || part.size() == world.count()) {
                part.clear();
                for (int host = 0; host < world.count(); host++) {
                    if (random.nextBoolean()) {
                        part.add(host);
                    }
                }
            }
            world.hosts().part(part);
            world.pass(20);
            world.hosts().heal();
            return "nodes " + part + " apart for 20 s";
        }
    },
    /** Packets are lost. */
    LOSS {
        @Override
        String whyNot() {
            return NetworkNamespaces.hasNft() ? "" : "nft isn't there, which loses packets";
        }

        @Override
        String strike(World world, SplittableRandom random) throws Exception {
            world.hosts().lose(1);
            world.pass(8);
            if (world.hosts().lost() == 0) {
                throw new IllegalStateException("no packet was lost");
            }
            world.hosts().lose(0);
            return "1 % of all packets lost for 8 s";
        }
    },
    /** The way is long. */
    DELAY {
        @Override
        String whyNot() {
            return NetworkNamespaces.hasNft() ? "" : "nft isn't there, which sends connections through relays";
        }

        @Override
        String strike(World world, SplittableRandom random) throws Exception {
            Relays relays = world.relays();
            if (relays == null) {
                throw new IllegalStateException("there are no relays");
            }
            long before = relays.delay(50);
            world.pass(8);
            if (relays.delay(0) == before) {
                throw new IllegalStateException("nothing went through the relays");
            }
            return "everything 50 ms later for 8 s";
        }
    };

    /** What faults happen to. */
    record World(NetworkNamespaces hosts, @Nullable Relays relays, Cluster cluster, int count) {
        /** Lets time pass, which is what the fault is about. */
        void pass(int seconds) throws InterruptedException {
            TimeUnit.SECONDS.sleep(seconds);
        }
    }

    /** Returns why it can't happen here, or an empty text. */
    String whyNot() {
        return "";
    }

    /** Has it happen and pass, and returns what it was. */
    abstract String strike(World world, SplittableRandom random) throws Exception;
}
