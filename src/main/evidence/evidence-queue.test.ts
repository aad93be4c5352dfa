import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EvidencePart } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { idRandomByteCount, makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { OperatorFailure } from '../operator/operator-client.ts';
import { EvidenceQueue, evidenceAgainMs } from './evidence-queue.ts';
import type { DueEvidence } from './evidence-store.ts';

/** A visit of so many messages. */
function due(n: number, part: number, parts: number): DueEvidence {
  const bytes = new Uint8Array(idRandomByteCount).fill(n);
  const ids = { visitId: makeVisitId(n, bytes), chargeId: makeChargeId(n, bytes) };
  return {
    ...ids,
    why: 'flagged',
    part,
    nextPart: part + 1,
    isLast: part + 1 === parts,
    dropped: 0,
    events: [],
  };
}

let clock: FakeClock;
let visits: { n: number; part: number; parts: number }[];
let sent: string[];
let bodies: EvidencePart[];
let answer: (n: number) => Result<null, OperatorFailure>;
let queue: EvidenceQueue;
let online: (isOnline: boolean) => void;

beforeEach(() => {
  [clock, visits, sent, bodies] = [new FakeClock(), [], [], []];
  answer = () => ok(null);
  const numberOf = (visitId: string): number =>
    visits.find(({ n }) => due(n, 0, 1).visitId === visitId)?.n ?? -1;
  queue = new EvidenceQueue({
    store: {
      nextDue: (except) => {
        const one = visits.find(({ n, part, parts }) => part < parts && !except.has(due(n, 0, 1).visitId));
        return ok(one === undefined ? null : due(one.n, one.part, one.parts));
      },
      told: ({ visitId, nextPart }) => {
        const one = visits.find(({ n }) => n === numberOf(visitId));
        if (one !== undefined) one.part = nextPart;
        return ok();
      },
    },
    client: {
      sendEvidence: (visitId, part, body) => {
        sent.push(`${numberOf(visitId)}.${part}`);
        bodies.push(body);
        return Promise.resolve(answer(numberOf(visitId)));
      },
    },
    link: {
      onChange: (listener) => {
        online = listener;
        return () => undefined;
      },
    },
    clock,
    random: () => 0.5,
    logger: silentLogger,
  });
  queue.start();
});
afterEach(() => queue.stop());

async function ended(...some: typeof visits): Promise<void> {
  visits.push(...some);
  queue.wake();
  await clock.advance(0);
}

it('tells part by part, in order, and says which is the last', async () => {
  await ended({ n: 1, part: 0, parts: 3 });
  await clock.advance(1_000);
  expect(sent).toEqual(['1.0', '1.1', '1.2']);
  expect(bodies.map(({ isLast }) => isLast)).toEqual([false, false, true]);
});

it('goes on after a break with the part that was not answered', async () => {
  let answers = 0;
  answer = () => (answers++ === 1 ? fail('network.unreachable', 'away') : ok(null));
  await ended({ n: 1, part: 0, parts: 3 });
  expect(sent).toEqual(['1.0', '1.1']);
  online(true);
  await clock.advance(1_000);
  expect(sent).toEqual(['1.0', '1.1', '1.1', '1.2']);
});

it('puts off a visit that the operator does not take, and holds up no other', async () => {
  answer = (n) => (n === 1 ? fail('operator.refused', 'no such visit') : ok(null));
  await ended({ n: 1, part: 0, parts: 1 }, { n: 2, part: 0, parts: 1 });
  await clock.advance(1_000);
  expect(sent).toEqual(['1.0', '2.0']);
  answer = () => ok(null);
  await clock.advance(evidenceAgainMs);
  expect(sent).toEqual(['1.0', '2.0', '1.0']);
});

it('asks ever more seldom while nobody answers', async () => {
  answer = () => fail('network.unreachable', 'away');
  await ended({ n: 1, part: 0, parts: 1 });
  await clock.advance(3_600_000);
  expect(sent.length).toBeGreaterThan(3);
  expect(sent.length).toBeLessThan(60);
});
