package dev.kvasir.benchmarks.training.corpus.story;

import java.util.List;

/** Plots in which somebody gives, shares, helps or makes a friend. */
final class PlotsOfFriendship {
    static final List<Plot> ALL = List.of(Plot.of("""
                    a promise
                    @reason = {he} had made a promise|{he} wanted to keep {his} promise
                    {open}
                    {His} friend {helper}, {a_htrait} {hkind}, was ill and had to stay in bed. | {His} friend {helper}, {a_htrait} {hkind}, had hurt {hhis} leg and could not walk.
                    "Can you bring me my {colour} {thing}?" asked {helper}. "It is in the {place}." | "I miss my {colour} {thing}," said {helper}. "It is in the {place}."
                    "I promise to bring it today," said {hero}. | {Hero} held {hhis} hand and said, "I promise to get it for you." | "I will bring it before night," said {hero}. "I promise."
                    {time}, {hero} went to the {place}. | So {hero} set out for the {place}.
                    On the way {he} met some friends. "Come and play with us!" they said. | On the way {he} saw the other children, and they were playing a game.
                    {Hero} wanted to play, but {reason}. | It looked like fun, but {reason}.
                    "Not now," said {hero}. "First I must keep my promise." | "Later," said {hero} and walked on. "I made a promise." | "I cannot play now," said {hero}. "{Helper} is waiting for me."
                    ? In the {place} {he} looked {wrong}, but there was nothing. | First {he} looked {wrong}, but it was not there.
                    Then {he} found the {thing} {spot}. | At last {he} saw the {colour} {thing} {spot}. | And there it was: the {colour} {thing} was {spot}.
                    ? The way back was long, and it began to rain. | It was late, and {his} legs were tired.
                    When {hero} gave the {thing} to {helper}, {hhe} smiled for the first time that day. | {Hero} came just before night and gave {helper} the {thing}. {Helper} was very happy.
                    "You kept your promise," said {helper}. "You are a true friend." | "Thank you for keeping your promise," said {helper}. | "I knew that you would come," said {helper}. "You always keep your word."
                    Soon {helper} was well again, and they went to the {place} together. | From then on, everyone knew that the {trait} {kind} kept every promise.
                    > A week later, {helper} was well again. | Soon {helper} could get up and walk again.
                    > "Now I will make you a promise," said {helper}. "Tomorrow we will have a feast." | "I promise to do something for you," said {helper}.
                    > The next day, {helper} came with a big basket of {food}. | {Hhe} brought {food} for {hero} and for all the friends.
                    > They ate in the {place}, and {helper} showed everyone the {colour} {thing}. | They ate and laughed in the {place} until the sun went down.
                    What did {hero} promise? => {Hero} promised to bring the {thing}. | {Hero} promised to bring {helper} the {colour} {thing}.
                    Where was the {thing}? => The {thing} was {spot}. | It was {spot} in the {place}.
                    Why did {hero} not play? => {Hero} did not play because {reason}.
                    What did {hero} find? => {Hero} found the {colour} {thing}. | {Hero} found the {thing} {spot}.
                    """), Plot.of("""
                    sharing
                    @place = forest | garden | meadow | valley | park | field | village | yard
                    @reason = {hhe} had nothing to eat|{hhe} had not eaten all day
                    {open}
                    {time}, {hero} packed some {food} and walked to the {place}. | {time}, {hero} took a basket of {food} to the {place}.
                    {He} sat down {spot} and wanted to eat. | {He} found a good seat {spot} and opened {his} basket.
                    There sat {helper}, {a_htrait} {hkind}. | Then {a_htrait} {hkind} named {helper} came by.
                    {Helper} looked at the {food} and was sad, because {reason}. | {Helper} was sad and hungry, because {reason}.
                    {Hero} had only a little {food}, and {he} was hungry too. | "There is not much," thought {hero}, "and I am so hungry."
                    But then {he} broke the meal in two. | {He} thought about it. Then {he} moved over to make room.
                    "Sit down and eat with me," said {hero}. | "Half of it is for you," said {hero}. | "Come, there is enough for two," said {hero}. | "Please have some {food}," said {hero}.
                    "Thank you! You are very kind," said {helper}. | {Helper} smiled and ate. "I never had such good {food}," {hhe} said.
                    ? They talked and laughed until everything was gone. | They ate slowly and listened to the birds.
                    On the way home, {hero} came to a river, and the bridge was broken. | When {hero} wanted to go home, {he} could not find the way.
                    ? {He} did not know what to do. | "How will I get home?" said {hero}.
                    But {helper} came after {him}. "You shared with me, so I will help you," {hhe} said. | Then {helper} came running. "You helped me, and now I can help you," {hhe} said.
                    {Helper} showed {hero} a safe way home. | {Helper} knew another way and went with {him} to the door. | They walked side by side, and before night {hero} was at home.
                    From that day on, they shared everything they had. | Since then, the {trait} {kind} always takes enough {food} for two.
                    > The next day, {hero} went to the {place} again. | A few days later, {helper} waited for {hero} in the {place}.
                    > This time {helper} had brought something: a {colour} {thing}. | {Helper} had found a {colour} {thing} and held it out.
                    > "We can share this too," said {helper}. | "It is for both of us," said {helper}.
                    > So one day {hero} had the {thing}, and the next day {helper} had it. | They played with it all day and ate {food} in the evening.
                    What did {hero} share? => {Hero} shared {his} {food}. | {Hero} shared the {food} with {helper}.
                    Why was {helper} sad? => {Helper} was sad because {reason}.
                    Who helped {hero}? => {Helper} helped {hero}. | {Helper} the {hkind} helped {hero}.
                    Where did {hero} sit? => {Hero} sat {spot}. | {He} sat {spot} in the {place}.
                    """), Plot.of("""
                    a new friend
                    @game = hide and seek | a game with a ball | a game with stones | catch
                    @reason = {he} had no friends there|{he} was new and knew nobody
                    {open}
                    {Hero} was lonely, because {reason}. | {He} was new near the {place}, and {he} was lonely.
                    {time}, {he} took a {colour} {thing} and went to the {place}. | {time}, {he} sat in the {place} with a {colour} {thing}.
                    {He} saw {helper}, {a_htrait} {hkind}, who sat alone {spot}. | There was {a_htrait} {hkind} named {helper}, alone {spot}.
                    {Hero} wanted to say hello, but {he} did not dare. | "What if {hhe} does not like me?" thought {hero}.
                    ? First {he} waved, but {helper} did not see it. | First {he} said hello, but so softly that nobody heard it.
                    Then {hero} had an idea. {He} put the {thing} down next to {helper}. | Then {he} took a deep breath and held out the {colour} {thing}. | At last {he} went to {helper} and showed {hhim} the {colour} {thing}.
                    "Do you want to play with my {thing}?" asked {hero}. | "This is my {thing}," said {hero}. "You may hold it."
                    {Helper} looked up and smiled. "Yes, please," {hhe} said. "I have no friends here." | "What a fine {colour} {thing}!" said {helper}. "I wanted to talk to you, but I was shy."
                    They played {game} until evening. | Then they played {game} and forgot the time. | Soon they were playing {game} and laughing.
                    ? When they were hungry, they ate {food} together. | {Helper} laughed so much that {hhe} fell over.
                    "Will you come again tomorrow?" asked {helper}. | "Can we play again?" asked {hero}.
                    "I will come every day," said {hero}. | "Of course! We are friends now," said {hero}. | "Yes! Tomorrow and every day," they said together.
                    And so the {trait} {kind} was not lonely any more. | From that day on, {hero} had a friend in the {place}, and the {thing} belonged to both of them.
                    > The next day, they met in the {place} again. | The next morning, {helper} was already there.
                    > They played {game}, and then they saw a small goat that sat alone. | After some time a little bird came and looked at the {colour} {thing}.
                    > "It looks lonely," said {hero}. "I know how that feels." | "Let us ask if it wants to play," said {hero}.
                    > So they all played together, and now they were three friends. | Soon there were three friends in the {place}, and they ate {food} together.
                    Why was {hero} lonely? => {Hero} was lonely because {reason}.
                    Who was the new friend? => The new friend was {helper}. | It was {helper}, {a_htrait} {hkind}.
                    What did they play? => They played {game}.
                    Where did {helper} sit? => {Helper} sat {spot}. | {Helper} sat {spot} in the {place}.
                    """), Plot.of("""
                    a gift
                    @work = washed the dishes | carried wood | swept the floor | picked berries | fed the hens
                    {open}
                    Soon it was the birthday of {his} friend {helper}, {a_htrait} {hkind}. | {His} friend {helper}, {a_htrait} {hkind}, had a birthday the next day.
                    {Hero} wanted to give {helper} a {colour} {thing}. | {Hero} saw a {colour} {thing} in a shop near the {place}. "That is the right gift for {helper}," {he} said.
                    But {he} had no money. | But it cost three coins, and {he} had only one. | {Hero} opened {his} bag, but there was no money in it.
                    ? "What can I do?" {he} thought. | {He} was sad, but {he} did not give up.
                    {time}, {he} asked for work in the {place}. | So {hero} went to the {place} and asked, "Can I help?"
                    {He} {work} all day long. | All day {he} worked hard and {work}. | From morning to evening {he} {work}.
                    ? {His} arms were tired, but {he} thought of {helper}. | Many times {he} wanted to stop, but {he} went on.
                    In the evening {he} got enough coins. | At the end of the day, {he} had three coins in {his} hand. | When the work was done, {he} was paid three coins.
                    {He} ran to the shop and bought the {thing}. | {He} ran as fast as {he} could and bought the {colour} {thing}.
                    The next day, {hero} gave the {thing} to {helper}. | "Happy birthday!" said {hero} and gave {helper} the {thing}.
                    {Helper} was so happy that {hhe} cried. | "It is the best gift of all," said {helper}, "because you worked for it."
                    Then they ate {food} and sang songs. | They had {food} for everyone, and they danced all night.
                    And whenever {helper} looked at the {colour} {thing}, {hhe} thought of {hhis} friend, the {trait} {kind}. | {Hero} had no coins left, but {he} had the best friend in the world.
                    > Some weeks later, it was the birthday of {hero}. | Then came the winter, and soon it was the birthday of {hero}.
                    > {Helper} had no money, but {hhe} had an idea. | {Helper} wanted to give something back.
                    > {Hhe} packed some {food} and drew a picture of the {colour} {thing}. | {Hhe} worked all night and made a small box for {hero}.
                    > "I made it myself," said {helper}. {Hero} was very happy. | {Hero} smiled. "Now we both have a gift from a friend," {he} said.
                    What did {hero} give {helper}? => {Hero} gave {helper} a {colour} {thing}. | {Hero} gave {helper} the {thing}.
                    How did {hero} get the money? => {Hero} {work}. | {Hero} worked and got three coins.
                    Who had a birthday? => {Helper} had a birthday. | {Helper} the {hkind} had a birthday.
                    Where did {hero} work? => {Hero} worked in the {place}.
                    """), Plot.of("""
                    helping an old {elder}
                    @task = carry water | carry wood | pick apples | sweep the yard
                    @reason = the work was too hard for {ehim}|{ehis} back hurt
                    {open}
                    Near the {place} lived an old {elder} named {helper}. | An old {elder} named {helper} lived in a little house near the {place}.
                    {time}, {hero} saw that {helper} wanted to {task}. | {time}, {hero} came by when {helper} tried to {task}.
                    But {helper} had to stop and sit down, because {reason}. | {Helper} sat down and was sad, because {reason}.
                    "Can I help you?" asked {hero}. | "Let me do that for you," said {hero}.
                    ? "You are too small for that," said {helper}. | "It is hard work," said {helper}.
                    "I can try," said {hero}, and {he} began at once. | {Hero} only smiled and began to work. | {Hero} began at once and worked hard.
                    At first {he} did it wrong, and {he} had to begin again. | At first it was so hard that {he} had to rest.
                    Then {he} found a better way, and soon the work was done. | {He} worked and worked, and at last it was done. | But {he} did not give up, and by evening it was done.
                    ? "I have never seen anyone work like that," said {helper}. | {Helper} brought some {food}, and they ate together.
                    "Thank you, my dear {kind}," said {helper}. "I have something for you." | {Helper} went into the house and came back with something.
                    It was a {colour} {thing}. "It was mine when I was young," {ehe} said. | {Ehe} gave {hero} a {colour} {thing} and said, "Now it is yours."
                    {Hero} was very proud of the {thing}. | {Hero} thanked {helper} and held the {thing} with both hands. | "Thank you! I will take good care of it," said {hero}.
                    From that day on, the {trait} {kind} came every week to {task}. | After that, {hero} often went to the old {elder}, and {ehe} told {him} stories of old times.
                    > The next week, {hero} came again to {task}. | A few days later, {hero} knocked at the door again.
                    > This time {helper} was in bed and felt ill. | This time {helper} was not in the yard.
                    > {Hero} made warm tea and brought {helper} some {food}. | {Hero} stayed all day and brought {food} for {ehim}.
                    > "With such a friend I will soon be well," said {helper}. | The next morning {helper} felt better. "You are the best friend I have," {ehe} said.
                    Who helped {helper}? => {Hero} helped {helper}. | {Hero} the {kind} helped {helper}.
                    What did {helper} give {hero}? => {Helper} gave {hero} a {colour} {thing}. | {Hero} got a {colour} {thing}.
                    Where did {helper} live? => {Helper} lived near the {place}.
                    Why did {helper} need help? => {Helper} needed help because {reason}.
                    """));

    private PlotsOfFriendship() {}
}
