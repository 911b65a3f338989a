package dev.kvasir.benchmarks.training.corpus.story;

import java.util.List;

/** Plots in which something goes wrong and is put right. */
final class PlotsOfLoss {
    static final List<Plot> ALL = List.of(Plot.of("""
                    a lost {thing}
                    @play = run | jump | climb | dance
                    {open}
                    {Hero} had a {colour} {thing} and took it everywhere. | {His} best treasure was a {colour} {thing}. | {Hero} loved {his} {colour} {thing} more than anything. | {His} [grandmother|grandfather] had given {him} a {colour} {thing}.
                    {time}, {hero} went to {play} in the {place}, and when {he} stopped, the {thing} was gone. | {time}, {hero} went to the {place} to {play}, and there {he} lost the {thing}. | {time}, {hero} came home from the {place} and saw that the {thing} was not there.
                    {Hero} was very sad. | {Hero} sat down and [cried|began to cry]. | "Oh no, where is my {thing}?" said {hero}, and {he} was sad. | Now {hero} felt very sad.
                    {He} looked {wrong}, but it was not there. | First {he} looked {wrong}, but {he} found only [leaves|dust|an old shoe]. | {He} went back to look {wrong}, but there was nothing. | "Maybe I left it there," {he} thought and looked {wrong}. But {he} did not find it.
                    ? {He} looked again and again until {he} was tired. | {He} asked everyone, but nobody had seen it. | It was getting late, and {hero} was worried.
                    Then {he} met a {htrait} {hkind} named {helper}. | Then a {htrait} {hkind} named {helper} came by. | Just then {he} saw {helper}, a {htrait} {hkind}.
                    ? "Why are you sad?" asked {helper}. | "What is wrong?" asked {helper}. | "Can I help you?" asked {helper}.
                    "I lost my {thing}," said {hero}. "It is {colour}." | "My {colour} {thing} is gone," said {hero}. | "I cannot find my {colour} {thing}," said {hero}.
                    "Let us look together," said {helper}. | "Two can look better than one," said {helper}. | "Do not worry, I will help you," said {helper}.
                    They looked everywhere, and {helper} found the {thing} {spot}. | After a while, {helper} saw something {colour}. It was the {thing}, {spot}. | They looked for a long time. At last {helper} found the {thing} {spot}. | "Look here!" called {helper}. The {thing} was {spot}.
                    {Hero} was so happy that {he} [danced|laughed|jumped]. "Thank you, {helper}!" {he} said. | "You found it! Thank you!" said {hero}, and {he} smiled. | {Hero} held the {thing} tight and thanked {helper}.
                    From that day on, {hero} [kept a good eye on|took good care of] the {colour} {thing}, and {helper} was {his} friend. | {Hero} and {helper} became friends, and {hero} never lost the {thing} again. | After that, {hero} went to the {place} with two treasures: {his} {thing} and {his} new friend {helper}.
                    > The next day, {hero} went back to the {place} with the {thing}. | A week later, {helper} came to see {hero} and the {thing}.
                    > This time {helper} had lost something: a basket of {food}. | This time {helper} was sad, because {hhis} bag of {food} was gone.
                    > "You helped me, so I will help you," said {hero}. | "Now it is my turn to help," said {hero}.
                    > {Hero} found it {spot}, just where the {thing} had been. | They looked in the {place} until {hero} found it {spot}.
                    What did {hero} lose? => {Hero} lost a {colour} {thing}. | {Hero} lost {his} {colour} {thing}.
                    Where was the {thing}? => The {thing} was {spot}. | It was {spot}.
                    Who found the {thing}? => {Helper} found the {thing}. | {Helper} the {hkind} found it.
                    Who helped {hero}? => {Helper} helped {hero}. | {Helper} the {hkind} helped {hero}.
                    Why was {hero} sad? => {Hero} was sad because {he} had lost {his} {thing}. | {Hero} was sad because the {thing} was gone.
                    """), Plot.of("""
                    a storm
                    @reason = the storm was loud|the wind was so strong
                    {open}
                    {time}, {hero} was walking to the {place} with a {colour} {thing}. | {time}, {he} wanted to bring a {colour} {thing} to the {place}. | {time}, {hero} took a {colour} {thing} and set out for the {place}.
                    ? Suddenly the sky grew dark. | Soon big dark clouds came over the hill. | Then the wind began to blow, and the sky turned black.
                    Rain fell hard, and the wind was loud. | A big storm came with rain and wind. | It rained and rained, and the wind shook the trees.
                    {Hero} was afraid, because {reason}. | {Hero} was afraid and began to shake. | "I am afraid!" cried {hero}.
                    {He} tried to run home, but the road was full of water. | {He} hid under a bush, but the rain came through the leaves. | {He} tried to go on, but the wind pushed {him} back.
                    Then {he} saw a light in a small hut. | Then {hero} heard a voice from a small hut. | At last {he} came to a small hut and knocked at the door. | {He} ran and ran until {he} came to a small hut.
                    A {htrait} {hkind} named {helper} opened the door. | {Helper}, a {htrait} {hkind}, lived there and opened the door.
                    "Come in, come in," said {helper}. "It is warm here." | "You are wet! Come in and sit by the fire," said {helper}. | "Do not be afraid. You are safe here," said {helper}. | "What a storm! Come in quickly," said {helper}.
                    {Helper} gave {hero} a blanket and some {food}. | They sat by the fire and ate {food}. | {Hero} sat by the fire and ate warm {food}.
                    ? They told stories until the wind was quiet. | They sang songs, and soon {hero} was not afraid any more.
                    When the storm was over, the sun came out. | In the morning the sky was blue again. | At last the rain stopped, and the sky was clear. | Then it was quiet outside. The storm was gone.
                    {Hero} gave {helper} the {colour} {thing} to say thank you. | "Please take my {thing}," said {hero}. "You were so kind to me." {Helper} was very pleased.
                    From then on, {hero} was never afraid of storms, and {he} often visited {helper}. | Whenever it rained after that, the {trait} {kind} thought of {helper} and smiled. | So the storm brought {hero} a new friend.
                    > A few days later, {hero} went back to the small hut. | The next week, the sun was shining, and {hero} visited {helper} again.
                    > The {colour} {thing} lay by the fire. | {Helper} had put the {colour} {thing} by the window.
                    > {Hero} brought {food}, and they ate together. | They ate {food} together and told stories.
                    > Then it began to rain again, but {hero} only laughed. "I am safe with you," {he} said. | Then the wind began to blow, but this time {hero} was not afraid.
                    Why was {hero} afraid? => {Hero} was afraid because of the storm. | {Hero} was afraid of the storm.
                    Who helped {hero}? => {Helper} helped {hero}. | {Helper} the {hkind} helped {hero}.
                    What did {hero} give {helper}? => {Hero} gave {helper} a {colour} {thing}. | {He} gave {helper} the {thing}.
                    What did {hero} eat? => {Hero} ate {food}.
                    Where did {helper} live? => {Helper} lived in a small hut.
                    """), Plot.of("""
                    a broken {thing}
                    @thing = bell | lamp | cup | bowl | plate | pot | clock | mirror | drum | flute | toy | doll | box | picture | candle | radio | shell | kite
                    @place = kitchen | cottage | library | school | hall | workshop | castle | tower
                    @how = ran into the table|tripped over a rope|slipped on the wet floor|did not look where {he} was going
                    @tool = some glue | a bit of string | a hammer and nails | a small piece of wood
                    {open}
                    In the {place} there was a {colour} {thing} that [belonged to|was dear to] {his} [mother|father|grandmother]. | {His} [mother|father|grandmother] kept a {colour} {thing} in the {place}.
                    ? "Be careful with it," everyone said. | {Hero} liked to look at it, but {he} was told not to play with it.
                    {time}, {hero} {how}, and the {thing} fell down and broke. | {time}, {he} {how}. The {thing} fell down and broke in two.
                    {Hero} was ashamed, because {he} had broken the {thing}. | {Hero} looked at the pieces and felt ashamed. | "Oh no! What have I done?" said {hero}, and {he} was ashamed.
                    First {he} wanted to hide the pieces {spot}. | First {he} hid the pieces {spot}, but {he} could not sleep.
                    "No," {he} thought. "That is not right." | But then {he} thought, "I must tell the truth." | But that did not feel right.
                    So {he} went to {helper}, a {htrait} {hkind}, and told {hhim} everything. | So {he} told {helper}, the {htrait} {hkind}, what had happened.
                    "It was brave of you to tell me," said {helper}. | "Everyone makes mistakes," said {helper}. | "We can repair it," said {helper}.
                    {Helper} took {tool}, and they worked together all afternoon. | They took {tool} and put the pieces together. | {Helper} showed {hero} how to repair it with {tool}.
                    ? It was hard work, and twice it fell apart again. | {Hero} had to hold it still for a long time.
                    At last the {thing} was whole again. | In the evening the {colour} {thing} looked almost like new. | When they were done, nobody could see where the {thing} had been broken.
                    {Hero} took it home and told the whole story. Nobody was angry. | "I broke it, and then I repaired it," said {hero} at home. Nobody was angry.
                    From that day on, the {trait} {kind} was careful in the {place}. | And whenever something broke in the {place}, {hero} knew how to repair it. | Since then {hero} has walked slowly past the {colour} {thing}.
                    > A month later, a chair broke in the {place}. | The next day, {helper} came with a broken chair.
                    > "I know what to do," said {hero}. | "May I try?" asked {hero}.
                    > {He} took {tool} and worked until it was done. | {He} worked slowly, just as {helper} had shown {him}.
                    > "You learned well," said {helper}, and they sat down to eat {food}. | {Helper} was proud, and they ate {food} together.
                    What broke? => The {colour} {thing} broke. | The {thing} broke.
                    Why was {hero} ashamed? => {Hero} was ashamed because {he} had broken the {thing}.
                    Who helped {hero}? => {Helper} helped {hero}. | {Helper} the {hkind} helped {hero}.
                    How did they repair the {thing}? => They used {tool}. | They repaired the {thing} with {tool}.
                    Where was the {thing}? => The {thing} was in the {place}.
                    """), Plot.of("""
                    a trick
                    {open}
                    {Hero} liked to play tricks on {his} friends. | {He} loved tricks and laughed at them all day.
                    {time}, {he} wanted to trick {helper}, {a_htrait} {hkind}. | {time}, {he} had a plan to trick {helper}, {a_htrait} {hkind} from the {place}.
                    {Helper} had a {colour} {thing} and played with it every day. | {Helper} never went out without a {colour} {thing}.
                    So {hero} took the {thing} and hid it {spot}. | When {helper} was asleep, {hero} hid the {thing} {spot}.
                    "That will be funny," said {hero}. | "Now {hhe} will look for it all day," said {hero}, and {he} laughed.
                    {Helper} looked everywhere and began to cry. | {Helper} could not find it and was very sad. "My {thing} is gone," said {helper}.
                    ? {Hero} laughed at first, but then {he} stopped. | It was not funny any more.
                    {Hero} ran back to the place where the {thing} was, but {he} slipped and fell into the mud. | {Hero} went to get it, but {he} fell into a deep hole.
                    ? {He} could not get out. "Help!" {he} cried. | "Help me, please!" cried {hero}.
                    {Helper} heard it and came at once with a rope. | {Helper} came running and pulled {him} out. | Who came to help? It was {helper}, and {hhe} pulled {him} out.
                    "I played a trick on you, and you helped me," said {hero}. "I am sorry." | "I am sorry," said {hero}. "I hid your {thing}, and still you helped me."
                    {He} gave the {colour} {thing} back, and {helper} was not angry. | Then {hero} gave back the {thing}. "I forgive you," said {helper}. | {Helper} got the {colour} {thing} back and smiled. "We are still friends," {hhe} said.
                    After that, the {trait} {kind} still liked tricks, but only tricks that made everybody laugh. | From that day on, {hero} played no more bad tricks, and {helper} was {his} best friend.
                    > The next day, {hero} had a new plan. | A few days later, {hero} had a better plan.
                    > {He} hid a basket of {food} {spot} and drew a map. | {He} put some {food} {spot} and told {helper} to look there.
                    > {Helper} found the {food} and laughed. "That is a good trick!" {hhe} said. | "Is this for me?" asked {helper}. "Yes," said {hero}.
                    > They sat down in the {place} and ate it all together. | Then they ate together, and both of them were happy.
                    What did {hero} hide? => {Hero} hid a {colour} {thing}. | {Hero} hid the {thing}.
                    Where was the {thing}? => The {thing} was {spot}. | It was {spot}.
                    Why was {helper} sad? => {Helper} was sad because the {thing} was gone.
                    Who helped {hero}? => {Helper} helped {hero}. | {Helper} the {hkind} helped {hero}.
                    What did {hero} like? => {Hero} liked to play tricks. | {Hero} liked tricks.
                    """), Plot.of("""
                    the dark
                    @noise = a strange noise | a soft knock | a scratching sound
                    @cause = the wind in the leaves | an old door in the wind | a little bird that could not sleep
                    {open}
                    {Hero} was brave in the day but afraid of the dark. | {He} had only one problem: {he} was afraid of the dark. | Every night {hero} was afraid, because {he} did not like the dark.
                    {Evening}, {hero} had to bring a {colour} {thing} to the {place}. | {Evening}, {he} forgot a {colour} {thing} in the {place} and had to go back.
                    ? It was very dark there. | There was no moon, and everything was black. | The lamp was out, and {hero} could not see a thing.
                    Then {he} heard {noise}. | Suddenly there was {noise}. | All at once, {noise} came from the dark.
                    {Hero} wanted to run away. "Who is there?" {he} cried. | {Hero} stood still and did not dare to move. | {His} heart beat fast, and {he} held the {thing} tight.
                    "It is only me," said a soft voice. It was {helper}, a {htrait} {hkind}. | A {htrait} {hkind} named {helper} came out of the dark with a small lamp.
                    "Are you afraid of the dark?" asked {helper}. "Yes," said {hero}. | "I am afraid of the dark," said {hero}. "I was too," said {helper}.
                    "Let us find out what makes the noise," said {helper}. | "Come, let us look," said {helper} and held up the lamp.
                    They went step by step until they saw it. It was only {cause}. | They looked {spot}. It was only {cause}. | Slowly they went to look {spot}, and there they saw it. It was only {cause}.
                    {Hero} laughed. "Was I afraid of that?" {he} said. | "That is all?" said {hero}, and they both laughed. | "Is that all?" asked {hero} and smiled.
                    ? They looked up and counted the stars. | They sat and listened to the quiet night.
                    Then {helper} walked home with {hero}. | Then they went home together, and {hero} carried the {colour} {thing}. | "Thank you for the light," said {hero}, and they went home.
                    From then on, {hero} was brave in the day and in the night. | Since that night, the {trait} {kind} has not been afraid of the dark. | After that night, {hero} and {helper} often walked in the dark and looked at the stars.
                    > The next night, {hero} heard {noise} again. | The next evening, {hero} went back to the {place}.
                    > "I know what that is," {he} said. "It is only {cause}." | This time {he} did not run away.
                    > Outside {he} met a little mouse that was afraid. | Then a little frog came by, and it was afraid of the dark.
                    > "Come with me," said {hero}, and together they went to {helper} and ate {food}. | {Hero} took it by the hand, and they went to see {helper}.
                    What was {hero} afraid of? => {Hero} was afraid of the dark.
                    What did {hero} hear? => {Hero} heard {noise}.
                    What made the noise? => It was only {cause}. | It was {cause}.
                    Who helped {hero}? => {Helper} helped {hero}. | {Helper} the {hkind} helped {hero}.
                    """));

    private PlotsOfLoss() {}
}
