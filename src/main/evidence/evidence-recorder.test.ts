import { describe, expect, it } from 'vitest';
import type { Visit } from '../../core/visit/visit.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { ShelfEvent } from '../../shared/model/evidence.schema.ts';
import { minor } from '../../shared/money.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { visitAt } from '../../testkit/core/visit-at.ts';
import { EvidenceRecorder, flushEveryMs } from './evidence-recorder.ts';

function rig() {
  const clock = new FakeClock();
  const said: string[] = [];
  const events: ShelfEvent[] = [];
  const state = { refuses: false, ended: 0 };
  const answer = () => (state.refuses ? fail('storage.io' as const, 'full') : ok());
  const recorder = new EvidenceRecorder({
    store: {
      begin: () => {
        said.push('begin');
        return answer();
      },
      append: (_visitId, more) => {
        if (!state.refuses) events.push(...more);
        return answer();
      },
      end: (_visitId, why) => {
        said.push(`end ${why ?? 'clean'}`);
        return answer();
      },
    },
    clock,
    logger: silentLogger,
    onEnded: () => {
      state.ended++;
    },
  });
  const doors: ('open' | 'closed')[] = ['open', 'closed'];
  const door = (): void => {
    const next = doors.shift() ?? 'open';
    doors.push(next);
    recorder.deviceEvent({ type: 'door', door: next, atMs: clock.monotonicMs() });
  };
  return { clock, said, events, state, recorder, door };
}
const show = (recorder: EvidenceRecorder, ...visits: Visit[]): void => {
  for (const visit of visits) recorder.onVisitChanged(visit);
};

it('keeps what happens between the unlocking and the receipt, and nothing beside it', () => {
  const { recorder, said, events, state, door } = rig();
  door();
  show(recorder, visitAt('authorising'), visitAt('unlocking'));
  door();
  show(recorder, visitAt('shopping'));
  door();
  show(recorder, visitAt('receipt'));
  door();
  expect(said).toEqual(['begin', 'end clean']);
  expect(events.filter(({ kind }) => kind === 'door').length).toBe(3);
  expect(state.ended).toBe(1);
});

it('flags a visit of which something is held, that people have to look at, or that took too long', () => {
  const bill = { lines: [], heldLines: [], totalMinor: minor(0), review: [] };
  const line = {
    sku: 'cola',
    name: { zh: '可乐', en: 'Cola' },
    unitPriceMinor: minor(300),
    count: 1,
    amountMinor: minor(300),
  };
  const ends: [Parameters<typeof visitAt>[1], string][] = [
    [{ bill: { ...bill, review: ['recognition.reader_lost'] } }, 'end flagged'],
    [{ bill: { ...bill, heldLines: [line] } }, 'end flagged'],
    [{ bill, isOverdue: true }, 'end flagged'],
    [{ bill: { ...bill, lines: [line] } }, 'end clean'],
  ];
  for (const [over, expected] of ends) {
    const { recorder, said } = rig();
    show(recorder, visitAt('shopping'), visitAt('receipt', over));
    expect(said.at(-1)).toBe(expected);
  }
});

it('flags a visit that went away without an end', () => {
  const { recorder, said } = rig();
  show(recorder, visitAt('shopping'), visitAt('attract', { visitId: null, chargeId: null, bill: null }));
  expect(said).toEqual(['begin', 'end flagged']);
});

it('has on the disk what was seen some seconds ago', async () => {
  const { recorder, events, door, clock } = rig();
  show(recorder, visitAt('shopping'));
  door();
  await clock.advance(flushEveryMs);
  door();
  expect(events.filter(({ kind }) => kind === 'door').length).toBe(2);
});

it('tries again what the disk refused, and holds up nothing', async () => {
  const { recorder, events, door, clock, state } = rig();
  show(recorder, visitAt('shopping'));
  state.refuses = true;
  door();
  await clock.advance(flushEveryMs);
  door();
  expect(events).toEqual([]);
  state.refuses = false;
  show(recorder, visitAt('receipt'));
  expect(events.filter(({ kind }) => kind === 'door').length).toBe(2);
});

it('loses nothing when the program ends in the middle of a visit', () => {
  const { recorder, events, said, door } = rig();
  show(recorder, visitAt('shopping'));
  door();
  recorder.stop();
  expect(events.filter(({ kind }) => kind === 'door').length).toBe(1);
  expect(said).toEqual(['begin']);
});

describe('pictures of the shelf', () => {
  const picture = (when: 'before' | 'after', atMs: number) =>
    ({ kind: 'picture', atMs, deviceId: 'shelf-1', when, jpeg: '/9j/AAAA' }) as const;
  const kept = (events: readonly ShelfEvent[]) =>
    events.flatMap((event) => (event.kind === 'picture' ? [event.atMs] : []));
  const idle = { visitId: null, chargeId: null, bill: null };

  it('from before the visit began are of it, the newest of each camera', () => {
    const { recorder, events } = rig();
    recorder.pictureTaken(picture('before', 1));
    recorder.pictureTaken(picture('before', 2));
    show(recorder, visitAt('authorising'), visitAt('shopping'), visitAt('receipt'));
    expect(kept(events)).toEqual([2]);
  });

  it('of somebody who came in and went away are of nobody', () => {
    const { recorder, events } = rig();
    recorder.pictureTaken(picture('before', 1));
    show(recorder, visitAt('refused', idle), visitAt('attract', idle), visitAt('identifyingByCode', idle));
    show(recorder, visitAt('shopping'), visitAt('receipt'));
    expect(kept(events)).toEqual([]);
  });

  it('that come when the bill is made already are kept with it, and there is something to tell', () => {
    const { recorder, events, state } = rig();
    show(recorder, visitAt('shopping'), visitAt('receipt'));
    recorder.pictureTaken(picture('after', 9));
    expect(kept(events)).toEqual([9]);
    expect(state.ended).toBe(2);
    // The next one has come in: it is not known any more whose it is.
    show(recorder, visitAt('attract', idle), visitAt('identifyingByCode', idle));
    recorder.pictureTaken(picture('after', 10));
    expect(kept(events)).toEqual([9]);
  });
});
