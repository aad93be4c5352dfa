import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlanMove, PlanSlot } from '../../shared/model/planogram.schema.ts';
import { waitingMovesMax } from '../../shared/model/planogram.schema.ts';
import { mayWait, moveStep, movesThatCount, withMoves } from './plan-moves.ts';

const slot = (sku: string, at: string | null, lane: number | null = null): PlanSlot => ({
  ...{ sku, target: 5, lane, slot: at },
});
const plan = [slot('cola', '1-1'), slot('tea', '1-2'), slot('milk', null)];
const said = { by: '4410', atMs: 7 };
const anywhere = { laneOf: new Map<string, number>(), seen: new Set<string>() };
const move = (sku: string, to: string, swapWith: string | null = null) => ({ sku, slot: to, swapWith });
const placesOf = (slots: readonly PlanSlot[]) => slots.map((one) => one.slot);

test('to a free place, or two swap places: nothing else of the plan changes', () => {
  const free = moveStep(plan, move('cola', '2-1'), anywhere, said);
  expect(free).toEqual({ ok: true, value: [{ sku: 'cola', slot: '2-1', ...said }] });
  const swap = moveStep(plan, move('cola', '1-2', 'tea'), anywhere, said);
  if (!swap.ok) throw new Error(swap.error.code);
  const after = withMoves(plan, swap.value);
  expect(placesOf(after)).toEqual(['1-2', '1-1', null]);
  expect(after.map((one) => ({ ...one, slot: null }))).toEqual(plan.map((one) => ({ ...one, slot: null })));
});

describe('refused with a word', () => {
  const weighed = { ...anywhere, laneOf: new Map([['cola', 1]]) };
  test.each([
    [move('rum', '2-1'), anywhere, 'not_planned'],
    [move('cola', '1-1'), anywhere, 'same_place'],
    [move('cola', '1-2'), anywhere, 'stands_other'],
    [move('cola', '2-1', 'tea'), anywhere, 'stands_other'],
    [move('cola', '1-2', 'milk'), anywhere, 'stands_other'],
    [move('cola', '1-2', 'tea'), weighed, 'other_scale'],
    [move('tea', '1-1', 'cola'), { ...anywhere, seen: new Set(['cola']) }, 'seen_by_camera'],
    [move('cola', '2-1'), { ...anywhere, seen: new Set(['cola']) }, 'seen_by_camera'],
  ])('%j', (wanted, room, code) => {
    expect(moveStep(plan, wanted, room, said)).toMatchObject({ ok: false, error: { code } });
  });

  test('where two stand in one place nobody knows which one goes', () => {
    const shared = [...plan, slot('beer', '1-2')];
    expect(moveStep(shared, move('cola', '1-2', 'tea'), anywhere, said)).toMatchObject({ ok: false });
  });

  test('more than may wait', () => {
    expect(mayWait(Array(waitingMovesMax - 1).fill([]))).toMatchObject({ ok: true });
    expect(mayWait(Array(waitingMovesMax).fill([]))).toMatchObject({ ok: false });
  });
});

test('whatever is moved: each stands once, and what is back where the plan wants it was never moved', () => {
  const at = fc.constantFrom('1-1', '1-2', '2-1', '2-2');
  const wanted = fc.record({ sku: fc.constantFrom('cola', 'tea', 'milk'), slot: at });
  fc.assert(
    fc.property(fc.array(wanted, { maxLength: 12 }), (all) => {
      let moves: PlanMove[] = [];
      for (const one of all) {
        const places = withMoves(plan, moves);
        const other = places.find((there) => there.slot === one.slot && there.sku !== one.sku)?.sku ?? null;
        const step = moveStep(places, { ...one, swapWith: other }, anywhere, said);
        if (step.ok) moves = movesThatCount(plan, [...moves, ...step.value]);
      }
      const after = withMoves(plan, moves);
      expect(after.map(({ sku }) => sku)).toEqual(['cola', 'tea', 'milk']);
      const named = placesOf(after).filter((place) => place !== null);
      expect(new Set(named).size).toBe(named.length);
      const differing = after.filter((one, i) => one.slot !== plan[i]?.slot).map(({ sku }) => sku);
      expect(moves.map(({ sku }) => sku)).toEqual(differing);
    }),
  );
});
