import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork, reply } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';

/** It starts before its network is there. Until the operator tells its time, stamps are by a clock that is ahead. */
test.each([0, 30_000, 300_000, 86_400_000])(
  'a clock that is %d ms ahead: when the network is there, what failed before leaves at once',
  async (aheadMs) => {
    const scratch = makeScratchFolder();
    const clock = new FakeClock();
    const operator = new StubOperator();
    const network = new FaultyNetwork(clock, {
      serve: (request) =>
        request.url.pathname === '/v1/health'
          ? reply(200, { ok: true, nowMs: clock.nowMs() - aheadMs })
          : operator.serve(request),
    });
    network.faultOf = () => 'refused';
    const cabinet = new Cabinet({ path: join(scratch.path, 'kaimen.db'), clock, network, random: () => 1 });
    const chargeId = cabinet.sell(1, 500);
    cabinet.dispute(1, chargeId, ['tea']);
    cabinet.start();
    await clock.advance(200_000);
    network.faultOf = () => null;
    await clock.advance(3_000);
    expect(assertOk(cabinet.disputes.nextDueMs())).toBeNull();
    expect(cabinet.state(chargeId)).not.toBe('queued');
    await cabinet.die();
    expect(network.breaches).toEqual([]);
    scratch.remove();
  },
);
