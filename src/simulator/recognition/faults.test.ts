import { expect, it } from 'vitest';
import { readFaults } from './faults.ts';

const fileOf = (...faults: unknown[]): string => JSON.stringify({ faults });

it('a faults file names faults as data, with when and how often', () => {
  const read = readFaults(
    fileOf(
      { kind: 'lanes-crossed', lanes: [0, 1] },
      { kind: 'wet-bottles', count: 6, chance: 0.1, from: 100, to: 200 },
    ),
  );
  expect(read).toEqual({
    ok: true,
    faults: [
      { kind: 'lanes-crossed', lanes: [0, 1], from: 0, to: Number.MAX_SAFE_INTEGER, chance: 1 },
      { kind: 'wet-bottles', count: 6, chance: 0.1, from: 100, to: 200 },
    ],
  });
});

it.each([
  ['no JSON', '{', /not JSON/u],
  ['no list', '{}', /faults/u],
  ['a kind that there is not', fileOf({ kind: 'poltergeist' }), /kind/u],
  ['a lane that there is not', fileOf({ kind: 'scale-stuck', lane: 8 }), /lane/u],
  ['one lane crossed with itself', fileOf({ kind: 'lanes-crossed', lanes: [2, 2] }), /two different ones/u],
  ['a share above one', fileOf({ kind: 'tags-torn', share: 1.5 }), /share/u],
  [
    'an end before its beginning',
    fileOf({ kind: 'scale-stuck', lane: 1, from: 9, to: 3 }),
    /"to" is before "from"/u,
  ],
  ['a word that there is not', fileOf({ kind: 'camera-frozen', camera: 0, lense: 1 }), /lense/u],
])('%s is refused, and said why', (_name, text, why) => {
  const read = readFaults(text);
  expect(read.ok).toBe(false);
  if (!read.ok) expect(read.problem).toMatch(why);
});
