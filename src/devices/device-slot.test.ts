import { expect, it } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { DeviceSlot } from './device-slot.ts';
import type { Driver, DriverTransport } from './device/driver.ts';
import { MemoryTransport } from './transport/memory.ts';

it('a late abort of an old connection does not end the one that followed it', async () => {
  const clock = new FakeClock();
  const transports: MemoryTransport[] = [];
  const given: DriverTransport[] = [];
  const driver: Driver = {
    kind: 'lock',
    start: (transport) => {
      given.push(transport);
    },
    receive: () => undefined,
    stop: () => undefined,
    health: () => ({ state: 'ready', lastSeenMs: null, errorCount: 0, resetCount: 0, detail: '' }),
  };
  const slot = new DeviceSlot({
    id: 'lock',
    driver,
    clock,
    log: () => undefined,
    healthChanged: () => undefined,
    makeTransport: () => {
      const transport = new MemoryTransport('lock');
      transports.push(transport);
      return transport.hostEnd;
    },
  });
  await clock.advance(200);
  given[0]?.abort('silent');
  await clock.advance(500);
  expect(transports.length).toBe(2);
  expect(slot.health().state).toBe('ready');

  given[0]?.abort('a write of the first connection has failed only now');
  await clock.advance(500);
  expect(transports.length).toBe(2);
  expect(transports[1]?.isOpen).toBe(true);

  given[1]?.abort('silent');
  await clock.advance(500);
  expect(transports.length).toBe(3);
  await Promise.all([slot.stop(), clock.advance(1000)]);
});
