import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Corner, defaultKnock } from '../../../shared/model/corner-knock.ts';
import { CornerKnock } from './corner-knock.ts';

const size = { width: 1080, height: 1920 };
const corners = {
  topLeft: [20, 20],
  topRight: [1060, 20],
  bottomRight: [1060, 1900],
  bottomLeft: [20, 1900],
} as const;
const right = defaultKnock;
const play = (touches: readonly Corner[], everyMs = 500, order = defaultKnock): boolean[] => {
  const knock = new CornerKnock(() => order);
  return touches.map((corner, i) => {
    const [x, y] = corners[corner];
    return knock.touch(x, y, size, 1 + i * everyMs);
  });
};

test('five touches crosswise knock, also after a touch elsewhere', () => {
  expect(play(right)).toEqual([false, false, false, false, true]);
  expect(play(['topRight', 'topLeft', ...right]).at(-1)).toBe(true);
});

test('too slowly, or round the edge, nobody knocks', () => {
  expect(play(right, 5_000 / 3)).not.toContain(true);
  const round: readonly Corner[] = ['topLeft', 'topRight', 'bottomRight', 'bottomLeft', 'topLeft'];
  expect(play([...round, ...round])).not.toContain(true);
});

test('another order is another way in, and the usual one is none any more; longer ones have more time', () => {
  const order: readonly Corner[] = [
    'bottomLeft',
    'topRight',
    'topLeft',
    'bottomRight',
    'topRight',
    'bottomLeft',
  ];
  expect(play(order, 1_100, order).at(-1)).toBe(true);
  expect(play(right, 500, order)).not.toContain(true);
});

test('a child that touches anywhere, a thousand times, finds nothing unless it hits four corners in this order', () => {
  const anywhere = fc.tuple(fc.integer({ min: 0, max: 1079 }), fc.integer({ min: 0, max: 1919 }));
  fc.assert(
    fc.property(fc.array(anywhere, { minLength: 1_000, maxLength: 1_000 }), (touches) => {
      const knock = new CornerKnock(() => defaultKnock);
      touches.forEach(([x, y], i) => {
        if (!knock.touch(x, y, size, 1 + i * 200)) return;
        const last = touches.slice(i - 4, i + 1);
        expect(last.every(([tx]) => tx < 173 || tx > 907)).toBe(true);
        expect(last.every(([, ty]) => ty < 173 || ty > 1747)).toBe(true);
      });
    }),
    { numRuns: 50 },
  );
});
