import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Availability,
  type AvailabilityEvent,
  initialAvailability,
  isDoorForced,
  outOfServiceOf,
  stepAvailability,
} from './availability.ts';

const play = (...events: AvailabilityEvent[]): Availability =>
  events.reduce(stepAvailability, initialAvailability);
const fine: AvailabilityEvent = { type: 'evaluated', reason: null, atMs: 5 };
const broken: AvailabilityEvent = { type: 'evaluated', reason: 'reader_unreachable', atMs: 7 };
const forced: AvailabilityEvent = { type: 'evaluated', reason: 'door_open_without_visit', atMs: 8 };
const maintenance: AvailabilityEvent = { type: 'maintenanceStarted', by: 'S-7', atMs: 9 };
const update: AvailabilityEvent = { type: 'updateStarted', atMs: 10 };

describe('availability', () => {
  it('follows what is evaluated, and keeps the time of the last change', () => {
    expect(play(fine)).toEqual({ state: 'available', sinceMs: 5 });
    expect(play(fine, { ...fine, atMs: 6 })).toEqual({ state: 'available', sinceMs: 5 });
    expect(play(fine, broken)).toEqual({ state: 'outOfService', reason: 'reader_unreachable', sinceMs: 7 });
    expect(play(fine, broken, forced)).toMatchObject({ reason: 'door_open_without_visit', sinceMs: 8 });
    expect(isDoorForced(play(forced))).toBe(true);
    expect(play(broken, { type: 'evaluated', reason: 'starting', atMs: 8 })).toMatchObject({
      state: 'starting',
    });
  });

  it('is held by maintenance, whatever the devices say: a door that the staff has opened is no alarm', () => {
    const held = play(fine, maintenance, forced, broken, fine, update);
    expect(held).toEqual({ state: 'maintenance', by: 'S-7', sinceMs: 9 });
    expect(isDoorForced(held)).toBe(false);
    expect(outOfServiceOf(held)).toEqual({ reason: 'starting', sinceMs: 9 });
    const over = stepAvailability(held, { type: 'maintenanceEnded', atMs: 20 });
    expect(over).toEqual({ state: 'starting', sinceMs: 20 });
    expect(stepAvailability(over, { ...fine, atMs: 21 })).toEqual({ state: 'available', sinceMs: 21 });
  });

  it('is held by an update in the same way, and neither begins during the other', () => {
    const held = play(fine, update, broken, maintenance, { type: 'maintenanceEnded', atMs: 11 });
    expect(held).toEqual({ state: 'updating', sinceMs: 10 });
    expect(stepAvailability(held, { type: 'updateEnded', atMs: 20 })).toMatchObject({ state: 'starting' });
    expect(play(fine, { type: 'updateEnded', atMs: 20 })).toMatchObject({ state: 'available' });
  });

  it('says "available" only after an evaluation without a reason', () => {
    const any = fc.constantFrom<AvailabilityEvent>(
      ...[fine, broken, forced, maintenance, update],
      { type: 'maintenanceEnded', atMs: 30 },
      { type: 'updateEnded', atMs: 31 },
    );
    fc.assert(
      fc.property(fc.array(any), any, (events, last) => {
        const before = play(...events);
        const after = stepAvailability(before, last);
        return after.state !== 'available' || before.state === 'available' || last === fine;
      }),
    );
  });
});
