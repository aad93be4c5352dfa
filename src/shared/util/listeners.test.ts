import { expect, test } from 'vitest';
import { FakeClock } from '../clock.ts';
import { Listeners, ObservableValue } from './listeners.ts';

test('each is called in its order, until it has ended that', () => {
  const listeners = new Listeners<number>(new FakeClock());
  const seen: string[] = [];
  const remove = listeners.add((value) => seen.push(`a${value}`));
  listeners.add((value) => seen.push(`b${value}`));
  listeners.emit(1);
  remove();
  listeners.emit(2);
  expect(seen).toEqual(['a1', 'b1', 'b2']);
});

test('a listener that throws stops nobody, and its bug surfaces in a turn of its own', async () => {
  const clock = new FakeClock();
  const listeners = new Listeners(clock);
  let calls = 0;
  listeners.add(() => {
    throw new Error('bug');
  });
  listeners.add(() => calls++);
  listeners.emit();
  expect(calls).toBe(1);
  await expect(clock.advance(1)).rejects.toThrow('bug');
});

test('an observable value calls only when it has changed', () => {
  const clock = new FakeClock();
  const plain = new ObservableValue(clock, 1);
  const seen: number[] = [];
  plain.onChange((value) => seen.push(value));
  expect([plain.set(1), plain.set(2), plain.set(2), plain.set(1)]).toEqual([false, true, false, true]);
  expect(seen).toEqual([2, 1]);
  const text = new ObservableValue(clock, { n: 1 }, (a, b) => a.n === b.n);
  expect([text.set({ n: 1 }), text.set({ n: 2 }), text.value.n]).toEqual([false, true, 2]);
});
