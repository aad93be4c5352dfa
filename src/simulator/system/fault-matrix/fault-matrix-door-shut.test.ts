import { expect, test } from 'vitest';
import { visitStateNames } from '../../../core/visit/visit-model.ts';
import { playFaultMatrix } from './play.ts';
import { situations, statesWithoutSituation } from './situations.ts';

test('every state is in the table or has a reason not to be', () => {
  const played = new Set(
    Object.values(situations)
      .flat()
      .map((s) => s.state),
  );
  for (const state of visitStateNames) {
    expect(played.has(state) !== (statesWithoutSituation[state] !== undefined), state).toBe(true);
  }
});

await playFaultMatrix(situations.doorShut);
