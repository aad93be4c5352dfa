import { expect, it } from 'vitest';
import { visitStateNames } from '../visit/visit-model.ts';
import { isMaintenanceOver, mayOpenForStaff, whyNotLeave } from './maintenance.ts';

it('opens for the staff only while no visit of a shopper is under way, and only on record', () => {
  const maintenance = { by: '4410', sinceMs: 1 };
  expect(visitStateNames.filter((state) => mayOpenForStaff(maintenance, state))).toEqual(['outOfService']);
  expect(visitStateNames.filter((state) => mayOpenForStaff(null, state))).toEqual([]);
});

it('is left only behind a door that is seen shut, and a bolt that cannot be loose any more', () => {
  expect(whyNotLeave('closed', false)).toBeNull();
  expect(whyNotLeave('closed', true)).toBe('bolt_loose');
  expect(whyNotLeave('open', false)).toBe('door_open');
  expect(whyNotLeave('unknown', false)).toBe('door_unknown');
  expect(isMaintenanceOver(false, 'closed', false)).toBe(true);
  expect(isMaintenanceOver(false, 'closed', true)).toBe(false);
  for (const door of ['open', 'unknown'] as const) expect(isMaintenanceOver(false, door, false)).toBe(false);
  expect(isMaintenanceOver(true, 'closed', false)).toBe(false);
});
