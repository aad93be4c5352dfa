import { expect, it } from 'vitest';
import { readWindows, windowsText } from './windows.ts';

it.each([
  ['', []],
  ['02:00-05:00', [{ fromMinute: 120, toMinute: 300 }]],
  [
    '2:00–5:00，22：30 - 01:15',
    [
      { fromMinute: 120, toMinute: 300 },
      { fromMinute: 1350, toMinute: 75 },
    ],
  ],
  ['24:00-05:00', null],
  ['02:00', null],
  ['02:00-05:00, soon', null],
])('"%s" is read', (text, windows) => {
  expect(readWindows(text)).toEqual(windows);
});

it('what is written is read as the same', () => {
  const windows = [
    { fromMinute: 0, toMinute: 1439 },
    { fromMinute: 61, toMinute: 59 },
  ];
  expect(readWindows(windowsText(windows))).toEqual(windows);
  expect(readWindows(Array.from({ length: 15 }, () => '02:00-05:00').join(','))).toBeNull();
});
