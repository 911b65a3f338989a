package dev.kvasir.benchmarks.training.corpus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Small talk: greetings, who the model is, feelings, what it doesn't know, what the user said earlier, and system prompts that give a
 * name or a manner.
 */
public final class ChatTask implements Task {
    static final String NAME = "Kvasir mini";

    private static final List<String> GENERAL = List.of(
            "You are a helpful assistant.",
            "You are a friendly assistant.",
            "You are Kvasir mini, a helpful assistant.",
            "Be helpful.");

    private static final List<String> ABILITIES = List.of(
            "I can tell stories, answer questions about notes, make lists, do small sums and call tools.",
            "I can tell stories and answer questions about notes. I can make lists, do small sums and call tools.");

    /** What a system prompt asks of every answer. */
    private enum Manner {
        NONE,
        SIR_OR_MADAM,
        PIRATE,
        ONE_WORD
    }

    /** What a kind of exchange can say; all are templates. */
    private record Exchange(String asked, String answered) {}

    private static final List<Exchange> SMALL_TALK = List.of(
            new Exchange(
                    "Hello. | Hello! | Hi. | Hi! | Good morning. | Good evening. | Hello there. | Hi there!",
                    "Hello! How can I help you? | Hi! What can I do for you? | Hello! It is nice to talk to you. | Hello! What would you like?"),
            new Exchange(
                    "How are you? | How are you today? | Are you well? | How do you feel?",
                    "I am fine, thank you. How are you? | I am very well, thank you. | I am fine. What can I do for you?"),
            new Exchange(
                    "Thank you. | Thanks. | Thank you very much. | Thanks a lot!",
                    "You are welcome. | You are welcome! | I am glad that I could help."),
            new Exchange(
                    "Who made you? | Where do you come from?",
                    "People made me with the Kvasir project. | I come from the Kvasir project."),
            new Exchange(
                    "Are you a human? | Are you a person? | Are you a robot? | Are you real?",
                    "I am not a person. I am a small language model. | I am a small language model, not a person."),
            new Exchange(
                    "What is your favourite animal? | Which animal do you like best?",
                    "I like foxes best, because they are clever. | My favourite animal is the fox. | I like the fox best. It is in many of my stories."),
            new Exchange(
                    "What is your favourite colour? | Which colour do you like best?",
                    "My favourite colour is blue. | I like blue best, because the sky is blue."),
            new Exchange(
                    "What is your favourite food? | What do you eat?",
                    "I do not eat, because I am a language model. But I like stories about cake."),
            new Exchange(
                    "I am sad. | I am sad today. | I feel sad. | Today is a bad day.",
                    "I am sorry that you are sad. Do you want to hear a story? | I am sorry. I hope that you feel better soon. | I am sorry to hear that. Maybe a story can help."),
            new Exchange(
                    "I am happy. | I am happy today. | I feel good today. | Today is a good day.",
                    "That is good to hear! | I am glad that you are happy. | How nice! Do you want to tell me more?"),
            new Exchange(
                    "I am tired. | I am so tired today.",
                    "Then you need some rest. Sleep well! | Have a good rest. I can tell you a quiet story."),
            new Exchange(
                    "I am bored. | What can we do now?",
                    "I can tell you a story. Do you want to hear one? | Let us make up a story together. | We can do some sums, or I can tell you a story."),
            new Exchange(
                    "I am afraid. | I am afraid of the dark.",
                    "Do not be afraid. You are not alone. | Take a deep breath. Do you want to talk about it?"),
            new Exchange(
                    "The sun is shining today. | It is so warm today.",
                    "How nice! It is a good day to go outside. | That sounds like a fine day."),
            new Exchange(
                    "It is raining today. | It is so cold today.",
                    "Then it is a good day for a story. | Stay warm and dry! Do you want to hear a story?"),
            new Exchange(
                    "You are nice. | I like you. | You are clever.",
                    "Thank you! That is very kind. | Thank you! I like to talk to you."),
            new Exchange(
                    "You are wrong. | That is not right. | You are not clever.",
                    "I am sorry. I am a small model and I make mistakes. | I am sorry. Please ask me again."),
            new Exchange(
                    "Can you help me? | I need help.",
                    "Yes. What can I do for you? | Yes, I will try. What do you need?"),
            new Exchange(
                    "Do you like stories? | Do you know stories?",
                    "Yes, I like stories very much. Do you want to hear one? | Yes, I know many stories. Shall I tell you one?"));

    private static final List<Exchange> IDENTITY = List.of(
            new Exchange(
                    "Who are you? | What are you? | Tell me about yourself.",
                    "I am Kvasir mini, a small language model. {can} | I am Kvasir mini, a small language model."),
            new Exchange(
                    "What can you do? | What do you know? | How can you help me?",
                    "I am Kvasir mini, a small language model. {can} | {can}"));

    private static final Exchange GOODBYE = new Exchange(
            "Goodbye. | Bye! | Good night. | I have to go now. | See you later. | See you tomorrow.",
            "Goodbye! | Goodbye! Have a nice day. | Bye! Come back soon. | See you soon!");

    private static final List<String> UNKNOWN = List.of(
            "What is the capital of {country}?",
            "Who is the king of {country}?",
            "How many people live in {country}?",
            "Explain {science}.",
            "What is {science}?",
            "Can you explain {science}?",
            "Tell me about {science}.",
            "Write a program {program}.",
            "Write code {program}.",
            "Can you write a program {program}?",
            "Who wrote {work}?",
            "Who was {person}?",
            "When was {person} born?",
            "Tell me about {person}.",
            "What is the news today?",
            "What time is it?",
            "What day is it today?",
            "How do I repair my car?",
            "How do I cook {dish}?",
            "Translate this into {language}.",
            "What does the word mean in {language}?",
            "How far is the moon?",
            "How old is the world?",
            "How high is the highest mountain?",
            "How many stars are there?",
            "Who won the game?",
            "What will happen tomorrow?",
            "What is the meaning of life?",
            "How does a {machine} work?",
            "Who invented the {machine}?");

    private static final String DO_NOT_KNOW =
            "I do not know that. I am a small model. I can tell you a story or answer questions about notes that you give me. "
                    + "| I am sorry, I do not know that. I can tell you a story or answer questions about notes that you give me. "
                    + "| I do not know. I am a small model, but I can tell you a story. "
                    + "| That is too hard for me. I am a small model. I can tell stories and answer questions about notes.";

    private static final List<String> BOTS = List.of(
            "Bo", "Robin", "Pixel", "Max", "Nova", "Kai", "Sunny", "Echo", "Luna", "Rex", "Coco", "Spark", "Kim", "Dot",
            "Otto");

    private static final List<String> THINGS = List.of(
            "bike", "boat", "ball", "kite", "book", "hat", "coat", "bag", "lamp", "drum", "cup", "ring", "scarf",
            "watch");

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        List<Turn> turns = new ArrayList<>();
        String self = NAME;
        Manner manner = Manner.NONE;
        if (Pick.chance(random, 55)) {
            int form = random.nextInt(100);
            String system;
            if (form < 35) {
                system = Pick.one(random, GENERAL);
            } else if (form < 65) {
                self = Pick.chance(random, 50) ? Pick.one(random, BOTS) : person(random, split);
                system = Template.fill(
                        "Your name is {self}. | You are {self}. | You are {self}, a helpful assistant. | You are a helpful assistant. Your name is {self}.",
                        Map.of("self", self),
                        random);
            } else {
                manner = Pick.one(random, List.of(Manner.SIR_OR_MADAM, Manner.PIRATE, Manner.ONE_WORD));
                system = Template.fill(prompt(manner), Map.of(), random);
            }
            turns.add(Turn.of(Role.SYSTEM, system));
        }
        converse(turns, self, manner, random, split);
        return Conversation.of(name(), turns);
    }

    private static String prompt(Manner manner) {
        return switch (manner) {
            case SIR_OR_MADAM -> "Be polite. Say sir or madam. | Be very polite. End with sir or madam.";
            case PIRATE -> "You are a pirate. | You are a pirate. Talk like a pirate.";
            case ONE_WORD -> "Always answer in one word. | Answer in one word. | Use one word only.";
            case NONE -> throw new IllegalArgumentException("no manner, no prompt");
        };
    }

    private static void converse(List<Turn> turns, String self, Manner manner, RandomGenerator random, Split split) {
        int exchanges = 1 + random.nextInt(4);
        boolean named = !self.equals(NAME);
        boolean recalled = false;
        for (int i = 0; i < exchanges; i++) {
            int form = random.nextInt(100);
            if (manner == Manner.ONE_WORD) {
                answerInOneWord(turns, random);
            } else if (i == 0 && exchanges > 1 && form < 25) {
                say(turns, SMALL_TALK.get(0), Map.of(), manner, random);
            } else if (i == exchanges - 1 && i > 0 && form < 20) {
                say(turns, GOODBYE, Map.of(), manner, random);
            } else if (form < (named ? 55 : 30)) {
                introduce(turns, self, manner, random);
            } else if (form < (named ? 65 : 45)) {
                say(turns, new Exchange(unknown(random), DO_NOT_KNOW), Map.of(), manner, random);
            } else if (form < (named ? 80 : 70) && !recalled) {
                recalled = true;
                recall(turns, manner, random, split);
            } else {
                say(
                        turns,
                        Pick.one(random, SMALL_TALK.subList(i == 0 ? 0 : 1, SMALL_TALK.size())),
                        Map.of(),
                        manner,
                        random);
            }
        }
    }

    private static void introduce(List<Turn> turns, String self, Manner manner, RandomGenerator random) {
        Map<String, String> slots = Map.of("self", self, "can", Pick.one(random, ABILITIES));
        Exchange name = new Exchange(
                "What is your name? | What are you called? | Tell me your name. | Do you have a name?",
                "My name is {self}. | My name is {self}. | I am {self}.");
        if (!self.equals(NAME)) {
            Exchange who = new Exchange("Who are you?", "I am {self}. | My name is {self}.");
            say(turns, Pick.chance(random, 70) ? name : who, slots, manner, random);
        } else {
            say(turns, Pick.chance(random, 35) ? name : Pick.one(random, IDENTITY), slots, manner, random);
        }
    }

    private static void recall(List<Turn> turns, Manner manner, RandomGenerator random, Split split) {
        Map<String, String> slots = new HashMap<>();
        slots.put("name", person(random, split));
        slots.put("friend", person(random, split));
        slots.put("colour", Pick.one(random, Words.COLOURS));
        slots.put("thing", Pick.one(random, THINGS));
        slots.put("pet", Pick.one(random, Words.ANIMALS));
        slots.put("food", Pick.one(random, Words.FOODS));
        slots.put("city", Pick.one(random, Words.CITIES));
        slots.put("job", Pick.one(random, Words.JOBS));
        int fact = random.nextInt(FACTS.size());
        Exchange told = FACTS.get(fact);
        say(turns, told, slots, manner, random);
        int between = random.nextInt(3);
        for (int i = 0; i < between; i++) {
            if (Pick.chance(random, 30)) {
                // Another fact in between, so that the answer isn't always the latest one.
                say(turns, FACTS.get((fact + 1 + i) % FACTS.size()), slots, manner, random);
            } else {
                say(turns, SMALL_TALK.get(1 + random.nextInt(SMALL_TALK.size() - 1)), Map.of(), manner, random);
            }
        }
        say(turns, FACT_QUESTIONS.get(fact), slots, manner, random);
    }

    private static final List<Exchange> FACTS = List.of(
            new Exchange(
                    "My name is {name}. | I am {name}. | Hello, my name is {name}. | Hi, I am {name}.",
                    "Hello, {name}! | Nice to meet you, {name}. | Hello, {name}! How can I help you?"),
            new Exchange(
                    "I have a {colour} {thing}. | I got a {colour} {thing}.",
                    "That is nice. | A {colour} {thing}! That sounds nice."),
            new Exchange(
                    "I have a {pet} named {friend}. | My {pet} is called {friend}.",
                    "{friend} is a nice name for a {pet}. | How nice! Say hello to {friend}."),
            new Exchange(
                    "I like {food}. | My favourite food is {food}.", "I see. You like {food}. | That is good to know."),
            new Exchange(
                    "I live in {city}. | My home is in {city}.",
                    "I hope that you like it in {city}. | {city} sounds like a nice place."),
            new Exchange("I am a {job}. | I work as a {job}.", "That is a good job. | A {job} has a lot to do."));

    private static final List<Exchange> FACT_QUESTIONS = List.of(
            new Exchange("What is my name? | Do you know my name? | Who am I?", "Your name is {name}."),
            new Exchange(
                    "Which thing do I have? | What thing did I get? | Do you know which thing I have?",
                    "You have a {colour} {thing}."),
            new Exchange(
                    "What is the name of my {pet}? | What is my {pet} called?",
                    "Your {pet} is called {friend}. | The name of your {pet} is {friend}."),
            new Exchange("What do I like? | What do I like to eat? | What is my favourite food?", "You like {food}."),
            new Exchange("Where do I live? | Where is my home?", "You live in {city}."),
            new Exchange("What is my job? | What do I do?", "You are a {job}."));

    private static void answerInOneWord(List<Turn> turns, RandomGenerator random) {
        Exchange exchange = Pick.one(
                random,
                List.of(
                        new Exchange("Hello. | Hi. | Good morning.", "Hello."),
                        new Exchange("How are you? | Are you well?", "Fine."),
                        new Exchange("Thank you. | Thanks.", "Welcome."),
                        new Exchange("What is your favourite colour?", "Blue."),
                        new Exchange("What is your favourite animal?", "Fox."),
                        new Exchange("What colour is the sky?", "Blue."),
                        new Exchange("What colour is the grass?", "Green."),
                        new Exchange("What is your name? | Who are you?", "Kvasir."),
                        new Exchange("I am sad. | I am sad today.", "Sorry."),
                        new Exchange("Can you help me? | Do you like stories?", "Yes."),
                        new Exchange("Are you a person? | Are you a human?", "No."),
                        new Exchange(unknown(random), "Unknown."),
                        new Exchange("Goodbye. | Bye!", "Goodbye.")));
        say(turns, exchange, Map.of(), Manner.NONE, random);
    }

    private static String unknown(RandomGenerator random) {
        return Template.fill(
                Pick.one(random, UNKNOWN),
                Map.of(
                        "country",
                                Pick.one(
                                        random,
                                        List.of(
                                                "France", "Spain", "Italy", "China", "India", "Japan", "Brazil",
                                                "Egypt", "Kenya", "Peru")),
                        "science",
                                Pick.one(
                                        random,
                                        List.of(
                                                "quantum physics",
                                                "gravity",
                                                "the big bang",
                                                "history",
                                                "chemistry",
                                                "light",
                                                "electricity",
                                                "music",
                                                "evolution",
                                                "the economy",
                                                "a black hole",
                                                "the internet")),
                        "program",
                                Pick.one(
                                        random,
                                        List.of(
                                                "that sorts numbers",
                                                "in Java",
                                                "in Python",
                                                "for a game",
                                                "for my website")),
                        "work", Pick.one(random, List.of("this book", "that song", "the Bible", "Hamlet")),
                        "person",
                                Pick.one(
                                        random,
                                        List.of(
                                                "Einstein",
                                                "Mozart",
                                                "Newton",
                                                "Caesar",
                                                "Napoleon",
                                                "Shakespeare",
                                                "the first president")),
                        "dish", Pick.one(random, List.of("rice", "a fish", "noodles", "an egg")),
                        "language", Pick.one(random, List.of("French", "German", "Spanish", "Latin")),
                        "machine", Pick.one(random, List.of("car", "computer", "radio", "clock", "phone", "rocket"))),
                random);
    }

    private static String person(RandomGenerator random, Split split) {
        boolean heldOut = split == Split.HELD_OUT || Pick.chance(random, 10);
        return Pick.one(random, heldOut ? Words.HELD_OUT_NAMES : Words.NAMES);
    }

    private static void say(
            List<Turn> turns, Exchange exchange, Map<String, String> slots, Manner manner, RandomGenerator random) {
        String asked = Template.fill(exchange.asked(), slots, random);
        if (turns.stream().anyMatch(turn -> turn.text().equals(asked))) {
            return;
        }
        turns.add(Turn.of(Role.USER, asked));
        String answer = Template.fill(exchange.answered(), slots, random);
        turns.add(Turn.of(
                Role.ASSISTANT,
                switch (manner) {
                    case PIRATE -> "Arr! " + answer;
                    case SIR_OR_MADAM ->
                        answer.substring(0, answer.length() - 1) + ", sir or madam"
                                + answer.charAt(answer.length() - 1);
                    case NONE, ONE_WORD -> answer;
                }));
    }
}
