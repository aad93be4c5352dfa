import assert from 'node:assert/strict';
import { HilRig, specs, tagCount } from './rig.ts';

/** A case throws when something is not as it must be; what it answers goes into the table. */
export interface Case {
  readonly name: string;
  run(rig: HilRig): Promise<string>;
}
const ms = (value: number): string => `${value.toFixed(0)} ms`;
const all = [specs.lock, specs.reader, specs.scanner];
const replugPauseMs = 300;

/** One whole opening: unlock, pull, shut; the door's news must be right each time. Answers the times of the edges. */
export async function openAndShut(
  rig: HilRig,
  of: 'cabinet' | 'second' = 'cabinet',
  paceAfter: 'rest' | 'visit' = 'rest',
): Promise<{ open: number; shut: number }> {
  const { world } = rig[of];
  rig.host.setPace('visit');
  const unlocked = await rig.host.unlock();
  assert.ok(unlocked.ok, `unlock: ${unlocked.ok ? '' : unlocked.error.message}`);
  await rig.until('the bolt is released', () => world.bolt === 'released');
  assert.ok(world.pull().ok);
  const open = await rig.until('door open', () => rig.lastDoor === 'open');
  assert.ok(world.close().ok);
  const shut = await rig.until('door closed', () => rig.lastDoor === 'closed');
  rig.host.setPace(paceAfter);
  return { open, shut };
}

async function replug(rig: HilRig, kind: 'lock' | 'tag-reader' | 'code-scanner'): Promise<number> {
  rig.cabinet.cabinet.setPlugged(kind, false);
  await rig.until(`${kind} gone`, () => rig.healthOf(kind)?.state !== 'ready');
  await rig.pause(replugPauseMs);
  rig.cabinet.cabinet.setPlugged(kind, true);
  return rig.until(`${kind} back`, () => rig.healthOf(kind)?.state === 'ready');
}

const discovery: Case[] = [
  {
    name: 'kernel: drivers bound, nodes for the group and nobody else',
    run: async (rig) => {
      const nodes = 'ls -l /dev/ttyACM0 /dev/ttyACM1 /dev/ttyACM2 /dev/hidraw0 /dev/hidraw1';
      let text = '';
      for (let i = 0; i < 60 && !/(crw-rw----.*plugdev.*\n?){5}/.test(text); i++) {
        text = await rig.machine.shell(`${nodes} 2>&1 || true`);
        await rig.pause(100);
      }
      assert.match(text, /(crw-rw----.*plugdev.*\n?){5}/, text);
      const drivers = await rig.machine.shell(
        'for i in 1-1:1.0 1-2:1.0 1-3:1.0 1-4:1.0; do basename $(readlink /sys/bus/usb/devices/$i/driver); done',
      );
      assert.equal(drivers.trim().split(/\s+/).join(' '), 'cdc_acm cdc_acm usbhid usbhid');
      return drivers.trim().split(/\s+/).join(' ');
    },
  },
  {
    name: 'discovery by match rules: lock and reader (serialport), scanner (node-hid)',
    run: async (rig) => `ready after ${ms(await rig.devices(all))}`,
  },
  {
    name: 'two scanners of a kind: refused, naming both ports; by port path: the right one',
    run: async (rig) => {
      rig.second.cabinet.setPlugged('code-scanner', true);
      await rig.until('plugged in', () => rig.usb.twin.configuration === 1);
      await rig.devices([specs.scanner], false);
      await rig.until('ambiguous', () => /fits 2 devices/.test(rig.healthOf('code-scanner')?.detail ?? ''));
      const detail = rig.healthOf('code-scanner')?.detail ?? '';
      assert.match(detail, /1-3.*1-6/);
      await rig.devices([specs.scannerInPort3]);
      rig.second.cabinet.scanner.device.scan('of the twin');
      rig.cabinet.cabinet.scanner.device.scan('of port 3');
      await rig.until('the scan', () => rig.told.codes.length > 0);
      assert.deepEqual(rig.told.codes, ['of port 3']);
      rig.second.cabinet.setPlugged('code-scanner', false);
      await rig.until('twin gone', () => rig.usb.twin.configuration === 0);
      return detail.slice(0, 90);
    },
  },
  {
    name: 'no udev rule: refused with the way out; with the rule again: ready',
    run: async (rig) => {
      const rules = '/etc/udev/rules.d/70-kaimen.rules';
      await rig.machine.shell(`mv ${rules} /tmp/rules && udevadm control --reload`);
      await rig.devices([specs.scanner]);
      rig.cabinet.cabinet.setPlugged('code-scanner', false);
      await rig.pause(replugPauseMs);
      rig.cabinet.cabinet.setPlugged('code-scanner', true);
      await rig.until('refused', () => /no permission/.test(rig.healthOf('code-scanner')?.detail ?? ''));
      const detail = rig.healthOf('code-scanner')?.detail ?? '';
      assert.match(detail, /udev rules/);
      await rig.machine.shell(`mv /tmp/rules ${rules} && udevadm control --reload`);
      rig.cabinet.cabinet.setPlugged('code-scanner', false);
      await rig.pause(replugPauseMs);
      rig.cabinet.cabinet.setPlugged('code-scanner', true);
      await rig.until('ready', () => rig.healthOf('code-scanner')?.state === 'ready');
      return detail.slice(0, 90);
    },
  },
];

const lock: Case[] = [
  {
    name: 'lock through cdc_acm: open, door open, door shut',
    run: async (rig) => {
      await rig.devices(all);
      const edges = await openAndShut(rig);
      return `edges told after ${ms(edges.open)} and ${ms(edges.shut)}`;
    },
  },
  {
    name: 'lock through libusb, kernel driver put aside and given back',
    run: async (rig) => {
      await rig.devices([specs.lockOverUsb]);
      const during = await rig.machine.shell('ls /sys/bus/usb/devices/1-1:1.0/ | grep -c tty || true');
      assert.equal(during.trim(), '0', 'cdc_acm still has it');
      const edges = await openAndShut(rig);
      await rig.devices([specs.lock]);
      await openAndShut(rig);
      return `edges told after ${ms(edges.open)} and ${ms(edges.shut)}`;
    },
  },
  {
    name: 'lock unplugged and plugged in: idle, door open, amid an unlock (serialport)',
    run: (rig) => unplugLock(rig, [specs.lock]),
  },
  {
    name: 'lock unplugged and plugged in: idle, door open, amid an unlock (libusb)',
    run: (rig) => unplugLock(rig, [specs.lockOverUsb]),
  },
  {
    name: 'lock: stalled endpoint, hanging device, noise, late completions',
    run: async (rig) => {
      await rig.devices([specs.lock]);
      rig.usb.lock.halt(0x81);
      await rig.pause(1500);
      await rig.until('back after a stall', () => rig.healthOf('lock')?.state === 'ready');
      await openAndShut(rig);
      rig.usb.lock.setFaults({ silent: true });
      await rig.until('the silence is told', () => rig.healthOf('lock')?.state !== 'ready');
      const refused = await rig.host.unlock();
      assert.equal(refused.ok, false);
      assert.equal(rig.cabinet.world.bolt, 'locked');
      rig.usb.lock.setFaults({});
      const back = await rig.until('back after silence', () => rig.healthOf('lock')?.state === 'ready');
      await rig.pause(2000);
      assert.equal(rig.cabinet.world.bolt, 'locked', 'an old open frame has fired');
      rig.cabinet.cabinet.setFault('lock', 'babble');
      await rig.until('noise is told', () => rig.healthOf('lock')?.state !== 'ready');
      rig.cabinet.cabinet.setFault('lock', 'none');
      await rig.until('back after noise', () => rig.healthOf('lock')?.state === 'ready');
      rig.usb.lock.setFaults({ delayMs: 20 });
      await openAndShut(rig);
      rig.usb.lock.setFaults({});
      return `${ms(back)} to recover from silence`;
    },
  },
];

async function unplugLock(rig: HilRig, list: Parameters<HilRig['devices']>[0]): Promise<string> {
  const { world } = rig.cabinet;
  await rig.devices(list);
  const idle = await replug(rig, 'lock');
  assert.ok(
    rig.told.doors.some((one) => one.door === 'unknown'),
    'the door was not told as unknown',
  );
  await rig.until('closed again', () => rig.lastDoor === 'closed');
  assert.ok((await rig.host.unlock()).ok);
  await rig.until('released', () => world.bolt === 'released');
  world.pull();
  await rig.until('open', () => rig.lastDoor === 'open');
  const open = await replug(rig, 'lock');
  await rig.until('open, as it is', () => rig.lastDoor === 'open');
  world.close();
  await rig.until('closed', () => rig.lastDoor === 'closed');
  const call = rig.host.unlock();
  await rig.pause(100);
  rig.cabinet.cabinet.setPlugged('lock', false);
  const answer = await call;
  assert.equal(answer.ok, false, 'an unlock whose board was pulled cannot be known to have worked');
  rig.cabinet.cabinet.setPlugged('lock', true);
  const amid = await rig.until('lock back', () => rig.healthOf('lock')?.state === 'ready');
  await rig.until('closed, as it is', () => rig.lastDoor === 'closed');
  await rig.pause(500);
  await openAndShut(rig);
  return `ready again after ${ms(idle)}, ${ms(open)}, ${ms(amid)}`;
}

const scanner: Case[] = [
  {
    name: 'scans: short, in several reports, not Latin; each once, in order',
    run: async (rig) => {
      await rig.devices(all);
      const texts = [
        '6901234567892',
        'x'.repeat(56),
        'y'.repeat(57),
        '门'.repeat(100),
        `KM1.${'c'.repeat(1500)}`,
      ];
      for (const text of texts) rig.cabinet.cabinet.scanner.device.scan(text);
      await rig.until('all', () => rig.told.codes.length >= texts.length);
      await rig.pause(200);
      assert.deepEqual(rig.told.codes, texts);
      return `${texts.length} scans, the longest of 27 reports`;
    },
  },
  {
    name: 'scanner unplugged in the middle of a scan: no half code, then all well',
    run: async (rig) => {
      await rig.devices(all);
      rig.forget();
      rig.cabinet.cabinet.scanner.device.scan('h'.repeat(2000));
      await rig.pause(30);
      const back = await replug(rig, 'code-scanner');
      rig.cabinet.cabinet.scanner.device.scan('whole');
      await rig.until('the next scan', () => rig.told.codes.length > 0);
      assert.deepEqual(rig.told.codes, ['whole']);
      return `ready again after ${ms(back)}`;
    },
  },
  {
    name: 'scanner: stalled endpoint, noise',
    run: async (rig) => {
      await rig.devices(all);
      rig.forget();
      rig.usb.scanner.halt(0x81);
      await rig.pause(500);
      await rig.until('ready', () => rig.healthOf('code-scanner')?.state === 'ready');
      rig.cabinet.cabinet.setFault('code-scanner', 'garbage');
      for (let i = 0; i < 20; i++) rig.cabinet.cabinet.scanner.device.scan(`garbled ${i}`);
      await rig.pause(400);
      rig.cabinet.cabinet.setFault('code-scanner', 'none');
      rig.cabinet.cabinet.scanner.device.scan('clean');
      await rig.until('the clean one', () => rig.told.codes.includes('clean'));
      assert.deepEqual(rig.told.codes, ['clean']);
      return 'nothing told but the clean scan';
    },
  },
];

const reader: Case[] = [
  {
    name: `inventory of ${tagCount} tags`,
    run: async (rig) => {
      await rig.devices(all);
      rig.host.setPace('visit');
      rig.forget();
      const took = await rig.until('all tags', () => rig.told.tags.size === tagCount);
      return `all after ${ms(took)}`;
    },
  },
  {
    name: 'reader unplugged and plugged in, and a stalled endpoint, amid an inventory',
    run: async (rig) => {
      await rig.devices(all);
      rig.host.setPace('visit');
      const back = await replug(rig, 'tag-reader');
      rig.forget();
      await rig.until('all tags', () => rig.told.tags.size === tagCount);
      rig.usb.reader.halt(0x81);
      await rig.pause(300);
      rig.forget();
      const stall = await rig.until('all tags after a stall', () => rig.told.tags.size === tagCount);
      rig.host.setPace('rest');
      return `ready again after ${ms(back)}; after a stall ${ms(stall)}`;
    },
  },
];

const relay: Case[] = [
  {
    name: 'relay lock (feature reports) with a door sensor: one pulse, off again, door seen',
    run: async (rig) => {
      await rig.devices([specs.relay, specs.sensor]);
      const on = relayOnTimes(rig);
      await openAndShut(rig, 'second');
      await rig.until('off', () => !isRelayOn(rig));
      const times = on.stop();
      assert.equal(times.length, 1, `pulses: ${times.length}`);
      return `on for ${ms(times[0] ?? 0)} (500 wanted)`;
    },
  },
  {
    name: 'relay: device host killed amid the pulse: off when it is back',
    run: async (rig) => {
      await rig.devices([specs.relay, specs.sensor]);
      const call = rig.host.unlock();
      await rig.until('on', () => isRelayOn(rig));
      rig.signal('SIGKILL');
      const off = await rig.until('off', () => !isRelayOn(rig));
      assert.equal((await call).ok, false);
      await rig.until('ready again', () => rig.allReady(2));
      rig.second.world.releaseHold();
      return `off ${ms(off)} after the kill`;
    },
  },
  {
    name: 'relay unplugged and plugged in',
    run: async (rig) => {
      await rig.devices([specs.relay, specs.sensor]);
      rig.second.cabinet.setPlugged('lock', false);
      await rig.until('gone', () => rig.healthOf('lock')?.state !== 'ready');
      await rig.pause(replugPauseMs);
      rig.second.cabinet.setPlugged('lock', true);
      const back = await rig.until('back', () => rig.healthOf('lock')?.state === 'ready');
      assert.equal(isRelayOn(rig), false);
      await openAndShut(rig, 'second');
      return `ready again after ${ms(back)}`;
    },
  },
];

const scale: Case[] = [
  {
    name: 'scale: the weight follows the goods; unplugged and plugged in',
    run: async (rig) => {
      const { world } = rig.second;
      const isRight = (): boolean => rig.told.milligrams === world.gramsInside() * 1000;
      await rig.devices([specs.scale]);
      await rig.until('the weight of all', isRight);
      world.force();
      const [item] = world.inside;
      assert.ok(item !== undefined && world.take({ epc: item.epc }).ok);
      const follows = await rig.until('the weight without one', isRight);
      rig.second.cabinet.setPlugged('scale', false);
      await rig.until('gone', () => rig.healthOf('scale')?.state !== 'ready');
      assert.ok(world.putBack({ epc: item.epc }).ok);
      world.close();
      rig.second.cabinet.setPlugged('scale', true);
      const back = await rig.until('back', () => rig.healthOf('scale')?.state === 'ready');
      await rig.until('the weight of all again', isRight);
      return `stable again ${ms(follows)} after a grip; ready ${ms(back)} after it was plugged in`;
    },
  },
];

const light: Case[] = [
  {
    name: 'light beside the relay lock: on while it is ordered; unplugged: off until it is ordered anew',
    run: async (rig) => {
      const { world } = rig.second;
      await rig.devices([specs.relay, specs.sensor, specs.light]);
      rig.host.setLight(true);
      const on = await rig.until('light', () => world.isLightOn);
      await openAndShut(rig, 'second');
      assert.equal(world.isLightOn, true, 'the lock has switched the light');
      rig.host.setLight(false);
      await rig.until('dark', () => !world.isLightOn);
      rig.host.setLight(true);
      await rig.until('light again', () => world.isLightOn);
      rig.second.cabinet.setPlugged('light', false);
      await rig.until('gone', () => rig.healthOf('light')?.state !== 'ready');
      assert.equal(world.isLightOn, false, 'a board without power shines');
      rig.host.setLight(false);
      rig.second.cabinet.setPlugged('light', true);
      const back = await rig.until('back', () => rig.healthOf('light')?.state === 'ready');
      await rig.pause(500);
      assert.equal(world.isLightOn, false, 'nobody ordered it');
      return `on after ${ms(on)}; ready ${ms(back)} after it was plugged in`;
    },
  },
];

function isRelayOn(rig: HilRig): boolean {
  // The last byte of the state report: bit 0 = relay 1.
  return ((rig.second.cabinet.lock.device.features?.get(0)?.at(-1) ?? 0) & 1) === 1;
}

/** How long each pulse of relay 1 lasts, asked each 2 ms. */
function relayOnTimes(rig: HilRig): { stop: () => number[] } {
  const times: number[] = [];
  let sinceMs: number | null = null;
  const timer = setInterval(() => {
    const isOn = isRelayOn(rig);
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
