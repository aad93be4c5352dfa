import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type StaffMember, comparisonOf, dayMs, faultOfCode } from './staff-list.ts';

const member: StaffMember = {
  staffNo: '4410',
  name: 'Li',
  role: 'restocker',
  pinHash: 'operator',
  duressHash: 'duress',
  pinVersion: 2,
};

describe('the PIN that counts', () => {
  it('is the one that was set here, until the operator gives a newer one', () => {
    expect(comparisonOf(member, null, true).pinHash).toBe('operator');
    expect(comparisonOf(member, { pinHash: 'own', pinVersion: 2 }, true).pinHash).toBe('own');
    expect(comparisonOf(member, { pinHash: 'own', pinVersion: 1 }, true).pinHash).toBe('operator');
  });

  it('is none for whoever is not in the list, and for nobody once the list is out of date', () => {
    const own = { pinHash: 'own', pinVersion: 2 };
    for (const nothing of [comparisonOf(null, own, true), comparisonOf(member, own, false)])
      expect(nothing).toEqual({ pinHash: null, duressHash: null });
  });
});

describe('a one-time code', () => {
  it('is good up to its last day, by a clock that was put back as well as by any', () => {
    expect(faultOfCode({ serial: 3, lastDay: 100 }, 2, 101 * dayMs - 1)).toBeNull();
    expect(faultOfCode({ serial: 3, lastDay: 100 }, 2, 101 * dayMs)).toBe('too_old');
  });

  it('is used once, and so is every one that was issued before it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 60 }), (serials) => {
        let used = 0;
        const taken = serials.filter((serial) => {
          if (faultOfCode({ serial, lastDay: 9 }, used, 0) !== null) return false;
          used = serial;
          return true;
        });
        expect(new Set(taken).size).toBe(taken.length);
        expect(taken).toEqual([...taken].sort((a, b) => a - b));
      }),
    );
  });
});
