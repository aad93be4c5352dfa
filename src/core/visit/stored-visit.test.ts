import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mustSurvive, VisitChart } from './visit.ts';
import { readStoredVisit, toStoredVisit } from './stored-visit.ts';

interface VisitOfVersion1 {
  readonly name: string;
  readonly visitId: string;
  readonly chargeId: string;
  readonly active: boolean;
  readonly state: { readonly state: string; readonly context: Readonly<Record<string, unknown>> };
}

/** Written by the last version of the program whose stored visits carried no version: one in each state that is stored. */
const visitsOfVersion1 = JSON.parse(
  readFileSync(new URL('./fixtures/visits-version-1.json', import.meta.url), 'utf8'),
) as readonly VisitOfVersion1[];
const chart = new VisitChart();

describe('a visit that the version before has stored', () => {
  it.each(visitsOfVersion1)('$name', ({ visitId, chargeId, active, state }) => {
    const read = readStoredVisit(state);
    if (!read.ok) throw new Error(read.error.message);
    const { context } = read.value;
    expect(context).toMatchObject({ visitId, chargeId, baseline: state.context['shelf'] });
    const { taken, reported, doorWasOpen, recognisedMemberId } = context;
    expect({ taken, reported, doorWasOpen, faceOf: recognisedMemberId }).toEqual(
      Object.fromEntries(
        ['taken', 'reported', 'doorWasOpen', 'faceOf'].map((key) => [key, state.context[key]]),
      ),
    );
    const restored = chart.restore(state);
    expect(restored.ok).toBe(active);
    if (restored.ok) expect(mustSurvive(restored.value)).toBe(true);
  });

  it('is written in the form of today from then on', () => {
    for (const { state } of visitsOfVersion1) {
      const read = readStoredVisit(state);
      if (!read.ok) throw new Error(read.error.message);
      const stored: unknown = JSON.parse(JSON.stringify(toStoredVisit(read.value)));
      expect(stored).toMatchObject({ version: 2 });
      expect(readStoredVisit(stored)).toEqual(read);
    }
  });
});

it('a visit of a version that is not known is not guessed at', () => {
  const { state } = visitsOfVersion1[0]!;
  expect(readStoredVisit({ ...state, version: 3 }).ok).toBe(false);
});
