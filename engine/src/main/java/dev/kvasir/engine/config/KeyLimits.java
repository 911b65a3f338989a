package dev.kvasir.engine.config;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one key may ask for. 0 is no limit, {@link #UNSET} whatever the settings say.
 *
 * @param requestsPerMinute requests
 * @param tokensPerMinute tokens of prompts and answers
 * @param concurrent requests at once
 */
public record KeyLimits(int requestsPerMinute, int tokensPerMinute, int concurrent) {
    /** No limits of its own. */
    public static final KeyLimits OWN_NONE = new KeyLimits(-1, -1, -1);

    static final int UNSET = -1;

    private static final int MOST = 1_000_000_000;
    private static final Pattern OPTION = Pattern.compile("(requests|tokens|concurrent)=(\\d{1,9})");

    public KeyLimits {
        for (int limit : new int[] {requestsPerMinute, tokensPerMinute, concurrent}) {
            if (limit < UNSET || limit > MOST) {
                throw new IllegalArgumentException("no limit is " + limit);
            }
        }
    }

    static KeyLimits of(SettingValues values) {
        return new KeyLimits(
                values.integer("http.limits.requestsPerMinute", 0, MOST),
                values.integer("http.limits.tokensPerMinute", 0, MOST),
                values.integer("http.limits.concurrent", 0, MOST));
    }

    /** Reads what stands behind a key: {@code requests=60}, {@code tokens=10000}, {@code concurrent=4}, each once at most. */
    static KeyLimits parse(String setting, List<String> options) {
        int requests = UNSET;
        int tokens = UNSET;
        int concurrent = UNSET;
        for (String option : options) {
            Matcher matcher = OPTION.matcher(option);
            String name = matcher.matches() ? matcher.group(1) : "";
            int value = name.isEmpty() ? 0 : Integer.parseInt(matcher.group(2));
            if (name.equals("requests") && requests == UNSET) {
                requests = value;
            } else if (name.equals("tokens") && tokens == UNSET) {
                tokens = value;
            } else if (name.equals("concurrent") && concurrent == UNSET) {
                concurrent = value;
            } else {
                // It may be a part of a key and stays out of the message.
                throw new SettingsException(setting + " has something behind a key that isn't requests=N, tokens=N or"
                        + " concurrent=N, each once at most");
            }
        }
        return new KeyLimits(requests, tokens, concurrent);
    }

    /** Returns these, and those of {@code others} where these say nothing. */
    public KeyLimits or(KeyLimits others) {
        return new KeyLimits(
                requestsPerMinute == UNSET ? others.requestsPerMinute : requestsPerMinute,
                tokensPerMinute == UNSET ? others.tokensPerMinute : tokensPerMinute,
                concurrent == UNSET ? others.concurrent : concurrent);
    }

    /** Returns whether nothing is limited. */
    public boolean isNone() {
        return requestsPerMinute <= 0 && tokensPerMinute <= 0 && concurrent <= 0;
    }
}
