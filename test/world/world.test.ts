import test from 'ava';
import { matches } from './_broker.js';
import { runWorld } from './_world.js';

// More seeds: npm run world -- --seeds 100000

test('a seed runs the same way each time, whatever ran before it', async (t) => {
  const seeds = [3, 17, 99, 1234];
  const runs = async (order: readonly number[]) => {
    const traces = new Map<number, string>();
    for (const seed of order) traces.set(seed, (await runWorld({ seed, trace: true })).trace.join('\n'));
    return traces;
  };
  const [first, second] = [await runs(seeds), await runs([...seeds].reverse())];
  for (const seed of seeds) {
    t.true((first.get(seed)?.length ?? 0) > 2_000, `seed ${seed} has something to tell`);
    t.is(first.get(seed), second.get(seed), `seed ${seed}`);
  }
});

test('filters of the simulated broker name the topics that MQTT says', (t) => {
  const named: readonly (readonly [filter: string, topic: string, named: boolean])[] = [
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['a/#', 'ab', false],
    ['a/+/c', 'a/b/c', true],
    ['a/+', 'a/b/c', false],
    ['+/b', 'a/b', true],
    ['#', 'a', true],
  ];
  for (const [filter, topic, is] of named) t.is(matches(filter, topic), is, `${filter} ${topic}`);
});
