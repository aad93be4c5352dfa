import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfPin } from './pin-rules.ts';

const digits = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength }).map((all) => all.join(''));

describe('a PIN', () => {
  it.each([
    ['12345', 'too_short'],
    ['', 'too_short'],
    ['1234567890123', 'too_long'],
    ['12a456', 'not_digits'],
    ['１２３４５６', 'not_digits'],
    ['000000', 'trivial'],
    ['123456', 'trivial'],
    ['987654', 'trivial'],
    ['890123', 'trivial'],
    ['135791', 'trivial'],
    ['121212', 'trivial'],
    ['123123', 'trivial'],
    ['112233', 'trivial'],
    ['123321', 'trivial'],
    ['112121', 'trivial'],
    ['159753', 'trivial'],
    ['294410', 'trivial'],
    ['295806', null],
    ['73019264', null],
  ])('%s: %s', (pin, fault) => {
    expect(faultOfPin(pin, '4410')).toBe(fault);
  });

  it('of one digit, of a run, or of the same part again is never taken, however long', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 6, max: 12 }),
        (first, step, length) => {
          const run = Array.from({ length }, (_, i) => (first + i * step) % 10).join('');
          expect(faultOfPin(run, '4410')).toBe('trivial');
        },
      ),
    );
    fc.assert(
      fc.property(digits(1, 6), fc.integer({ min: 2, max: 12 }), (part, times) => {
        const pin = part.repeat(times);
        fc.pre(pin.length >= 6 && pin.length <= 12);
        expect(faultOfPin(pin, '4410')).toBe('trivial');
      }),
    );
  });

  it('that is taken has at least six digits, three of them different, and is not told by the number', () => {
    fc.assert(
      fc.property(digits(0, 14), digits(4, 6), (pin, staffNo) => {
        if (faultOfPin(pin, staffNo) !== null) return;
        expect(pin).toMatch(/^\d{6,12}$/);
        expect(new Set(pin).size).toBeGreaterThanOrEqual(3);
        expect(pin).not.toContain(staffNo);
      }),
    );
  });

  it('nearly always is taken when chance has made it: the rules leave enough of them', () => {
    let taken = 0;
    for (let pin = 0; pin < 1_000_000; pin += 37) {
      if (faultOfPin(String(pin).padStart(6, '0'), '4410') === null) taken++;
    }
    expect(taken / (1_000_000 / 37)).toBeGreaterThan(0.97);
  });
});
