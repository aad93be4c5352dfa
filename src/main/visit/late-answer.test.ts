import { afterEach, expect, it } from 'vitest';
import type { AuthoriseReply } from '../../shared/api/operator.ts';
import { minor } from '../../shared/money.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { codeOf, policyOf } from '../../testkit/main/operator/offline-policy.ts';
import { CabinetRig } from '../../testkit/main/visit/cabinet-rig.ts';
import { Authoriser } from './authoriser.ts';
import { OfflineEntry } from './offline-entry.ts';

/**
 * Somebody shows a code, and everything is held up before the yes is heard: the disk takes its time with what is noted of it, or
 * the machine stands still, and the question's time-out is over before the visit's. Whoever it was is gone, and the bolt does not
 * let go for whoever stands there by then.
 */
let rig: CabinetRig;
afterEach(() => {
  rig.remove();
});

const policy = policyOf();
const allowed: AuthoriseReply = {
  decision: 'allowed',
  member: { memberId: 'M1001', display: '王*' },
  visitMaxMinor: minor(20_000),
  phoneDigits: null,
};

type Hold = 'disk' | 'machine';

/** `disk`: the operator's yes is noted on one that blocks for so long; `machine`: it stands still, and then no answer is there. */
function letInAfter(hold: Hold, ms: number): Authoriser {
  let leftMs = ms;
  const block = () => (rig.clock.skip(leftMs), (leftMs = 0), ok());
  const write = hold === 'disk' ? block : () => ok();
  const offline = new OfflineEntry({
    store: {
      ...{ deny: write, allow: write, useCode: write },
      ...{ isDenied: () => ok(false), codeUsedBy: () => ok(null) },
    },
    policy: () => policy,
    undelivered: () => ok({ count: 0, sumMinor: 0, oldestMs: null }),
    owedBy: () => ok({ count: 0, sumMinor: 0 }),
    catalog: () => rig.catalog,
    sureNowMs: () => policy.issuedAtMs,
    isCutOff: () => false,
    clock: rig.clock,
    tellStaff: () => undefined,
    logger: silentLogger,
  });
  const client = {
    authorise: () =>
      Promise.resolve().then(() =>
        hold === 'disk' ? ok(allowed) : (block(), fail('network.timeout' as const, 'no answer in 2500 ms')),
      ),
  };
  return new Authoriser(client, undefined, offline);
}

it.each<[Hold, number, boolean]>([
  // What holds it up, for so long; whether the bolt moves.
  ['disk', 1_000, true],
  ['disk', 20_000, false],
  ['disk', 600_000, false],
  ['machine', 1_000, true],
  ['machine', 20_000, false],
  ['machine', 600_000, false],
])('a code is let in, and the %s takes %i ms before the yes is heard', async (hold, ms, moves) => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
  const authoriser = letInAfter(hold, ms);
  rig.authorise = (request) => authoriser.authorise(request);
  const states: string[] = [];
  rig.loop.onVisitChanged((visit) => states.push(visit.state));
  rig.start();
  await rig.run(60_000);
  rig.loop.deviceEvent({
    ...{ type: 'code', symbology: '', atMs: rig.clock.monotonicMs() },
    text: codeOf('M1001', policy.issuedAtMs + 50_000),
  });
  await rig.run(8_000, () => states.includes('unlocking'));
  expect({ hold, ms, moves: states.includes('unlocking'), states }).toMatchObject({ moves });
});
