package dev.kvasir.benchmarks.training.corpus.tools;

import static dev.kvasir.benchmarks.training.corpus.tools.Argument.CITY;
import static dev.kvasir.benchmarks.training.corpus.tools.Argument.COUNT;
import static dev.kvasir.benchmarks.training.corpus.tools.Argument.FOOD;
import static dev.kvasir.benchmarks.training.corpus.tools.Argument.HOUR;
import static dev.kvasir.benchmarks.training.corpus.tools.Argument.ITEM;
import static dev.kvasir.benchmarks.training.corpus.tools.Argument.PERSON;

import java.util.List;

/**
 * What a tool can do. The last way to ask for it is held out.
 *
 * @param nouns what the name of a tool that does it may be made of; no other action has them
 * @param description what the list says
 * @param arguments in order
 * @param requests wordings of the user, a {@code %s} for each argument in order, or {@code %1$s} and {@code %2$s}; the last is held out
 * @param result what the tool returns, as JSON
 * @param answer the assistant's last word, with the same {@code %s}
 */
record Action(
        List<String> nouns,
        String description,
        List<Argument> arguments,
        List<String> requests,
        String result,
        String answer) {

    static final List<Action> ALL = List.of(
            new Action(
                    List.of("weather", "forecast", "climate", "sky"),
                    "Tells the weather.",
                    List.of(CITY),
                    List.of(
                            "What is the weather in %s?",
                            "Could you look up the weather in %s, please?",
                            "I would like to know the weather in %s.",
                            "Tell me the weather in %s.",
                            "How is the weather in %s today?",
                            "Can you tell me the weather in %s?"),
                    "{\"weather\": \"%W\"}",
                    "The weather in %s is %W."),
            new Action(
                    List.of("time", "clock", "hour"),
                    "Tells the time.",
                    List.of(CITY),
                    List.of(
                            "What is the time in %s?",
                            "Tell me the time in %s.",
                            "What time is it in %s?",
                            "Could you tell me how late it is in %s?",
                            "Can you tell me the time in %s?"),
                    "{\"hour\": %N}",
                    "In %s it is %N."),
            new Action(
                    List.of("person", "friend", "people"),
                    "Finds a person.",
                    List.of(PERSON),
                    List.of(
                            "Where is %s now?",
                            "Find %s for me.",
                            "I am looking for %s.",
                            "Could you look for %s, please?",
                            "Can you find %s?"),
                    "{\"city\": \"%C\"}",
                    "I found %s in %C."),
            new Action(
                    List.of("phone", "call", "talk"),
                    "Calls a person on the phone.",
                    List.of(PERSON),
                    List.of(
                            "Call %s.",
                            "Please call %s now.",
                            "I want to talk to %s.",
                            "Could you ring %s, please?",
                            "Can you call %s?"),
                    "{\"done\": true}",
                    "I called %s."),
            new Action(
                    List.of("food", "meal", "dish", "lunch"),
                    "Orders food.",
                    List.of(FOOD),
                    List.of(
                            "Order some %s.",
                            "I want some %s.",
                            "Please bring me some %s.",
                            "Could you get me some %s to eat?",
                            "Can you order some %s?"),
                    "{\"price\": %N}",
                    "I ordered some %s for %N coins."),
            new Action(
                    List.of("item", "shop", "thing"),
                    "Buys things.",
                    List.of(ITEM, COUNT),
                    List.of(
                            "Buy the %s, I need %s of them.",
                            "For the %s, please buy %s.",
                            "I want the %s, and I want %s of them.",
                            "Could you buy the %s for me? I need %s.",
                            "Please buy the %s, %s in all.",
                            "I need %2$s of the %1$s, please buy them.",
                            "Get me %2$s of these: the %1$s.",
                            "Buy %2$s times the %1$s.",
                            "Can you buy the %s, %s of them?"),
                    "{\"price\": %N}",
                    "I bought the %s, %s of them, for %N coins."),
            new Action(
                    List.of("price", "cost", "money"),
                    "Tells the price of a thing.",
                    List.of(ITEM),
                    List.of(
                            "What is the price of the %s?",
                            "Could you look up what the %s costs?",
                            "Tell me the price of the %s.",
                            "How much is the %s?",
                            "Can you tell me the price of the %s?"),
                    "{\"price\": %N}",
                    "The price of the %s is %N coins."),
            new Action(
                    List.of("alarm", "timer", "bell"),
                    "Sets the alarm.",
                    List.of(HOUR),
                    List.of(
                            "Wake me at %s.",
                            "Set the alarm to %s.",
                            "I must get up at %s.",
                            "Could you wake me up at %s, please?",
                            "Can you wake me at %s?"),
                    "{\"done\": true}",
                    "The alarm is set to %s."),
            new Action(
                    List.of("mail", "post", "gift"),
                    "Sends a thing to a person.",
                    List.of(ITEM, PERSON),
                    List.of(
                            "Send the %s to %s.",
                            "The %s must go to %s.",
                            "Could you send the %s over to %s?",
                            "I want to give the %s to %s.",
                            "Send %2$s the %1$s.",
                            "Please let %2$s have the %1$s.",
                            "Please send the %s to my friend %s.",
                            "Can you send the %s to %s?"),
                    "{\"done\": true}",
                    "I sent the %s to %s."),
            new Action(
                    List.of("train", "ticket", "trip"),
                    "Books a train.",
                    List.of(CITY, HOUR),
                    List.of(
                            "Book a train to %s at %s.",
                            "I need a train to %s at %s.",
                            "Could you get me a train to %s at %s?",
                            "I must be on the train to %s at %s.",
                            "At %2$s I need a train to %1$s.",
                            "There is a train at %2$s to %1$s. Book it.",
                            "I want to go to %s by train at %s.",
                            "Can you book a train to %s at %s?"),
                    "{\"seat\": %N}",
                    "The train to %s at %s is booked. The seat is %N."),
            new Action(
                    List.of("table", "seat", "dinner"),
                    "Books a table.",
                    List.of(COUNT, HOUR),
                    List.of(
                            "Book a table for %s people at %s.",
                            "We are %s people and want a table at %s.",
                            "Could you get us a table for %s at %s?",
                            "There are %s of us, we come at %s.",
                            "At %2$s we need a table for %1$s.",
                            "I want a table at %2$s for %1$s people.",
                            "I need a table for %s at %s.",
                            "Can you book a table for %s at %s?"),
                    "{\"table\": %N}",
                    "The table for %s at %s is booked. It is table %N."),
            new Action(
                    List.of("recipe", "cooking", "menu"),
                    "Finds a recipe.",
                    List.of(FOOD),
                    List.of(
                            "How do I cook %s?",
                            "Find a recipe for %s.",
                            "I want to make %s today.",
                            "Could you look up how to make %s?",
                            "Can you find a recipe for %s?"),
                    "{\"minutes\": %N}",
                    "I found a recipe for %s. It takes %N minutes."));

    /** Returns a word for it that no other action has. */
    String topic() {
        return nouns.get(0);
    }

    /** Returns whether it takes more than one argument. */
    boolean takesSeveral() {
        return arguments.size() > 1;
    }
}
