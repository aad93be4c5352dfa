import { expect, test } from 'vitest';
import { parseSentBefore, sentBeforeText } from './sent-before.ts';

test('is read as it was written', () => {
  for (const said of [{ agoMs: 0 }, { agoMs: 3_600_000 }, { agoMs: null }])
    expect(parseSentBefore(sentBeforeText(said))).toEqual(said);
});

test.each(['', '-1', '1.5', '1e3', ' 5', '9'.repeat(16), 'later', ['5', '6']])(
  '%j: it was sent, and nobody knows when',
  (header) => {
    expect(parseSentBefore(header)).toEqual({ agoMs: null });
  },
);

test('no header: it was not sent', () => {
  expect(parseSentBefore(undefined)).toBeNull();
});
