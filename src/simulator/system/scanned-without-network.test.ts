import { expect, test } from 'vitest';
import { CabinetHarness } from './cabinet-harness.ts';
import { startOperatorForFile } from './operator-suite.ts';

/** A phone has scanned the cabinet's code while the cabinet's network is away; whoever scanned goes, somebody else comes. */
const { operator } = await startOperatorForFile();

test.each([
  // Away for so long after the scan; how; how often the bolt lets go.
  [3_000, 'cut', 1],
  [20_000, 'cut', 0],
  [50_000, 'cut', 0],
  [50_000, 'blackhole', 0],
] as const)(
  'scanned, and the network is away for %i ms (%s): the bolt does not let go for the next one',
  async (ms, mode, releases) => {
    const harness = await CabinetHarness.open(operator, { limits: { identifyTimeoutMs: 60_000 } });
    try {
      await harness.waitState('attract');
      await harness.until('online', () => harness.snapshot().online);
      harness.chooseCode();
      const { visit } = harness.snapshot();
      const text =
        visit.screen === 'identifying' && visit.cabinetCode.state === 'shown' ? visit.cabinetCode.text : null;
      if (text === null) throw new Error('no code on screen');
      await harness.sleep(500);
      harness.setNetwork(mode);
      expect(await operator.qrSignIn('M1001', text)).toEqual({ accepted: true });
      // M1001 sees nothing happen and goes. Somebody else touches the screen half-way.
      await harness.sleep(ms / 2);
      harness.process.kiosk.visitLoop.dispatch({ type: 'active' });
      await harness.sleep(ms / 2);
      harness.setNetwork('up');
      await harness.sleep(12_000);
      expect({
        ms,
        released: harness.releaseCount,
        state: harness.state,
        who: harness.context.member?.memberId,
      }).toMatchObject({ released: releases });
    } finally {
      await harness.close();
    }
  },
);
