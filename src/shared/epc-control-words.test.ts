import { describe, expect, it } from 'vitest';
import { epcBehindPc, withoutXpcWords } from './epc-control-words.ts';

const epc = '3034257BF400B7800004CB2F';

describe('what follows a PC word', () => {
  it.each([
    ['no XPC', 0x3000, epc],
    ['one XPC word', 0x3200, `0001${epc}`],
    ['two XPC words', 0x3600, `80010004${epc}`],
    ['XPC words that the reader has left out', 0x3200, epc],
  ])('%s', (_what, pc, words) => {
    expect(epcBehindPc(pc, words)).toBe(epc);
  });

  it.each([
    ['a word too many without XI', 0x3000, `0001${epc}`],
    ['a word too few', 0x3800, epc],
    ['XI, and a word that is no XPC', 0x3200, `7001${epc}`],
    ['XI, and an XPC word without a flag', 0x3200, `0000${epc}`],
  ])('%s is a damaged frame', (_what, pc, words) => {
    expect(epcBehindPc(pc, words)).toBeNull();
  });
});

describe('a number that a reader gives with PC and XPC in front', () => {
  it.each([`32000001${epc}`, `360080010004${epc}`])('%s', (number) => {
    expect(withoutXpcWords(number)).toBe(epc);
  });

  it.each([
    epc,
    `${epc}0000`,
    '320000000000000000000001',
    '220000010000000000000001',
    '32000001000000000000000000000001000000000000',
    'E280',
    '3200',
  ])('%s is a number as it is', (number) => {
    expect(withoutXpcWords(number)).toBe(number);
  });
});
