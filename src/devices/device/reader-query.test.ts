import { expect, it } from 'vitest';
import { DeviceHarness, readerSpec } from '../../testkit/devices/device-harness.ts';

/** Gen2: a Query with Sel 11 is answered by tags whose SL flag is set alone, and none is unless it was selected. */
const selBits = 0x0c00;
const selectedAlone = 0x0c00;
const epc = 'E200001D7315016521408FC6';

it.each([
  ['as the factory has it', 0x1020],
  ['in session 2', 0x1220],
  ['with Sel = SL', 0x1c20],
  ['in session 2 with Sel = SL', 0x1e20],
])('an R200 that another program has left %s: its tags are heard, or it is not ready', async (_, left) => {
  const harness = new DeviceHarness();
  const { reader, clock, supervisor } = harness;
  reader.query = left;
  await harness.up([readerSpec]);
  // As tags behave, by the query that is set now.
  const queryNow = (): number => reader.query ?? 0;
  reader.tags = (queryNow() & selBits) === selectedAlone ? [] : [epc];
  supervisor.setPollMode('active');
  harness.messages.length = 0;
  await clock.advance(120_000);
  const isHeard = harness.of('tags').some(({ reads }) => reads.length > 0);
  const isReady = harness.health('tag-reader') === 'ready';
  expect({ isHeard, isReady, isWell: isHeard || !isReady }).toMatchObject({ isWell: true });
});
