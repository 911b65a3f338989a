package dev.kvasir.benchmarks.training.corpus.story;

import java.util.List;

/** Plots in which somebody tries until it works. */
final class PlotsOfEffort {
    static final List<Plot> ALL = List.of(Plot.of("""
                    a race
                    @place = forest | garden | meadow | valley | park | field | village | yard
                    @hurt = foot | leg | knee
                    {open}
                    Every year there was a big race to the {place}. | {time}, all the friends met for a race to the {place}.
                    The prize was a {colour} {thing}. | The winner would get a {colour} {thing}.
                    {Hero} wanted to win the {thing} very much. | "I want to win that {thing}," said {hero}. | {Hero} looked at the {thing} and smiled. "I will run as fast as I can," {he} said.
                    {Helper}, {a_htrait} {hkind}, wanted to win too. | But {helper}, {a_htrait} {hkind}, was very fast.
                    ? "One, two, three, go!" someone called, and they ran. | They all stood in a line, and then they ran.
                    ? At first {hero} was in front. | {Hero} ran as fast as the wind, and soon {he} was first.
                    Then {he} heard a cry. {Helper} had fallen and hurt {hhis} {hurt}. | But behind {him}, {helper} fell over a stone and hurt {hhis} {hurt}.
                    {Hero} looked at the end of the race. It was so near. | {Hero} could see the {thing} already. Only a few steps!
                    But {he} turned around and ran back. | But {he} stopped and went back to {helper}. | But {he} did not think about the prize. {He} went back to {helper}.
                    ? "Go on, or you will lose," said {helper}. | "Why do you stop?" asked {helper}.
                    "You are more important than a {thing}," said {hero}. | "I cannot leave you here," said {hero}. | "A friend comes first," said {hero}.
                    {He} held {helper} by the arm, and they walked slowly to the end. | {Hero} helped {helper} up, and they came in last, side by side.
                    Everyone clapped and cheered for them. | All the others had waited, and they cheered. | But nobody laughed. Everyone clapped.
                    And because {hero} had helped a friend, {he} got the {colour} {thing} after all. | "The prize is for the best heart," they said, and they gave the {colour} {thing} to {hero}.
                    The {trait} {kind} shared it with {helper}, and they were friends for ever. | From then on, {hero} and {helper} always ran together.
                    > The next year there was another race to the {place}. | A month later, {helper} could run again, and there was a new race.
                    > "This time I will not fall," said {helper}. | {Hero} and {helper} stood side by side again.
                    > They ran fast, and nobody could catch them. | They ran past everyone else, step by step.
                    > At the end they held hands, so both of them won and ate {food} together. | They came in first at the same time, and the prize was a basket of {food}.
                    What was the prize? => The prize was a {colour} {thing}. | It was a {colour} {thing}.
                    Who fell? => {Helper} fell. | {Helper} the {hkind} fell.
                    Who helped {helper}? => {Hero} helped {helper}. | {Hero} the {kind} helped {helper}.
                    Why did {hero} stop? => {Hero} stopped because {helper} had fallen. | {Hero} stopped because {helper} was hurt.
                    What did {helper} hurt? => {Helper} hurt {hhis} {hurt}.
                    """), Plot.of("""
                    a seed
                    @place = forest | garden | meadow | valley | park | field | village | yard
                    @plant = flower | tree | rose
                    @danger = snail | bug | hungry hen
                    {open}
                    {time}, {hero} found a little seed {spot}. | {time}, {he} found a small seed in the {place}.
                    "What will it be?" asked {hero}. | "I want to see what grows from it," said {hero}. | {Hero} held it in {his} hand. It was so small!
                    {He} put it in the ground near the {place} and gave it water. | {He} made a hole near the {place} and put the seed into it.
                    Every morning {he} went to look, but nothing grew. | {He} waited for one day, two days, three days, but nothing grew.
                    {Hero} was sad, because {he} thought that the seed was dead. | "It will never grow," said {hero}, and {he} was sad.
                    Then {helper}, {a_htrait} {hkind}, came by. | {He} told {helper}, {a_htrait} {hkind}, about it.
                    "A seed needs time," said {helper}. "Give it water and sun, and wait." | "Do not give up," said {helper}. "Good things grow slowly."
                    So {hero} went on and gave it water every day. | So {hero} brought water every morning, even in the rain.
                    ? Once a {danger} wanted to eat it, but {hero} chased it away. | {Hero} put a {colour} {thing} next to it, so that nobody would step on it.
                    One morning there was a green leaf. | Then, one day, something green came out of the ground. | And then, one warm morning, {he} saw a small green leaf.
                    "It is growing!" cried {hero} and ran to {helper}. | {Hero} danced and called {helper}. "Look! Look!"
                    The leaf grew and grew, and in summer there was a {fcolour} {plant}. | In summer it was a big {plant}, as tall as {hero}.
                    ? "You see? You did not give up," said {helper}. | "That is because you waited," said {helper}.
                    Under the {plant} lay many new seeds, and {hero} gave one to {helper}. | The {trait} {kind} kept the new seeds, and the next spring {he} and {helper} planted them all.
                    > The next spring, {hero} and {helper} put the new seeds in the ground. | Then {hero} gave a seed to every friend.
                    > This time {hero} was not sad when nothing grew. "Seeds need time," {he} said. | They gave them water every day and waited.
                    > Soon the {place} was full of green leaves. | In summer there were plants all around the {place}.
                    > {Hero} and {helper} sat among them and ate {food}. | "All this came from one seed," said {helper}.
                    What did {hero} find? => {Hero} found a seed. | {Hero} found a little seed.
                    Why was {hero} sad? => {Hero} was sad because nothing grew. | {Hero} was sad because {he} thought that the seed was dead.
                    What grew from the seed? => A {plant} grew from the seed. | It was a {plant}.
                    Who helped {hero}? => {Helper} helped {hero}. | {Helper} the {hkind} helped {hero}.
                    """), Plot.of("""
                    learning something new
                    @place = forest | garden | meadow | valley | park | field | village | yard
                    @skill = sing | dance | swing | whistle a song | ride a bike
                    @reason = the others laughed at {him}|{he} could not {skill}
                    {open}
                    All the friends of {hero} could {skill}, but {he} could not. | There was one thing {hero} could not do. {He} could not {skill}.
                    {Hero} was sad, because {reason}. | {Hero} felt sad and stayed away from the others.
                    {time}, {he} went to the {place} to try it alone. | {time}, {he} went to the {place}, where nobody could see {him}.
                    {He} tried once, and it went wrong. {He} tried twice, and it went wrong again. | {He} tried and tried, but it did not work. | It was hard. Each time {he} tried, it went wrong.
                    "I will never learn it!" said {hero}. | "It is too hard for me," said {hero} and sat down {spot}.
                    {Helper}, {a_htrait} {hkind}, had seen everything. | Then {a_htrait} {hkind} named {helper} came by.
                    "I could not {skill} either when I was little," said {helper}. | "Nobody can {skill} on the first day," said {helper}.
                    ? "What did you do?" asked {hero}. | "But how did you learn it?" asked {hero}.
                    "I tried a little every day," said {helper}. "I will show you." | "Step by step," said {helper}. "Come, I will help you." | "I fell and got up again, many times," said {helper}. "Let us try it together."
                    So they met in the {place} every day. | From then on, {helper} came to the {place} every afternoon.
                    ? Some days were good, and some days were bad. | On the second day, {hero} wanted to give up, but {helper} gave {him} some {food} and said, "Once more."
                    After a week, {hero} could {skill} a little. After a month, {he} could {skill} very well. | At last, one evening, it worked. "I can {skill}!" cried {hero}. | Then came the day when it went well. "Look, I can {skill}!" said {hero}.
                    {Helper} was proud and gave {him} a {colour} {thing}. | "This is for you," said {helper} and held out a {colour} {thing}.
                    And when the others saw {hero}, they did not laugh any more. | Now the {trait} {kind} could {skill} with all the others.
                    > The next day, {hero} showed the others what {he} could do. | A week later, there was a feast in the {place}.
                    > Everyone watched and clapped. "Who taught you?" they asked. | {Hero} put the {colour} {thing} on the table and began.
                    > "{Helper} taught me," said {hero}. | "I learned it from {helper}," said {hero}.
                    > Then a small frog came and said, "I cannot {skill}." "Come," said {hero}, "I will show you. Step by step." | From then on, {hero} helped the little ones, step by step.
                    What did {hero} learn? => {Hero} learned to {skill}.
                    Why was {hero} sad? => {Hero} was sad because {reason}.
                    Who helped {hero}? => {Helper} helped {hero}. | {Helper} the {hkind} helped {hero}.
                    What did {helper} give {hero}? => {Helper} gave {hero} a {colour} {thing}. | {Hero} got a {colour} {thing}.
                    """), Plot.of("""
                    working together
                    @place = forest | garden | meadow | valley | park | field | village | yard
                    @high = on a high branch|on a high roof|on top of a tall wall
                    {open}
                    {time}, {hero} played with a {colour} {thing} near the {place}. | {time}, {hero} took a {colour} {thing} outside to play.
                    {He} threw it up, and it landed {high}. | A strong wind took the {thing} and dropped it {high}.
                    {Hero} jumped, but {he} was too small. | {He} jumped and jumped, but {he} could not reach it.
                    Then {he} threw a stick at it, but the {thing} did not move. | Then {he} stood on a box, but the box broke. | Then {he} took a long stick, but it was not long enough.
                    {Hero} was angry, because {he} could not reach the {thing}. | "I cannot do it!" said {hero}, and {he} was angry.
                    {Helper}, {a_htrait} {hkind}, came by. | {A_htrait} {hkind} named {helper} heard it and came.
                    "I can try," said {helper}. But {hhe} was too small too. | {Helper} tried it, but {hhe} could not reach it either.
                    ? "What now?" asked {hero}. | They sat down and thought about it.
                    "Alone we are small, but together we are tall," said {helper}. | Then {hero} had an idea. "Together we are tall!" {he} said.
                    {Hero} climbed on the back of {helper} and reached up. | So {hero} stood on {helper} and held up one arm. | {Helper} stood still, and {hero} climbed up and held out one hand.
                    ? They nearly fell, and they had to laugh. | "A bit to the left!" cried {hero}.
                    At last {he} got the {colour} {thing}. | It was just enough, and {he} took the {thing} down.
                    ? "We did it!" they cried. | "I could not do it without you," said {hero}.
                    Then they played with the {thing} together and ate {food}. | They played until night, and {hero} let {helper} have the {thing} first.
                    Since then, when something is too hard for the {trait} {kind}, {he} calls {helper}. | And from then on, they did all the hard things together.
                    > The next day, {helper} came to {hero}. "I need help too," {hhe} said. | The next day, {hero} and {helper} met near the {place} again.
                    > A big stone lay in front of the {place}, and nobody could get in. | A big tree had fallen on the road to the {place}.
                    > {Hero} pushed, but it did not move. {Helper} pushed, but it did not move. | Alone they could not move it.
                    > Then they pushed together, and the way was free. "Together we are strong," said {hero}. | So they called all their friends, pushed together, and the way was free.
                    Where did the {thing} land? => The {thing} landed {high}. | It landed {high}.
                    Where was the {thing}? => The {thing} was {high}. | It was {high}.
                    Why was {hero} angry? => {Hero} was angry because {he} could not reach the {thing}.
                    Who helped {hero}? => {Helper} helped {hero}. | {Helper} the {hkind} helped {hero}.
                    """), Plot.of("""
                    something found
                    {open}
                    {time}, {he} found a {colour} {thing} {spot}. | {time}, {hero} was in the {place} and saw a {colour} {thing} {spot}.
                    ? "What a fine {thing}!" said {hero}. | It was the finest {thing} that {hero} had ever seen.
                    {He} wanted to keep it. | "Nobody will know if I keep it," {he} thought. | "Now it is mine," {he} thought.
                    But then {he} thought, "Someone must be looking for it." | But {he} knew that it belonged to someone else. | But that night {he} could not sleep. "It is not mine," {he} thought.
                    So {he} asked a man on the road, but it was not his. | So {he} asked at the first house, but it did not belong to anyone there.
                    ? {He} asked at the shop, but nobody there knew it. | Then {he} asked a woman with a basket, but it was not hers.
                    ? {Hero} was tired, but {he} went on. | "I will ask once more," said {hero}.
                    At last {he} met {helper}, {a_htrait} {hkind}, who was crying. | Then {he} saw {helper}, {a_htrait} {hkind}, who looked very sad.
                    "Why are you so sad?" asked {hero}. | "What is wrong?" asked {hero}. | "Can I help you?" asked {hero}.
                    "I lost my {colour} {thing}," said {helper}. | "My {thing} is gone," said {helper}. "It is {colour}."
                    "Is this yours?" asked {hero} and held it out. | {Hero} smiled and gave {hhim} the {thing}. | "I found it {spot}," said {hero} and gave {hhim} the {thing}.
                    "Yes! Thank you!" cried {helper}. "You are so honest." | {Helper} laughed and danced. "How can I thank you?" {hhe} asked.
                    {Helper} asked {hero} to come in, and they ate {food}. | They went to the house of {helper}, and there was {food} for both.
                    So {hero} did not keep the {thing}, but {he} found a friend. | The {trait} {kind} had given back a {thing} and got a friend, and that is much better.
                    > The next day, {helper} came to the {place} with the {colour} {thing}. | A week later, {helper} visited {hero} and brought the {thing}.
                    > "You may have it for one day," said {helper}. | "Today you can play with it," said {helper}.
                    > {Hero} was careful and gave it back in the evening. | {Hero} was very happy and took good care of it.
                    > "I know that I can trust you," said {helper}. Then they ate {food}. | After that, they shared the {thing}, one day each.
                    What did {hero} find? => {Hero} found a {colour} {thing}. | {Hero} found the {thing} {spot}.
                    Where was the {thing}? => The {thing} was {spot}. | It was {spot}.
                    Whose {thing} was it? => It was the {thing} of {helper}. | It belonged to {helper}.
                    Why was {helper} sad? => {Helper} was sad because the {thing} was gone. | {Helper} was sad because {hhe} had lost {hhis} {thing}.
                    """));

    private PlotsOfEffort() {}
}
