import { expect, it } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { DeviceSlot } from './device-slot.ts';
import type { Driver, DriverLink } from './device/driver.ts';
import { MemoryLink } from './transport/memory.ts';

it('an old connection that is given up late does not end the one that has followed it', async () => {
  const clock = new FakeClock();
  const links: MemoryLink[] = [];
  const given: DriverLink[] = [];
  const driver: Driver = {
    kind: 'lock',
    start: (link) => {
      given.push(link);
    },
    receive: () => undefined,
    stop: () => undefined,
    farewell: () => null,
    health: () => ({ state: 'ready', lastSeenMs: null, errorCount: 0, resetCount: 0, detail: '' }),
  };
  const slot = new DeviceSlot({
    ...{ id: 'lock', driver, clock, log: () => undefined, healthChanged: () => undefined },
    makeTransport: () => {
      const link = new MemoryLink('lock');
      links.push(link);
      return link.transport;
    },
  });
  await clock.advance(200);
  given[0]?.giveUp('silent');
  await clock.advance(500);
  expect(links.length).toBe(2);
  expect(slot.health().state).toBe('ready');

  given[0]?.giveUp('a write of the first connection has failed only now');
  await clock.advance(500);
  expect(links.length).toBe(2);
  expect(links[1]?.isOpen).toBe(true);

  given[1]?.giveUp('silent');
  await clock.advance(500);
  expect(links.length).toBe(3);
  await Promise.all([slot.stop(), clock.advance(1000)]);
});
