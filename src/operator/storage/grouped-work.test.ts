import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupedWork } from './grouped-work.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Groups that end when they are told to. */
function byHand(sizeMax = 10, groupsMax = 1) {
  const groups: { items: readonly string[]; end: (error?: Error) => void }[] = [];
  const grouped = new GroupedWork<string, string>({
    sizeMax,
    groupsMax,
    keysOf: (item) => item.split('/').slice(1),
    work: (items) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) =>
          error === undefined ? resolve(items.map((i) => `${i}!`)) : reject(error);
        groups.push({ items, end });
      }),
  });
  return { groups, grouped };
}

describe('what is asked for together', () => {
  it('is done together, the next while it is done, and each learns its own end', async () => {
    const { groups, grouped } = byHand();
    const first = ['a', 'b'].map((item) => grouped.do(item));
    await turn();
    const next = ['c', 'd', 'e'].map((item) => grouped.do(item));
    await turn();
    expect(groups.map(({ items }) => items)).toEqual([['a', 'b']]);
    groups[0]!.end();
    expect(await Promise.all(first)).toEqual(['a!', 'b!']);
    await turn();
    expect(groups[1]!.items).toEqual(['c', 'd', 'e']);
    groups[1]!.end();
    expect(await Promise.all(next)).toEqual(['c!', 'd!', 'e!']);
  });

  it('is no more than its bounds', async () => {
    const { groups, grouped } = byHand(2, 2);
    for (const item of ['a', 'b', 'c', 'd', 'e']) void grouped.do(item);
    for (let i = 0; i < 4; i++) await turn();
    expect(groups.map(({ items }) => items)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    groups[1]!.end();
    for (let i = 0; i < 4; i++) await turn();
    expect(groups[2]!.items).toEqual(['e']);
  });

  it('waits for what is about the same, in its order, and holds up nothing else', async () => {
    const { groups, grouped } = byHand(10, 3);
    for (const item of ['a/x', 'b/x/y', 'c/y', 'd/z']) void grouped.do(item);
    for (let i = 0; i < 4; i++) await turn();
    expect(groups.map(({ items }) => items)).toEqual([['a/x', 'd/z']]);
    groups[0]!.end();
    for (let i = 0; i < 4; i++) await turn();
    expect(groups[1]!.items).toEqual(['b/x/y']);
    groups[1]!.end();
    for (let i = 0; i < 4; i++) await turn();
    expect(groups[2]!.items).toEqual(['c/y']);
  });

  it('fails together, and the next goes on', async () => {
    const { groups, grouped } = byHand();
    const all = Promise.allSettled([grouped.do('a/x'), grouped.do('b')]);
    await turn();
    groups[0]!.end(new Error('away'));
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = grouped.do('a/x');
    await turn();
    groups[1]!.end();
    expect(await again).toBe('a/x!');
  });
});

it('whatever comes when, each item is done once, and never beside one that is about the same', async () => {
  const items = fc.array(fc.record({ keys: fc.subarray(['x', 'y', 'z']), atTurn: fc.nat(5) }), {
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(
      items,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      async (all, size, groups) => {
        const inHand = new Set<string>();
        const done: number[] = [];
        const grouped = new GroupedWork<{ at: number; keys: string[] }, number>({
          sizeMax: size,
          groupsMax: groups,
          keysOf: ({ keys }) => keys,
          work: async (group) => {
            expect(group.length).toBeLessThanOrEqual(size);
            for (const key of group.flatMap(({ keys }) => keys)) {
              expect(inHand.has(key)).toBe(false);
              inHand.add(key);
            }
            await turn();
            for (const key of group.flatMap(({ keys }) => keys)) inHand.delete(key);
            done.push(...group.map(({ at }) => at));
            return group.map(({ at }) => at);
          },
        });
        const answers: Promise<number>[] = [];
        for (let now = 0; now <= 5; now++) {
          for (const [at, { keys, atTurn }] of all.entries())
            if (atTurn === now) answers.push(grouped.do({ at, keys }));
          await turn();
        }
        const answered = await Promise.all(answers);
        expect([...done].sort((a, b) => a - b)).toEqual(all.map((_, at) => at));
        expect([...answered].sort((a, b) => a - b)).toEqual(all.map((_, at) => at));
      },
    ),
    { numRuns: 60 },
  );
});
