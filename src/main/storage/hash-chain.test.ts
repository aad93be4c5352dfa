import { expect, test } from 'vitest';
import { chainHash, chainStart } from './hash-chain.ts';

/** Hashes of a chain as cabinets have it on their disks: they must come out the same for ever. */
test('golden: two events of a chain', () => {
  const event = {
    seq: 3,
    chargeId: 'KM01JD0000000000000000000A',
    atMs: 1_764_220_013_000,
    type: 'reply',
    dataJson: '{"reason":"account.insufficient_funds","state":"collecting","totalMinor":1990,"type":"reply"}',
  };
  const first = chainHash(chainStart, event);
  expect(first).toBe('202c35e71f4e3cff40a0a35f67e56bce182031d0697220cbf7a78467bda50f99');
  expect(chainHash(first, { ...event, seq: 4 })).toBe(
    'f13611b06648665266b49281e7f95b3af4f56a12e97691556c93cf016736cf33',
  );
});
