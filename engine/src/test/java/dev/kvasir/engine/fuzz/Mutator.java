package dev.kvasir.engine.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Makes one request out of a route: right but for a mutation or some. */
final class Mutator {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String[] METHODS = {"GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "PATCH", "TRACE", "QUX"
    };
    private static final String[] WORDS = {
        "",
        "a",
        "\u0000",
        "../..",
        "%00",
        "😀",
        "a".repeat(300),
        "é",
        "1e999",
        "-1",
        "null",
        "{{7*7}}",
        "<|im_end|>",
        "\r\nx: y"
    };
    private static final String[] NUMBERS = {
        "0",
        "-1",
        "1",
        "2147483647",
        "-2147483648",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "1e308",
        "-1e308",
        "1e-308",
        "0.1",
        "1.5",
        "NaN",
        "1" + "0".repeat(99),
        "1" + "0".repeat(120),
        "-0",
        "00"
    };
    private static final String[] BAD_PATHS = {
        "//", "/%", "/%zz", "/..", "/%2e%2e/", "/\u00e9", "?", "?top=", "?a=%ff", "#x", "/*"
    };

    private final SplittableRandom random;

    Mutator(SplittableRandom random) {
        this.random = random;
    }

    /**
     * One request.
     *
     * @param isHttp whether it's framed as HTTP asks, so that there must be an answer
     */
    record Fuzzed(byte[] bytes, boolean isHttp) {
        String shown() {
            StringBuilder shown = new StringBuilder();
            for (int i = 0; i < Math.min(bytes.length, 3000); i++) {
                int b = bytes[i] & 0xff;
                shown.append(
                        b == '\n' || (b >= 32 && b < 127) ? String.valueOf((char) b) : String.format("\\x%02x", b));
            }
            return bytes.length > 3000 ? shown + ".. (" + bytes.length + " bytes)" : shown.toString();
        }
    }

    /**
     * Makes a request.
     *
     * @param route as the door names it: {@code POST /v1/completions}
     * @param keys that a request may show, none of an administrator's for routes that end the server
     */
    Fuzzed of(String route, List<String> keys) {
        String method = route.substring(0, route.indexOf(' '));
        String pattern = route.substring(route.indexOf(' ') + 1);
        String path = pattern;
        while (path.contains("{")) {
            path = path.substring(0, path.indexOf('{')) + pathWord() + path.substring(path.indexOf('}') + 1);
        }
        if (chance(12)) {
            path += BAD_PATHS[random.nextInt(BAD_PATHS.length)];
        }
        String sent = chance(15) ? METHODS[random.nextInt(METHODS.length)] : method;
        byte[] body = method.equals("POST") || chance(20) ? body(pattern) : new byte[0];
        return assemble(sent, path, body, keys);
    }

    private String pathWord() {
        return switch (random.nextInt(5)) {
            case 0 -> "parrot";
            case 1 -> "resp_" + Long.toHexString(random.nextLong());
            case 2 -> "%" + (random.nextBoolean() ? "2f" : "g") + "x";
            case 3 -> "a".repeat(1 + random.nextInt(2000));
            default -> Integer.toString(random.nextInt());
        };
    }

    private byte[] body(String path) {
        List<String> seeds = Seeds.of(path);
        byte[] body = seeds.get(random.nextInt(seeds.size())).getBytes(StandardCharsets.UTF_8);
        if (!chance(10)) {
            try {
                JsonNode tree = JSON.readTree(body);
                for (int i = 1 + random.nextInt(3); i > 0; i--) {
                    mutate(tree);
                }
                body = JSON.writeValueAsBytes(tree);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            body = rawNumbers(body);
        }
        return chance(6) ? bytes(body) : body;
    }

    /** Changes one place of a tree. */
    private void mutate(JsonNode root) {
        List<JsonNode> inner = new ArrayList<>();
        collect(root, inner);
        JsonNode node = inner.get(random.nextInt(inner.size()));
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            if (names.isEmpty() || chance(8)) {
                object.set(WORDS[random.nextInt(WORDS.length)], value(2));
            } else {
                String name = names.get(random.nextInt(names.size()));
                if (chance(5)) {
                    object.remove(name);
                } else {
                    object.set(name, value(2));
                }
            }
        } else if (node instanceof ArrayNode array) {
            if (array.isEmpty() || chance(3)) {
                array.add(value(2));
            } else if (chance(3)) {
                array.remove(random.nextInt(array.size()));
            } else {
                array.set(random.nextInt(array.size()), value(2));
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> inner) {
        if (node.isContainerNode()) {
            inner.add(node);
            node.forEach(child -> collect(child, inner));
        }
    }

    private JsonNode value(int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 9)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.numberNode(random.nextInt(-3, 40));
            case 3, 4 -> NODES.textNode("#number " + random.nextInt(NUMBERS.length));
            case 5 -> NODES.numberNode(random.nextDouble() * 4 - 1);
            case 6 -> NODES.textNode(WORDS[random.nextInt(WORDS.length)]);
            case 7 -> NODES.textNode("x".repeat(random.nextInt(chance(10) ? 30_000 : 200)));
            case 8 -> NODES.textNode(String.valueOf((char) (0xd800 + random.nextInt(0x800))));
            case 9 -> {
                ArrayNode array = NODES.arrayNode();
                for (int i = random.nextInt(chance(20) ? 300 : 4); i > 0; i--) {
                    array.add(value(depth - 1));
                }
                yield array;
            }
            case 10 -> {
                ObjectNode object = NODES.objectNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    object.set(WORDS[random.nextInt(WORDS.length)] + i, value(depth - 1));
                }
                yield object;
            }
            default -> {
                JsonNode deep = NODES.numberNode(1);
                for (int i = random.nextInt(200); i > 0; i--) {
                    deep = NODES.arrayNode().add(deep);
                }
                yield deep;
            }
        };
    }

    /** Puts numbers in that a tree can't hold. */
    private static byte[] rawNumbers(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        for (int i = NUMBERS.length - 1; i >= 0; i--) {
            text = text.replace("\"#number " + i + "\"", NUMBERS[i]);
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] bytes(byte[] body) {
        if (body.length == 0) {
            return body;
        }
        byte[] changed = body.clone();
        switch (random.nextInt(4)) {
            case 0 -> changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> changed = java.util.Arrays.copyOf(changed, random.nextInt(changed.length));
            case 2 -> changed = concat(changed, changed);
            default -> {
                byte[] junk = new byte[random.nextInt(2000)];
                random.nextBytes(junk);
                changed = concat(java.util.Arrays.copyOf(changed, random.nextInt(changed.length)), junk);
            }
        }
        return changed;
    }

    private Fuzzed assemble(String method, String path, byte[] body, List<String> keys) {
        boolean isHttp = true;
        StringBuilder head = new StringBuilder(method)
                .append(' ')
                .append(path)
                .append(chance(150) ? " HTTP/9.9" : " HTTP/1.1")
                .append("\r\n");
        isHttp &= !head.toString().contains("9.9")
                && path.chars().allMatch(c -> c > 32 && c < 127)
                && !path.contains("#");
        head.append("host: ").append(chance(30) ? "evil.example" : "localhost").append("\r\n");
        head.append("connection: close\r\n");
        if (!chance(10)) {
            head.append("authorization: Bearer ")
                    .append(chance(15) ? "nobodys-key" : keys.get(random.nextInt(keys.size())))
                    .append("\r\n");
        }
        if (!chance(20)) {
            head.append("content-type: ")
                    .append(chance(20) ? "text/plain" : "application/json")
                    .append("\r\n");
        }
        if (chance(15)) {
            head.append("origin: ")
                    .append(chance(2) ? "https://app.example" : "null")
                    .append("\r\n");
            head.append("access-control-request-method: POST\r\n");
        }
        if (chance(15)) {
            head.append("x-request-id: ")
                    .append("i".repeat(random.nextInt(300)))
                    .append("\r\n");
        }
        if (chance(30)) {
            head.append("expect: 100-continue\r\n");
        }
        if (chance(60)) {
            head.append("x-long: ").append("h".repeat(random.nextInt(40_000))).append("\r\n");
            isHttp = false; // too long a head is refused, and maybe by a reset
        }
        byte[] framed = body;
        int framing = random.nextInt(40);
        if (framing < 6) {
            head.append("transfer-encoding: chunked\r\n");
            framed = chunked(body, framing == 0);
            isHttp &= framing != 0;
        } else if (framing == 6) {
            head.append("content-length: ")
                    .append(body.length + 1 + random.nextInt(50))
                    .append("\r\n");
            isHttp = false; // never whole
        } else if (framing == 7) {
            head.append("content-length: -5\r\n");
            isHttp = false;
        } else if (framing == 8) {
            head.append("content-length: 99999999999999999999\r\n");
            isHttp = false;
        } else {
            head.append("content-length: ").append(body.length).append("\r\n");
        }
        byte[] request = concat(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8), framed);
        if (chance(60)) {
            request = bytes(request);
            isHttp = false;
        }
        return new Fuzzed(request, isHttp);
    }

    private byte[] chunked(byte[] body, boolean broken) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < body.length; ) {
            int length = Math.min(body.length - at, 1 + random.nextInt(500));
            out.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(body, at, length);
            out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            at += length;
        }
        out.writeBytes((broken ? "zz\r\n" : "0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** Returns true once in so many. */
    private boolean chance(int in) {
        return random.nextInt(in) == 0;
    }
}
