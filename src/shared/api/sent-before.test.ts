import { expect, test } from 'vitest';
import { parseSentBefore, sentBeforeText } from './sent-before.ts';

test('is read as it was written', () => {
  const withPeople = { stage: 'decided', billedMinor: 0 } as const;
  for (const said of [
    { agoMs: 0, withPeople: null },
    { agoMs: 3_600_000, withPeople: null },
    { agoMs: null, withPeople: null },
    { agoMs: null, withPeople },
    { agoMs: null, withPeople: { stage: 'waiting', billedMinor: 1300 } },
  ] as const)
    expect(parseSentBefore(sentBeforeText(said))).toEqual(said);
});

test('the decision that is known stands in a header of its own', () => {
  const withPeople = { stage: 'waiting', billedMinor: 1300 } as const;
  const said = sentBeforeText({ agoMs: null, withPeople: { ...withPeople, decisionAtMs: 7 } });
  expect(parseSentBefore(said, '7')).toEqual({ agoMs: null, withPeople: { ...withPeople, decisionAtMs: 7 } });
  for (const header of [undefined, '', '-1', '1e3', '9'.repeat(16), ['7', '8']])
    expect(parseSentBefore(said, header)).toEqual({ agoMs: null, withPeople });
});

const unreadable = [
  '- decided',
  '- decided -1',
  '- decided 1.5',
  '- doubted 5',
  `- waiting ${'9'.repeat(11)}`,
  '- 5',
];
test.each(['', '-1', '1.5', '1e3', ' 5', '9'.repeat(16), 'later', ['5', '6'], ...unreadable])(
  '%j: it was sent, and nobody knows when',
  (header) => {
    expect(parseSentBefore(header)).toEqual({ agoMs: null, withPeople: null });
  },
);

test('no header: it was not sent', () => {
  expect(parseSentBefore(undefined)).toBeNull();
});
