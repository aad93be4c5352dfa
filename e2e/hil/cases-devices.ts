import type { PollMode } from '../../src/shared/model/device.ts';
import assert from 'node:assert/strict';
import { HilHarness, specs, tagCount } from './hil-harness.ts';

/** A case throws when something is not as it must be; what it answers goes into the table. */
export interface Case {
  readonly name: string;
  run(harness: HilHarness): Promise<string>;
}
const ms = (value: number): string => `${value.toFixed(0)} ms`;
const all = [specs.lock, specs.reader, specs.scanner];
const replugPauseMs = 300;

/** One whole opening: unlock, pull, shut; the door's news must be right each time. Answers the times of the edges. */
export async function openAndShut(
  harness: HilHarness,
  of: 'cabinet' | 'second' = 'cabinet',
  modeAfter: PollMode = 'idle',
): Promise<{ open: number; shut: number }> {
  const { world } = harness[of];
  harness.host.setPollMode('active');
  const unlocked = await harness.host.unlock();
  assert.ok(unlocked.ok, `unlock: ${unlocked.ok ? '' : unlocked.error.message}`);
  await harness.until('the bolt is released', () => world.bolt === 'released');
  assert.ok(world.pull().ok);
  const open = await harness.until('door open', () => harness.lastDoor === 'open');
  assert.ok(world.close().ok);
  const shut = await harness.until('door closed', () => harness.lastDoor === 'closed');
  harness.host.setPollMode(modeAfter);
  return { open, shut };
}

async function replug(harness: HilHarness, kind: 'lock' | 'tag-reader' | 'code-scanner'): Promise<number> {
  harness.cabinet.cabinet.setPlugged(kind, false);
  await harness.until(`${kind} gone`, () => harness.healthOf(kind)?.state !== 'ready');
  await harness.pause(replugPauseMs);
  harness.cabinet.cabinet.setPlugged(kind, true);
  return harness.until(`${kind} back`, () => harness.healthOf(kind)?.state === 'ready');
}

const discovery: Case[] = [
  {
    name: 'kernel: drivers bound, nodes for the group and nobody else',
    run: async (harness) => {
      const nodes = 'ls -l /dev/ttyACM0 /dev/ttyACM1 /dev/ttyACM2 /dev/hidraw0 /dev/hidraw1';
      let text = '';
      for (let i = 0; i < 60 && !/(crw-rw----.*plugdev.*\n?){5}/.test(text); i++) {
        text = await harness.machine.shell(`${nodes} 2>&1 || true`);
        await harness.pause(100);
      }
      assert.match(text, /(crw-rw----.*plugdev.*\n?){5}/, text);
      const drivers = await harness.machine.shell(
        'for i in 1-1:1.0 1-2:1.0 1-3:1.0 1-4:1.0; do basename $(readlink /sys/bus/usb/devices/$i/driver); done',
      );
      assert.equal(drivers.trim().split(/\s+/).join(' '), 'cdc_acm cdc_acm usbhid usbhid');
      return drivers.trim().split(/\s+/).join(' ');
    },
  },
  {
    name: 'discovery by match rules: lock and reader (serialport), scanner (node-hid)',
    run: async (harness) => `ready after ${ms(await harness.devices(all))}`,
  },
  {
    name: 'two scanners of a kind: refused, naming both ports; by port path: the right one',
    run: async (harness) => {
      harness.second.cabinet.setPlugged('code-scanner', true);
      await harness.until('plugged in', () => harness.usb.twin.configuration === 1);
      await harness.devices([specs.scanner], false);
      await harness.until('ambiguous', () =>
        /fits 2 devices/.test(harness.healthOf('code-scanner')?.detail ?? ''),
      );
      const detail = harness.healthOf('code-scanner')?.detail ?? '';
      assert.match(detail, /1-3.*1-6/);
      await harness.devices([specs.scannerInPort3]);
      harness.second.cabinet.scanner.device.scan('of the twin');
      harness.cabinet.cabinet.scanner.device.scan('of port 3');
      await harness.until('the scan', () => harness.received.codes.length > 0);
      assert.deepEqual(harness.received.codes, ['of port 3']);
      harness.second.cabinet.setPlugged('code-scanner', false);
      await harness.until('twin gone', () => harness.usb.twin.configuration === 0);
      return detail.slice(0, 90);
    },
  },
  {
    name: 'no udev rule: refused with the way out; with the rule again: ready',
    run: async (harness) => {
      const rules = '/etc/udev/rules.d/70-kaimen.rules';
      await harness.machine.shell(`mv ${rules} /tmp/rules && udevadm control --reload`);
      await harness.devices([specs.scanner]);
      harness.cabinet.cabinet.setPlugged('code-scanner', false);
      await harness.pause(replugPauseMs);
      harness.cabinet.cabinet.setPlugged('code-scanner', true);
      await harness.until('refused', () =>
        /no permission/.test(harness.healthOf('code-scanner')?.detail ?? ''),
      );
      const detail = harness.healthOf('code-scanner')?.detail ?? '';
      assert.match(detail, /udev rules/);
      await harness.machine.shell(`mv /tmp/rules ${rules} && udevadm control --reload`);
      harness.cabinet.cabinet.setPlugged('code-scanner', false);
      await harness.pause(replugPauseMs);
      harness.cabinet.cabinet.setPlugged('code-scanner', true);
      await harness.until('ready', () => harness.healthOf('code-scanner')?.state === 'ready');
      return detail.slice(0, 90);
    },
  },
];

const lock: Case[] = [
  {
    name: 'lock through cdc_acm: open, door open, door shut',
    run: async (harness) => {
      await harness.devices(all);
      const edges = await openAndShut(harness);
      return `edges seen after ${ms(edges.open)} and ${ms(edges.shut)}`;
    },
  },
  {
    name: 'lock through libusb, kernel driver put aside and given back',
    run: async (harness) => {
      await harness.devices([specs.lockOverUsb]);
      const during = await harness.machine.shell('ls /sys/bus/usb/devices/1-1:1.0/ | grep -c tty || true');
      assert.equal(during.trim(), '0', 'cdc_acm still has it');
      const edges = await openAndShut(harness);
      await harness.devices([specs.lock]);
      await openAndShut(harness);
      return `edges seen after ${ms(edges.open)} and ${ms(edges.shut)}`;
    },
  },
  {
    name: 'lock unplugged and plugged in: idle, door open, amid an unlock (serialport)',
    run: (harness) => unplugLock(harness, [specs.lock]),
  },
  {
    name: 'lock unplugged and plugged in: idle, door open, amid an unlock (libusb)',
    run: (harness) => unplugLock(harness, [specs.lockOverUsb]),
  },
  {
    name: 'lock: stalled endpoint, hanging device, noise, late completions',
    run: async (harness) => {
      await harness.devices([specs.lock]);
      harness.usb.lock.halt(0x81);
      await harness.pause(1500);
      await harness.until('back after a stall', () => harness.healthOf('lock')?.state === 'ready');
      await openAndShut(harness);
      harness.usb.lock.setFaults({ silent: true });
      await harness.until('the silence is reported', () => harness.healthOf('lock')?.state !== 'ready');
      const refused = await harness.host.unlock();
      assert.equal(refused.ok, false);
      assert.equal(harness.cabinet.world.bolt, 'locked');
      harness.usb.lock.setFaults({});
      const back = await harness.until(
        'back after silence',
        () => harness.healthOf('lock')?.state === 'ready',
      );
      await harness.pause(2000);
      assert.equal(harness.cabinet.world.bolt, 'locked', 'an old open frame has fired');
      harness.cabinet.cabinet.setFault('lock', 'flood');
      await harness.until('noise is reported', () => harness.healthOf('lock')?.state !== 'ready');
      harness.cabinet.cabinet.setFault('lock', 'none');
      await harness.until('back after noise', () => harness.healthOf('lock')?.state === 'ready');
      harness.usb.lock.setFaults({ delayMs: 20 });
      await openAndShut(harness);
      harness.usb.lock.setFaults({});
      return `${ms(back)} to recover from silence`;
    },
  },
];

async function unplugLock(harness: HilHarness, list: Parameters<HilHarness['devices']>[0]): Promise<string> {
  const { world } = harness.cabinet;
  await harness.devices(list);
  const idle = await replug(harness, 'lock');
  assert.ok(
    harness.received.doors.some((one) => one.door === 'unknown'),
    'the door was not reported as unknown',
  );
  await harness.until('closed again', () => harness.lastDoor === 'closed');
  assert.ok((await harness.host.unlock()).ok);
  await harness.until('released', () => world.bolt === 'released');
  world.pull();
  await harness.until('open', () => harness.lastDoor === 'open');
  const open = await replug(harness, 'lock');
  await harness.until('open, as it is', () => harness.lastDoor === 'open');
  world.close();
  await harness.until('closed', () => harness.lastDoor === 'closed');
  const call = harness.host.unlock();
  await harness.pause(100);
  harness.cabinet.cabinet.setPlugged('lock', false);
  const answer = await call;
  assert.equal(answer.ok, false, 'an unlock whose board was pulled cannot be known to have worked');
  harness.cabinet.cabinet.setPlugged('lock', true);
  const amid = await harness.until('lock back', () => harness.healthOf('lock')?.state === 'ready');
  await harness.until('closed, as it is', () => harness.lastDoor === 'closed');
  await harness.pause(500);
  await openAndShut(harness);
  return `ready again after ${ms(idle)}, ${ms(open)}, ${ms(amid)}`;
}

const scanner: Case[] = [
  {
    name: 'scans: short, in several reports, not Latin; each once, in order',
    run: async (harness) => {
      await harness.devices(all);
      const texts = [
        '6901234567892',
        'x'.repeat(56),
        'y'.repeat(57),
        '门'.repeat(100),
        `KM1.${'c'.repeat(1500)}`,
      ];
      for (const text of texts) harness.cabinet.cabinet.scanner.device.scan(text);
      await harness.until('all', () => harness.received.codes.length >= texts.length);
      await harness.pause(200);
      assert.deepEqual(harness.received.codes, texts);
      return `${texts.length} scans, the longest of 27 reports`;
    },
  },
  {
    name: 'scanner unplugged in the middle of a scan: no half code, then all well',
    run: async (harness) => {
      await harness.devices(all);
      harness.forget();
      harness.cabinet.cabinet.scanner.device.scan('h'.repeat(2000));
      await harness.pause(30);
      const back = await replug(harness, 'code-scanner');
      harness.cabinet.cabinet.scanner.device.scan('whole');
      await harness.until('the next scan', () => harness.received.codes.length > 0);
      assert.deepEqual(harness.received.codes, ['whole']);
      return `ready again after ${ms(back)}`;
    },
  },
  {
    name: 'scanner: stalled endpoint, noise',
    run: async (harness) => {
      await harness.devices(all);
      harness.forget();
      harness.usb.scanner.halt(0x81);
      await harness.pause(500);
      await harness.until('ready', () => harness.healthOf('code-scanner')?.state === 'ready');
      harness.cabinet.cabinet.setFault('code-scanner', 'garbage');
      for (let i = 0; i < 20; i++) harness.cabinet.cabinet.scanner.device.scan(`garbled ${i}`);
      await harness.pause(400);
      harness.cabinet.cabinet.setFault('code-scanner', 'none');
      harness.cabinet.cabinet.scanner.device.scan('clean');
      await harness.until('the clean one', () => harness.received.codes.includes('clean'));
      assert.deepEqual(harness.received.codes, ['clean']);
      return 'nothing reported but the clean scan';
    },
  },
];

const reader: Case[] = [
  {
    name: `inventory of ${tagCount} tags`,
    run: async (harness) => {
      await harness.devices(all);
      harness.host.setPollMode('active');
      harness.forget();
      const took = await harness.until('all tags', () => harness.received.tags.size === tagCount);
      return `all after ${ms(took)}`;
    },
  },
  {
    name: 'reader unplugged and plugged in, and a stalled endpoint, amid an inventory',
    run: async (harness) => {
      await harness.devices(all);
      harness.host.setPollMode('active');
      const back = await replug(harness, 'tag-reader');
      harness.forget();
      await harness.until('all tags', () => harness.received.tags.size === tagCount);
      harness.usb.reader.halt(0x81);
      await harness.pause(300);
      harness.forget();
      const stall = await harness.until(
        'all tags after a stall',
        () => harness.received.tags.size === tagCount,
      );
      harness.host.setPollMode('idle');
      return `ready again after ${ms(back)}; after a stall ${ms(stall)}`;
    },
  },
];

const relay: Case[] = [
  {
    name: 'relay lock (feature reports) with a door sensor: one pulse, off again, door seen',
    run: async (harness) => {
      await harness.devices([specs.relay, specs.sensor]);
      const on = relayOnTimes(harness);
      await openAndShut(harness, 'second');
      await harness.until('off', () => !isRelayOn(harness));
      const times = on.stop();
      assert.equal(times.length, 1, `pulses: ${times.length}`);
      return `on for ${ms(times[0] ?? 0)} (500 wanted)`;
    },
  },
  {
    name: 'relay: device host killed amid the pulse: off when it is back',
    run: async (harness) => {
      await harness.devices([specs.relay, specs.sensor]);
      const call = harness.host.unlock();
      await harness.until('on', () => isRelayOn(harness));
      harness.signal('SIGKILL');
      const off = await harness.until('off', () => !isRelayOn(harness));
      assert.equal((await call).ok, false);
      await harness.until('ready again', () => harness.allReady(2));
      harness.second.world.releaseHold();
      return `off ${ms(off)} after the kill`;
    },
  },
  {
    name: 'relay unplugged and plugged in',
    run: async (harness) => {
      await harness.devices([specs.relay, specs.sensor]);
      harness.second.cabinet.setPlugged('lock', false);
      await harness.until('gone', () => harness.healthOf('lock')?.state !== 'ready');
      await harness.pause(replugPauseMs);
      harness.second.cabinet.setPlugged('lock', true);
      const back = await harness.until('back', () => harness.healthOf('lock')?.state === 'ready');
      assert.equal(isRelayOn(harness), false);
      await openAndShut(harness, 'second');
      return `ready again after ${ms(back)}`;
    },
  },
];

const scale: Case[] = [
  {
    name: 'scale: the weight follows the goods; unplugged and plugged in',
    run: async (harness) => {
      const { world } = harness.second;
      const isRight = (): boolean => harness.received.milligrams === world.gramsInside() * 1000;
      await harness.devices([specs.scale]);
      await harness.until('the weight of all', isRight);
      world.force();
      const [item] = world.inside;
      assert.ok(item !== undefined && world.take({ epc: item.epc }).ok);
      const follows = await harness.until('the weight without one', isRight);
      harness.second.cabinet.setPlugged('scale', false);
      await harness.until('gone', () => harness.healthOf('scale')?.state !== 'ready');
      assert.ok(world.putBack({ epc: item.epc }).ok);
      world.close();
      harness.second.cabinet.setPlugged('scale', true);
      const back = await harness.until('back', () => harness.healthOf('scale')?.state === 'ready');
      await harness.until('the weight of all again', isRight);
      return `stable again ${ms(follows)} after a grip; ready ${ms(back)} after it was plugged in`;
    },
  },
];

const light: Case[] = [
  {
    name: 'light beside the relay lock: on while it is ordered; unplugged: off until it is ordered anew',
    run: async (harness) => {
      const { world } = harness.second;
      await harness.devices([specs.relay, specs.sensor, specs.light]);
      harness.host.setLight(true);
      const on = await harness.until('light', () => world.isLightOn);
      await openAndShut(harness, 'second');
      assert.equal(world.isLightOn, true, 'the lock has switched the light');
      harness.host.setLight(false);
      await harness.until('dark', () => !world.isLightOn);
      harness.host.setLight(true);
      await harness.until('light again', () => world.isLightOn);
      harness.second.cabinet.setPlugged('light', false);
      await harness.until('gone', () => harness.healthOf('light')?.state !== 'ready');
      assert.equal(world.isLightOn, false, 'a board without power shines');
      harness.host.setLight(false);
      harness.second.cabinet.setPlugged('light', true);
      const back = await harness.until('back', () => harness.healthOf('light')?.state === 'ready');
      await harness.pause(500);
      assert.equal(world.isLightOn, false, 'nobody ordered it');
      return `on after ${ms(on)}; ready ${ms(back)} after it was plugged in`;
    },
  },
];

function isRelayOn(harness: HilHarness): boolean {
  // The last byte of the state report: bit 0 = relay 1.
  return ((harness.second.cabinet.lock.device.features?.get(0)?.at(-1) ?? 0) & 1) === 1;
}

/** How long each pulse of relay 1 lasts, asked each 2 ms. */
function relayOnTimes(harness: HilHarness): { stop: () => number[] } {
  const times: number[] = [];
  let sinceMs: number | null = null;
  const timer = setInterval(() => {
    const isOn = isRelayOn(harness);
    if (isOn) sinceMs ??= performance.now();
    else if (sinceMs !== null) {
      times.push(performance.now() - sinceMs);
      sinceMs = null;
    }
  }, 2);
  return {
    stop: () => {
      clearInterval(timer);
      return times;
    },
  };
}

export const deviceCases: readonly Case[] = [
  ...discovery,
  ...lock,
  ...scanner,
  ...reader,
  ...relay,
  ...light,
  ...scale,
];
