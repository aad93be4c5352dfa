import { expect, test } from 'vitest';
import { embedded } from '../../testkit/operator/storages.ts';
import { audit } from './auditor.ts';
import { simulateCharges } from './simulation.ts';

/** A few visits of the simulation; thousands: `npm run sim -- --charges`. */
test('visits under faults: each fen is where it belongs, and what is made wrong in these books is found', async () => {
  const { findings, books, counts } = await simulateCharges({
    ...{ seed: 5, visitCount: 12, auditEvery: 6, cabinetCount: 2, membersOfEach: 2, storage: embedded },
  });
  expect(findings).toEqual([]);
  // It has shown something: doors were opened, money has moved, something went wrong on the way.
  expect(counts['opened']).toBeGreaterThan(5);
  expect(counts['paid']).toBeGreaterThan(4);
  expect(counts['requests that went wrong']).toBeGreaterThan(0);
  const kindsOf = (change: Partial<typeof books>): Set<string> =>
    new Set(audit({ ...books, ...change }).map(({ kind }) => kind));
  // Each price is the auditor's own arithmetic, and something was off.
  expect(counts['bills with something off']).toBeGreaterThan(0);
  expect(kindsOf({ costAt: (skus, atMs) => books.costAt(skus, atMs) + skus.length })).toContain('too_much');
  expect(kindsOf({ costAt: (skus, atMs) => books.costAt(skus, atMs) - skus.length })).toContain('too_much');
  const [movement] = books.movements;
  if (movement === undefined) throw new Error('no money has moved');
  const others = books.movements.filter((one) => one.orderId !== movement.orderId);
  expect(kindsOf({ movements: [...books.movements, movement] })).toContain('doubled');
  expect(kindsOf({ movements: [...others, { ...movement, payer: 'somebody else' }] })).toContain('foreign');
  expect(kindsOf({ movements: others })).toContain('told_wrong');
  const operator = books.operator.filter(({ chargeId }) => chargeId !== movement.orderId);
  expect(kindsOf({ operator })).toContain('lost');
}, 300_000);
