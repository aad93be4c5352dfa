import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { readScannerDescriptor } from '../../devices/protocol/scanner-descriptor.ts';
import type { HostEnd, HostConnection } from '../devices/device-port.ts';
import type { ReportFrame } from '../../shared/report-framing.ts';
import { CdcAcmFunction } from './cdc-acm-function.ts';
import type { DeviceCable } from './device-cable.ts';
import { HidFunction } from './hid-function.ts';
import { askedWithinMs, reportsWaitingMax, streamWaitingMaxBytes } from './in-queue.ts';
import { relayReportDescriptor, scannerReportDescriptor } from './report-descriptors.ts';
import { UsbDevice } from './usb-device.ts';
import type { UsbResult, UsbTransfer } from './usb-transfer.ts';

const identity = {
  vendorId: 0x16c0,
  productId: 0x05df,
  manufacturer: 'www.dcttech.com',
  product: 'USBRelay2',
  serialNumber: null,
};
let clock: FakeClock;
let end: HostEnd | null;
let received: Uint8Array[];
let askedFeatures: { frame: ReportFrame; answer: (frame: ReportFrame) => void }[];

const cable: DeviceCable = {
  plugged: true,
  onPlug: () => undefined,
  attach: (taken) => {
    end = taken;
    const connection: HostConnection = {
      receive: (bytes) => received.push(bytes),
      receiveFeature: (frame, answer) => askedFeatures.push({ frame, answer }),
      release: () => {
        end = null;
      },
    };
    return connection;
  },
};

beforeEach(() => {
  clock = new FakeClock();
  end = null;
  received = [];
  askedFeatures = [];
});

function relay(): UsbDevice {
  return new UsbDevice({
    clock,
    identity,
    makeFunction: (send) =>
      new HidFunction({
        cable,
        send,
        speed: 'low',
        hasReportIds: false,
        intervalMs: 10,
        reportDescriptor: relayReportDescriptor,
      }),
  });
}
function scanner(): UsbDevice {
  return new UsbDevice({
    clock,
    identity: { ...identity, serialNumber: 'S-1' },
    makeFunction: (send) =>
      new HidFunction({
        cable,
        send,
        speed: 'full',
        hasReportIds: true,
        intervalMs: 4,
        reportDescriptor: scannerReportDescriptor('standard'),
      }),
  });
}
function bridge(): UsbDevice {
  return new UsbDevice({
    clock,
    identity,
    makeFunction: (send) => new CdcAcmFunction({ cable, send, baud: 9600 }),
  });
}

interface Submitted {
  readonly transfer: UsbTransfer;
  result: UsbResult | null;
}
function submit(device: UsbDevice, what: Partial<UsbTransfer>): Submitted {
  const submitted: Submitted = {
    transfer: {
      endpoint: 0,
      setup: null,
      data: new Uint8Array(),
      wantedBytes: 0,
      ...what,
      complete: (result) => {
        expect(submitted.result).toBeNull();
        submitted.result = result;
      },
    },
    result: null,
  };
  device.submit(submitted.transfer);
  return submitted;
}
function control(device: UsbDevice, setupHex: string, data = new Uint8Array()): Submitted {
  const setup = Buffer.from(setupHex, 'hex');
  return submit(device, { setup, data, wantedBytes: setup.readUInt16LE(6) });
}
const hexOf = (submitted: Submitted): string =>
  submitted.result === null
    ? 'waits'
    : submitted.result.status === 'stall'
      ? 'stall'
      : Buffer.from(submitted.result.data).toString('hex');
const request = (device: UsbDevice, endpoint = 0x81, wantedBytes = 64): Submitted =>
  submit(device, { endpoint, wantedBytes });
const setOne = '0009010000000000';

describe('standard requests', () => {
  it.each([
    [
      'device descriptor of a low-speed device',
      '8006000100004000',
      '12011001000000' + '08' + 'c016df05' + '0001' + '01020001',
    ],
    ['the same, cut to 8', '8006000100000800', '1201100100000008'],
    ['languages', '800600030000ff00', '04030904'],
    ['product', '800602030904ff00', '1403550053004200520065006c00610079003200'],
    ['serial number: none', '800603030904ff00', 'stall'],
    ['configuration 1: none', '8006010200000900', 'stall'],
    ['qualifier: one speed only', '8006000600000a00', 'stall'],
    ['report descriptor', '8106002200001600', '0600ff0901a101150026ff00750895080900b20201c0'],
    ['HID descriptor', '8106002100000900', '092111010001221600'],
    ['configuration number', '8008000000000100', '00'],
    ['status', '8000000000000200', '0000'],
    ['an interface setting that is not there', '010b010000000000', 'stall'],
    ['configuration 2', '0009020000000000', 'stall'],
    ['a vendor request', 'c001000000000800', 'stall'],
    ['a reserved type', 'e001000000000800', 'stall'],
    ['a reserved recipient', '8401000000000800', 'stall'],
    ['a class request before the configuration', 'a101000300000800', 'stall'],
  ])('%s', (_, setup, wanted) => {
    expect(hexOf(control(relay(), setup))).toBe(wanted);
  });

  it('a configuration tells all of its interfaces and endpoints', () => {
    expect(hexOf(control(bridge(), '800600020000ff00'))).toBe(
      '09024300020100803209040000010202010005240010010524010001042402020524060001' +
        '07058303100010' +
        '09040100020a000000' +
        '07050202400000' +
        '07058102400000',
    );
  });

  it('no endpoint works before the configuration, and none that is not there', () => {
    const device = bridge();
    expect(hexOf(request(device))).toBe('stall');
    control(device, setOne);
    expect(hexOf(request(device))).toBe('waits');
    expect(hexOf(request(device, 0x85))).toBe('stall');
    expect(hexOf(submit(device, { endpoint: 0x02, data: Uint8Array.of(1) }))).toBe('');
  });
});

describe('reads', () => {
  it('wait for data, in order', () => {
    const device = bridge();
    control(device, setOne);
    const [first, second] = [request(device), request(device)];
    end?.deliver(Uint8Array.of(1, 2));
    expect([hexOf(first), hexOf(second)]).toEqual(['0102', 'waits']);
    end?.deliver(Uint8Array.of(3));
    expect(hexOf(second)).toBe('03');
  });

  it('a stream is cut to what is wanted, the rest comes next', () => {
    const device = bridge();
    control(device, setOne);
    end?.deliver(Uint8Array.of(1, 2));
    end?.deliver(Uint8Array.of(3, 4, 5));
    expect([hexOf(request(device, 0x81, 4)), hexOf(request(device, 0x81, 4))]).toEqual(['01020304', '05']);
  });

  it('a cancelled one never completes, and takes no data', () => {
    const device = bridge();
    control(device, setOne);
    const [first, second] = [request(device), request(device)];
    expect(device.cancel(first.transfer)).toBe(true);
    expect(device.cancel(first.transfer)).toBe(false);
    end?.deliver(Uint8Array.of(9));
    expect([hexOf(first), hexOf(second)]).toEqual(['waits', '09']);
    expect(device.cancel(second.transfer)).toBe(false);
  });

  it('what nobody reads is lost beyond the bound: some kB of a stream, one report of a closed HID device', async () => {
    const device = bridge();
    control(device, setOne);
    expect(end?.deliver(new Uint8Array(streamWaitingMaxBytes))).toBe(true);
    expect(end?.deliver(Uint8Array.of(1))).toBe(false);
    const other = scanner();
    control(other, setOne);
    expect([end?.deliver(Uint8Array.of(2, 1)), end?.deliver(Uint8Array.of(2, 2))]).toEqual([true, false]);
    // A host that has just asked will ask again.
    expect(hexOf(request(other))).toBe('0201');
    const taken = Array.from({ length: reportsWaitingMax + 1 }, () => end?.deliver(Uint8Array.of(2, 3)));
    expect(taken.filter((one) => one === true).length).toBe(reportsWaitingMax);
    await clock.advance(askedWithinMs);
    expect(end?.deliver(Uint8Array.of(2, 4))).toBe(false);
  });
});

describe('faults', () => {
  it('a halted endpoint stalls what waits and what comes, until it is cleared', () => {
    const device = bridge();
    control(device, setOne);
    const waiting = request(device);
    device.halt(0x81);
    expect([hexOf(waiting), hexOf(request(device))]).toEqual(['stall', 'stall']);
    expect(hexOf(control(device, '8200000081000200'))).toBe('0100');
    control(device, '0201000081000000');
    expect(hexOf(control(device, '8200000081000200'))).toBe('0000');
    expect(hexOf(request(device))).toBe('waits');
  });

  it('silent: nothing completes, neither what waits nor what comes; afterwards it does, in order', () => {
    const device = bridge();
    control(device, setOne);
    const waiting = request(device);
    device.setFaults({ silent: true });
    end?.deliver(Uint8Array.of(7));
    const status = control(device, '8000000000000200');
    const write = submit(device, { endpoint: 0x02, data: Uint8Array.of(5) });
    expect([hexOf(waiting), hexOf(status), hexOf(write)]).toEqual(['waits', 'waits', 'waits']);
    expect(received).toEqual([]);
    expect(device.cancel(status.transfer)).toBe(true);
    device.setFaults({});
    expect([hexOf(waiting), hexOf(status), hexOf(write)]).toEqual(['07', 'waits', '']);
    expect(received).toEqual([Uint8Array.of(5)]);
  });

  it('dropped replies: the device obeys, the host never learns it', () => {
    const device = bridge();
    control(device, setOne);
    device.setFaults({ dropReplies: true });
    expect(hexOf(submit(device, { endpoint: 0x02, data: Uint8Array.of(5) }))).toBe('waits');
    expect(received.length).toBe(1);
  });

  it('delayed, and noise instead of descriptors', async () => {
    const device = bridge();
    device.setFaults({ delayMs: 30, garbageDescriptors: true });
    const submitted = control(device, '8006000100004000');
    await clock.advance(29);
    expect(hexOf(submitted)).toBe('waits');
    await clock.advance(1);
    expect(hexOf(submitted)).toMatch(/^00a5a5/);
  });

  it('unplugged: everything under way is gone, the cable is free', () => {
    const device = bridge();
    const seen: boolean[] = [];
    device.onPlug((plugged) => seen.push(plugged));
    control(device, setOne);
    const waiting = request(device);
    device.setPlugged(false);
    expect([end, hexOf(waiting), device.configuration, seen]).toEqual([null, 'waits', 0, [false]]);
    expect(device.cancel(waiting.transfer)).toBe(false);
    expect(hexOf(control(device, setOne))).toBe('stall');
  });
});

describe('HID', () => {
  it('feature reports without ids: the id 0 is not on the wire', () => {
    const device = relay();
    control(device, setOne);
    // The published setup packets of the relay.
    const set = control(device, '2109000300000800', Uint8Array.of(0xff, 1, 0, 0, 0, 0, 0, 0));
    expect(askedFeatures[0]?.frame).toEqual({
      kind: 'setFeature',
      bytes: Uint8Array.of(0, 0xff, 1, 0, 0, 0, 0, 0, 0),
    });
    expect(hexOf(set)).toBe('waits');
    askedFeatures[0]?.answer({ kind: 'setFeature', bytes: Uint8Array.of(0) });
    expect(hexOf(set)).toBe('');
    const get = control(device, 'a101000300000800');
    expect(askedFeatures[1]?.frame).toEqual({ kind: 'getFeature', bytes: Uint8Array.of(0, 0, 9) });
    askedFeatures[1]?.answer({ kind: 'getFeature', bytes: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8) });
    expect(hexOf(get)).toBe('0102030405060708');
  });

  it('with ids: the id is on the wire; refused = stalled; a late answer to a cancelled request goes nowhere', () => {
    const device = scanner();
    control(device, setOne);
    const get = control(device, 'a101fe0300000900');
    expect(askedFeatures[0]?.frame).toEqual({ kind: 'getFeature', bytes: Uint8Array.of(0xfe, 0, 9) });
    askedFeatures[0]?.answer({ kind: 'refused', bytes: Uint8Array.of(0xfe) });
    expect(hexOf(get)).toBe('stall');
    const set = control(device, '2109fe0300000200', Uint8Array.of(0xfe, 1));
    expect(askedFeatures[1]?.frame.bytes).toEqual(Uint8Array.of(0xfe, 1));
    device.cancel(set.transfer);
    askedFeatures[1]?.answer({ kind: 'setFeature', bytes: Uint8Array.of(0xfe) });
    expect(hexOf(set)).toBe('waits');
  });

  it('output reports reach the device; SET_IDLE is taken; an input report on the control pipe is not', () => {
    const device = scanner();
    control(device, setOne);
    expect(hexOf(control(device, '2109020200000200', Uint8Array.of(2, 2)))).toBe('');
    expect(received).toEqual([Uint8Array.of(2, 2)]);
    expect(hexOf(control(device, '210a000000000000'))).toBe('');
    expect(hexOf(control(device, 'a101020100004000'))).toBe('stall');
    expect(hexOf(control(device, '2107000000000000'))).toBe('stall');
  });

  it.each(['standard', 'counted', 'newland', 'uncounted'] as const)(
    'a %s scanner describes itself so that our own reader knows its layout',
    (layout) => {
      expect(readScannerDescriptor(scannerReportDescriptor(layout))).toMatchObject({ value: { layout } });
    },
  );
});

describe('CDC-ACM', () => {
  it('line coding is kept, until the next configuration', () => {
    const device = bridge();
    control(device, setOne);
    expect(hexOf(control(device, 'a121000000000700'))).toBe('80250000000008');
    control(device, '2120000000000700', Buffer.from('00c20100000008', 'hex'));
    expect(hexOf(control(device, 'a121000000000700'))).toBe('00c20100000008');
    expect(hexOf(control(device, '2120000000000600', Buffer.alloc(6)))).toBe('stall');
    expect(hexOf(control(device, '2122030000000000'))).toBe('');
    control(device, '0009000000000000');
    control(device, setOne);
    expect(hexOf(control(device, 'a121000000000700'))).toBe('80250000000008');
  });

  it('at another rate the two do not understand each other', () => {
    const device = bridge();
    control(device, setOne);
    control(device, '2120000000000700', Buffer.from('00c20100000008', 'hex'));
    submit(device, { endpoint: 0x02, data: Uint8Array.of(5) });
    expect([received, end?.deliver(Uint8Array.of(1))]).toEqual([[], false]);
  });
});
