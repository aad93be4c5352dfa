import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { sha256Hex } from '../storage/hash-chain.ts';
import { localPurchases } from './local-purchases.ts';

let clock: FakeClock;
let cabinet: Cabinet;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  const network = new FaultyNetwork(clock, new StubOperator());
  cabinet = new Cabinet({ path: `${scratch.path}/kaimen.db`, clock, network });
});
afterEach(async () => {
  await cabinet.die();
  removeFolder();
});

const damage = (trigger: string, text: string, chargeId: ChargeId) =>
  assertOk(
    cabinet.db.transaction(() => {
      cabinet.db.prepare(`DROP TRIGGER ${trigger}`).run();
      cabinet.db.prepare(text).run(chargeId);
      return ok();
    }),
  );
const shown = () =>
  assertOk(localPurchases(cabinet.store, cabinet.disputes, 'm-1')).map(
    ({ chargeId, disputed }) => [chargeId, disputed] as const,
  );

test('a report that cannot be read takes no purchase off the list, and can be made again', () => {
  const ids = [1, 51].map((number) => cabinet.sell(number, 500)) as [ChargeId, ChargeId];
  ids.forEach((id, i) => cabinet.dispute(i, id, ['tea']));
  damage('dispute_identity', `UPDATE dispute SET skus_json = '[tea' WHERE charge_id = ?`, ids[0]);
  const byId = new Map(shown());
  expect(byId.get(ids[0])).toEqual([]);
  expect(byId.get(ids[1])).toEqual(['tea']);
  expect(cabinet.dispute(3, ids[0], ['tea'])).toBe(true);
  expect(new Map(shown()).get(ids[0])).toEqual(['tea']);
});

test('a bill of a shape that this version does not know takes no other purchase off the list', () => {
  const ids = [1, 51].map((number) => cabinet.sell(number, 500)) as [ChargeId, ChargeId];
  damage(
    'charge_body_once',
    `UPDATE charge SET body_json = '{}', body_sha256 = '${sha256Hex('{}')}' WHERE charge_id = ?`,
    ids[0],
  );
  expect(shown()).toEqual([[ids[1], []]]);
});
