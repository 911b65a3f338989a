package dev.kvasir.benchmarks.training.corpus;

import java.util.List;
import java.util.stream.Stream;

/**
 * The words that tasks share.
 *
 * <p>No word stands in two of names, objects, places, foods, jobs and cities, so that a wrong answer shows which fact it was taken
 * from. Everything that may follow "a" begins with a consonant.
 */
public final class Words {
    public static final List<String> GIRLS = split("""
            Mia Ana Lily Emma Lucy Nora Ella Ruby Sara Anna Clara Eva Julia Lena Maya Nina Rosa Sofia Tina Vera
            Zoe Alice Amy Bella Cora Daisy Diana Edith Ellen Fay Gina Grace Hanna Helen Holly Ida Irene Ivy Jane Jenny
            Joan Kate Laura Lea Linda Lola Mary Molly Olga Paula Penny Pia Rita Sally Sonia Susan Tara Tess Wendy Yuki""");

    public static final List<String> BOYS = split("""
            Tom Ben Sam Max Leo Jack Adam Finn Paul Mark Luke Noah Owen Peter Oscar Hugo Ivan Jim Karl Liam
            Alan Alex Andy Bob Boris Carl Chris Dan David Dean Eric Felix Fred Gary George Hans Harry Henry Ian Jacob
            James Joe John Kevin Kurt Lars Louis Martin Matt Mike Neil Nick Nils Omar Otto Pedro Ralf Rob Simon Toby""");

    /** Girls' names that question answering never sees in training. */
    public static final List<String> HELD_OUT_GIRLS =
            split("Abby Carla Doris Flora Greta Iris Kira Lisa Marta Nelly Ursula Zara");

    /** Boys' names that question answering never sees in training. */
    public static final List<String> HELD_OUT_BOYS =
            split("Anton Bruno Cyril Emil Gus Igor Jonas Keith Milo Ned Ravi Victor");

    /** Names for training. */
    public static final List<String> NAMES = join(GIRLS, BOYS);

    /** Names that question answering never sees in training. */
    public static final List<String> HELD_OUT_NAMES = join(HELD_OUT_GIRLS, HELD_OUT_BOYS);

    /** Things that one can hold or carry. */
    public static final List<String> OBJECTS = split("""
            key bell lamp ball kite drum book hat coat ring coin cup bowl spoon basket bag box blanket bucket broom
            candle chair clock comb doll flag flute guitar hammer ladder letter map mirror needle net notebook pan paper pen pencil
            picture pillow plate pot puzzle radio ribbon rope ruler saw scarf shell shoe shovel sock stone ticket torch towel
            toy wagon whistle watch wheel""");

    /** Places that go with "in the". */
    public static final List<String> PLACES = split("""
            barn kitchen forest market garden cellar library school tower cave meadow valley village castle church museum park hall
            stable shed hut cabin tent kennel bedroom bathroom classroom bank shop station theatre workshop
            mill field desert jungle harbor hotel hospital palace laundry yard zoo gym cottage bakery""");

    /** What one may like to eat: they go with "likes". */
    public static final List<String> FOODS = split("""
            plums bread soup cheese rice pears grapes cherries carrots beans nuts honey cake pie noodles potatoes tomatoes peas
            berries lemons bananas peaches melons corn butter milk jam cookies pancakes pasta pizza salad fish chicken eggs
            yogurt mushrooms onions pumpkins waffles muffins toast dates figs""");

    /** What one may work as: they go with "is a". */
    public static final List<String> JOBS = split("""
            baker farmer nurse doctor teacher pilot sailor painter singer dancer driver cook gardener carpenter plumber tailor
            fisher hunter miner builder writer poet judge lawyer banker waiter barber butcher grocer guard soldier
            firefighter vet dentist librarian postman mechanic musician photographer scientist reporter clown potter shepherd
            blacksmith weaver""");

    public static final List<String> ANIMALS = split("""
            dog cat fox bear rabbit mouse frog duck goat pig sheep horse cow hen bird squirrel hedgehog turtle deer
            wolf lion monkey tiger goose donkey badger""");

    public static final List<String> COLOURS =
            split("red blue green yellow white black brown pink purple grey golden silver");

    /** Towns, some of them made up. */
    public static final List<String> CITIES = split("""
            Paris London Rome Oslo Berlin Madrid Vienna Lisbon Dublin Prague Cairo Tokyo Lima Boston Denver Milan Bern Delhi
            Sydney Toronto Athens Warsaw Riga Kyoto Seoul Dallas Seattle Geneva Venice Naples Hamburg Lyon Porto Bergen
            Brookfield Redhill Millport Stonebridge Greenwood Northam Fairlake Westbury Oakdale Riverton Ashford Havenport""");

    /** Names for training, and other words that could be names and aren't in a note otherwise. */
    public static final List<String> NAMELIKE = join(NAMES, CITIES);

    /** All that a question can be about, in either split: what drills draw from, so that every one is known as a word. */
    public static final List<String> LOOKED_UP = Stream.of(
                    NAMES, HELD_OUT_NAMES, OBJECTS, PLACES, FOODS, JOBS, CITIES, ANIMALS, COLOURS)
            .flatMap(List::stream)
            .distinct()
            .toList();

    /** What may be an argument of a call: words that stand after a quotation mark. */
    public static final List<String> QUOTED =
            Stream.of(NAMES, OBJECTS, FOODS, CITIES).flatMap(List::stream).toList();

    private Words() {}

    private static List<String> split(String words) {
        return List.of(words.strip().split("\\s+"));
    }

    private static List<String> join(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
