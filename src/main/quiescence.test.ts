import { beforeEach, expect, test } from 'vitest';
import { VisitChart } from '../core/visit/visit.ts';
import { type VisitStateName } from '../core/visit/visit-model.ts';
import { FakeClock } from '../shared/clock.ts';
import type { DoorState } from '../shared/model/device.ts';
import { QuiescenceMonitor } from './quiescence.ts';

let clock: FakeClock;
let door: DoorState;
let isStaffAtWork: boolean;
let isSendingCharge: boolean;
let monitor: QuiescenceMonitor;
const visitIn = (state: VisitStateName): void => {
  monitor.onVisitChanged({ ...new VisitChart().start(), state });
};

beforeEach(() => {
  clock = new FakeClock();
  door = 'closed';
  isStaffAtWork = false;
  isSendingCharge = false;
  monitor = new QuiescenceMonitor({
    clock,
    door: () => door,
    isStaffAtWork: () => isStaffAtWork,
    isSendingCharge: () => isSendingCharge,
  });
  visitIn('attract');
});

test('quiet while nobody is served, in service or not', () => {
  expect(monitor.activity()).toBeNull();
  visitIn('outOfService');
  expect(monitor.activity({ idleForMs: 1_000_000 })).toBeNull();
});

test('each thing that goes on is named, the visit first; who does not mind it is not disturbed', () => {
  visitIn('shopping');
  isStaffAtWork = true;
  door = 'open';
  isSendingCharge = true;
  expect(monitor.activity()).toBe('visit');
  expect(monitor.activity({ ignore: ['visit'] })).toBe('service');
  expect(monitor.activity({ ignore: ['visit', 'service'] })).toBe('door');
  expect(monitor.activity({ ignore: ['visit', 'service', 'door'] })).toBe('charge');
  expect(monitor.activity({ ignore: ['visit', 'service', 'door', 'charge'] })).toBeNull();
});

test('a door that the lock does not know of counts as open', () => {
  door = 'unknown';
  expect(monitor.activity()).toBe('door');
});

test('after a visit it takes the time that is asked for', async () => {
  visitIn('receipt');
  await clock.advance(5_000);
  visitIn('attract');
  expect(monitor.activity()).toBeNull();
  expect(monitor.activity({ idleForMs: 10_000 })).toBe('visit');
  await clock.advance(10_000);
  expect(monitor.activity({ idleForMs: 10_000 })).toBeNull();
});
