import { describe, expect, it } from 'vitest';
import { type AvailabilityInputs, evaluateAvailability } from './availability.ts';

const fine: AvailabilityInputs = {
  storage: 'ok',
  enrolled: true,
  catalogLoaded: true,
  lockReady: true,
  readerReady: true,
  losesReadings: false,
  isOverCapacity: false,
  isNothingHeard: false,
  isTooWarm: false,
  door: 'closed',
  visitRuns: false,
  starting: false,
};

describe('service reason', () => {
  it.each<[Partial<AvailabilityInputs>, ReturnType<typeof evaluateAvailability>]>([
    [{}, null],
    [{ storage: 'failed', door: 'open' }, 'storage_failed'],
    [{ door: 'open' }, 'door_open_without_visit'],
    [{ door: 'open', starting: true }, 'door_open_without_visit'],
    [{ door: 'open', visitRuns: true }, null],
    [{ enrolled: false }, 'not_enrolled'],
    [{ enrolled: false, starting: true }, 'starting'],
    [{ catalogLoaded: false }, 'no_catalog'],
    [{ lockReady: false }, 'lock_unreachable'],
    [{ lockReady: false, starting: true }, null],
    [{ door: 'unknown' }, 'lock_unreachable'],
    [{ readerReady: false }, 'reader_unreachable'],
    [{ losesReadings: true, starting: true }, 'reader_unreachable'],
    [{ isNothingHeard: true }, 'nothing_heard'],
    [{ isNothingHeard: true, readerReady: false }, 'reader_unreachable'],
    [{ isNothingHeard: true, starting: true }, null],
    [{ isOverCapacity: true }, 'too_many_tags'],
    [{ isTooWarm: true }, 'too_warm'],
    [{ isTooWarm: true, starting: true }, 'too_warm'],
    [{ isTooWarm: true, door: 'open' }, 'door_open_without_visit'],
    [{ isOverCapacity: true, readerReady: false }, 'reader_unreachable'],
  ])('%j → %s', (facts, reason) => {
    expect(evaluateAvailability({ ...fine, ...facts })).toBe(reason);
  });
});
