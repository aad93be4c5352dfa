import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { idRandomByteCount, makeVisitId } from '../../shared/ids.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { MissingEvidence } from '../../shared/model/evidence.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { syncRetryMs } from '../operator/versioned-sync.ts';
import { evidenceAgainMs } from './evidence-queue.ts';
import { EvidenceWishes } from './evidence-wishes.ts';

const visit = (n: number): VisitId => makeVisitId(n, new Uint8Array(idRandomByteCount).fill(n));
const here = visit(1);
const gone = visit(2);

let clock: FakeClock;
let wishes: EvidenceWishes;
let online: boolean;
let reachable: boolean;
let open: VisitId[];
let asked: number;
let woken: number;
let said: [string, MissingEvidence][];

beforeEach(() => {
  [clock, online, reachable, open] = [new FakeClock(), true, true, [here, gone]];
  [asked, woken, said] = [0, 0, []];
  const unreachable = () => fail('network.unreachable', 'no answer');
  wishes = new EvidenceWishes({
    client: {
      wantedEvidence: () => {
        asked++;
        return Promise.resolve(reachable ? ok({ visits: [...open] }) : unreachable());
      },
      evidenceMissing: (visitId, { because }) => {
        if (!reachable) return Promise.resolve(unreachable());
        said.push([visitId, because]);
        open = open.filter((one) => one !== visitId);
        return Promise.resolve(ok(null));
      },
    },
    wanted: (visitId) => ok(visitId === here ? null : 'age'),
    wake: () => {
      woken++;
    },
    isOnline: () => online,
    clock,
    logger: silentLogger,
  });
  wishes.start();
});
afterEach(() => wishes.stop());

it('asks for nothing unless it was told that something is wished', async () => {
  wishes.wake();
  await clock.advance(2 * evidenceAgainMs);
  expect(asked).toBe(0);
});

it('lets the one that is here be told, says why of the other, and looks each hour until all is there', async () => {
  wishes.changed();
  await clock.advance(1);
  expect([asked, woken, said]).toEqual([1, 1, [[gone, 'age']]]);
  await clock.advance(evidenceAgainMs);
  expect([asked, woken]).toEqual([2, 2]);
  open = [];
  await clock.advance(evidenceAgainMs);
  expect([asked, woken]).toEqual([3, 2]);
  await clock.advance(10 * evidenceAgainMs);
  expect([asked, said.length]).toEqual([3, 1]);
});

it('waits for the link, and asks again where no answer came', async () => {
  online = false;
  wishes.changed();
  await clock.advance(10 * evidenceAgainMs);
  expect(asked).toBe(0);
  [online, reachable] = [true, false];
  wishes.wake();
  await clock.advance(1);
  expect([asked, woken]).toEqual([1, 0]);
  reachable = true;
  await clock.advance(syncRetryMs);
  expect([asked, woken, said]).toEqual([2, 1, [[gone, 'age']]]);
});
