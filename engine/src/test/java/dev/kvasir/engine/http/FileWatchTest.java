package dev.kvasir.engine.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.engine.config.SettingsException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a change of a file is taken. */
class FileWatchTest {
    private final List<String> taken = new ArrayList<>();
    private final List<Boolean> told = new ArrayList<>();
    private String content = "a";

    @Test
    void aChangeIsTakenWhenTwoLooksFindTheSame() {
        FileWatch watch = watch();
        assertThat(taken).containsExactly("a");
        watch.look();
        content = "b, half wri";
        watch.look();
        content = "b, half written";
        watch.look();
        assertThat(taken).containsExactly("a");
        watch.look();
        watch.look();
        assertThat(taken).containsExactly("a", "b, half written");
        assertThat(told).containsExactly(true);
    }

    @Test
    void whatIsNoGoodChangesNothingAndIsToldOnce() {
        FileWatch watch = watch();
        content = "bad";
        looks(watch, 5);
        assertThat(taken).containsExactly("a");
        assertThat(told).containsExactly(false);
        content = "c";
        looks(watch, 2);
        assertThat(taken).containsExactly("a", "c");
        content = "bad";
        looks(watch, 2);
        assertThat(told).containsExactly(false, true, false);
    }

    @Test
    void whatCantBeReadChangesNothingAndIsToldOnce() {
        FileWatch watch = watch();
        content = "gone";
        looks(watch, 3);
        content = "a";
        looks(watch, 3);
        assertThat(taken).containsExactly("a");
        assertThat(told).containsExactly(false);
        content = "gone";
        watch.look();
        content = "d";
        looks(watch, 2);
        assertThat(taken).containsExactly("a", "d");
        assertThat(told).containsExactly(false, false, true);
    }

    @Test
    void aChangeThatIsTakenBackIsNone() {
        FileWatch watch = watch();
        content = "b";
        watch.look();
        content = "a";
        watch.look();
        content = "b";
        watch.look();
        assertThat(taken).containsExactly("a");
    }

    @Test
    void filesThatAreNoGoodAtTheStartAreTheCallersAffair() {
        content = "bad";
        assertThatThrownBy(this::watch).isInstanceOf(SettingsException.class);
        content = "gone";
        assertThatThrownBy(this::watch).isInstanceOf(SettingsException.class);
    }

    private static void looks(FileWatch watch, int count) {
        for (int i = 0; i < count; i++) {
            watch.look();
        }
    }

    private FileWatch watch() {
        return new FileWatch("letters", this::read, this::take, (what, good) -> told.add(good));
    }

    private List<byte[]> read() {
        if (content.equals("gone")) {
            throw new SettingsException("it's gone");
        }
        return List.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private void take(List<byte[]> contents) {
        String text = new String(contents.get(0), StandardCharsets.UTF_8);
        if (text.equals("bad")) {
            throw new SettingsException("it's bad");
        }
        taken.add(text);
    }
}
