import { expect, it } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { plugPollMs, plugWatch } from './plug-watch.ts';
import { FakeUsb } from '../testkit/devices/fake-usb.ts';

function harness(change: { libusb?: boolean; kernel?: boolean } = {}) {
  const clock = new FakeClock();
  const usb = new FakeUsb();
  const plugs = new Set(['1-1#2']);
  let count = 0;
  const stop = plugWatch(clock, {
    loadUsb: () => (change.libusb === false ? Promise.reject(new Error('none')) : Promise.resolve(usb)),
    readPlugs: () => Promise.resolve(change.kernel === false ? null : new Set(plugs)),
  })(() => count++);
  return { clock, usb, plugs, stop, count: () => count };
}

it('an event of libusb tells at once, several together tell once', async () => {
  const { clock, usb, count } = harness({ kernel: false });
  await clock.advance(10);
  usb.plug('1-2');
  usb.plug('1-2.1');
  await clock.advance(60);
  expect(count()).toBe(1);
  usb.plug('1-3');
  await clock.advance(60);
  expect(count()).toBe(2);
});

it('without libusb or udev the kernel’s list tells, a quick unplug and replug too', async () => {
  const { clock, plugs, count } = harness({ libusb: false });
  await clock.advance(plugPollMs * 3);
  expect(count()).toBe(0);
  plugs.delete('1-1#2');
  plugs.add('1-1#3');
  await clock.advance(plugPollMs + 60);
  expect(count()).toBe(1);
  plugs.clear();
  await clock.advance(plugPollMs * 2);
  expect(count()).toBe(1);
});

it('stopped: nothing is emitted and nothing is left running', async () => {
  const { clock, usb, plugs, stop, count } = harness();
  await clock.advance(10);
  usb.plug('1-2');
  stop();
  plugs.add('1-4#9');
  await clock.advance(plugPollMs * 4);
  expect(count()).toBe(0);
  expect(usb.listeners.size).toBe(0);
});
