import { describe, expect, it } from 'vitest';
import type { BodyRoom } from './body-budget.ts';
import { BodyBudget } from './body-budget.ts';

/** A budget for short names of senders; `cut` lists whose bodies were cut off. */
function make() {
  const budget = new BodyBudget();
  const cut: string[] = [];
  const reserve = (sender: string, bytes: number): BodyRoom | null => {
    const shares = [
      { key: sender, max: { countMax: 3, bytesMax: 100 } },
      { key: 'all', max: { countMax: 5, bytesMax: 150 } },
    ];
    return budget.reserve(shares, bytes, () => cut.push(`${sender} ${bytes}`));
  };
  /** A body that is here, and has its room until it is done with. */
  const hold = (sender: string, bytes: number): BodyRoom | null => {
    const room = reserve(sender, bytes);
    room?.arrived();
    return room;
  };
  return { cut, reserve, hold };
}

describe('the memory of bodies that are under way', () => {
  it('is bounded for one sender, by count and by bytes', () => {
    const { hold } = make();
    expect(hold('a', 101)).toBeNull();
    const rooms = [hold('a', 50), hold('a', 50)];
    expect(rooms).not.toContain(null);
    expect(hold('a', 1)).toBeNull();
    rooms[0]?.release();
    rooms[0]?.release();
    expect(hold('a', 51)).toBeNull();
    expect(hold('a', 1)).not.toBeNull();
    expect(hold('a', 1)).not.toBeNull();
    expect(hold('a', 1)).toBeNull();
  });

  it('is bounded for all together, and free again once all is done with', () => {
    const { hold } = make();
    const rooms = ['a', 'b', 'c', 'd', 'e'].map((sender) => hold(sender, 10));
    expect(hold('f', 1)).toBeNull();
    for (const room of rooms) room?.release();
    expect(hold('f', 100)).not.toBeNull();
    expect(hold('g', 51)).toBeNull();
    expect(hold('g', 50)).not.toBeNull();
  });
});

describe('where there is no more of it', () => {
  it('the body of that sender that has been awaited longest gives its room', () => {
    const { cut, reserve } = make();
    reserve('b', 9);
    for (const bytes of [10, 20, 30, 40]) expect(reserve('a', bytes)).not.toBeNull();
    expect(cut).toEqual(['a 10']);
    expect(reserve('a', 41)).not.toBeNull();
    expect(cut).toEqual(['a 10', 'a 20', 'a 30']);
  });

  it('and of all senders, when all together have too much', () => {
    const { cut, reserve } = make();
    for (const sender of ['a', 'b', 'c', 'd', 'e', 'f']) expect(reserve(sender, 10)).not.toBeNull();
    expect(cut).toEqual(['a 10']);
  });

  it('a body that is here gives it to nobody, and one that is done with is not cut off', () => {
    const { cut, reserve } = make();
    const [first, second] = [reserve('a', 30), reserve('a', 30)];
    reserve('a', 30);
    first?.arrived();
    second?.release();
    reserve('a', 10);
    expect(cut).toEqual([]);
    expect(reserve('a', 20)).not.toBeNull();
    expect(cut).toEqual(['a 30']);
  });

  it('nobody is cut off for a body that is longer than there is room at all', () => {
    const { cut, reserve } = make();
    reserve('a', 30);
    expect(reserve('a', 101)).toBeNull();
    expect(cut).toEqual([]);
  });
});
