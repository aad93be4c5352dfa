import { expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { cabinetDevicesSchema } from '../../shared/model/device.ts';
import type { KeyPress } from '../../shared/model/scanner-spec.ts';
import { KeyForwarder, hasKeyboardScanner, keysPerSecondMax } from './key-forwarder.ts';

const wedge = {
  ...{ kind: 'code-scanner', protocol: 'scanner-wedge', suffix: 'enter', keyGapMs: 110, minLength: 6 },
  transport: { kind: 'keyboard' },
};

it('forwards keys with their times, as the host takes them', () => {
  const clock = new FakeClock();
  const sent: KeyPress[] = [];
  const forwarder = new KeyForwarder(clock, (presses) => sent.push(...presses));
  const input = { key: 'K', code: 'KeyK', isComposing: false };
  expect(forwarder.key({ ...input, type: 'keyDown' })).toBe(true);
  expect(forwarder.key({ ...input, type: 'keyUp' })).toBe(true);
  const atMs = clock.monotonicMs();
  expect(sent).toEqual([
    { type: 'down', key: 'K', code: 'KeyK', composing: false, atMs },
    { type: 'up', key: 'K', code: 'KeyK', composing: false, atMs },
  ]);
});

it('what is no key press, or too many of them, is not forwarded', async () => {
  const clock = new FakeClock();
  const sent: KeyPress[] = [];
  const forwarder = new KeyForwarder(clock, (presses) => sent.push(...presses));
  const input = { type: 'keyDown', key: 'a', code: 'KeyA', isComposing: false };
  expect(forwarder.key({ ...input, type: 'rawKeyDown' })).toBe(false);
  expect(forwarder.key({ ...input, key: 'x'.repeat(99) })).toBe(false);
  for (let i = 0; i < 10_000; i++) forwarder.key(input);
  expect(sent.length).toBe(keysPerSecondMax - 2);
  await clock.advance(1000);
  expect(forwarder.key(input)).toBe(true);
});

it('only a scanner without a connection of its own is heard by its keys', () => {
  const of = (...devices: object[]): boolean =>
    hasKeyboardScanner(cabinetDevicesSchema.parse({ simulated: true, devices }));
  expect(of()).toBe(false);
  expect(of(wedge)).toBe(true);
  const tcp = { kind: 'tcp', host: 'h', port: 1, framing: 'report' };
  expect(of({ ...wedge, transport: tcp })).toBe(false);
});
