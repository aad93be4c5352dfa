import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { colourLength } from '../../src/core/vision/colour.ts';
import { readHead } from '../../src/core/vision/head-file.ts';

it('ships a head that fits the network and the colours, and says what it was learned from', () => {
  const path = new URL('../../resources/models/goods-head.bin', import.meta.url);
  const read = readHead(readFileSync(path));
  if (!read.ok) throw new Error(read.error.message);
  const { head, learnedFrom } = read.value;
  expect(head.network.mean.length).toBe(144 + 192 + 384);
  expect(head.colour.mean.length).toBe(colourLength);
  expect(
    [...head.network.axes, ...head.colour.axes].flatMap((axis) => [...axis]).every(Number.isFinite),
  ).toBe(true);
  // What is judged by it elsewhere must not be one of these.
  expect(learnedFrom.length).toBe(16);
});
