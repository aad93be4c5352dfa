import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  UsbipReader,
  decodeImportReply,
  encodeCommand,
  encodeImportReply,
  encodeListReply,
  encodeOperation,
  encodeSubmitReply,
  transferMaxBytes,
} from './usbip-codec.ts';
import type { UsbipCommand, UsbipDevice } from './usbip-codec.ts';

const vectors = new Map(
  z
    .array(z.object({ name: z.string(), hex: z.string() }))
    .parse(JSON.parse(readFileSync(new URL('vectors/usbip.json', import.meta.url), 'utf8')))
    .map(({ name, hex }) => [name, Buffer.from(hex, 'hex')]),
);
function vector(name: string): Buffer {
  const bytes = vectors.get(name);
  if (bytes === undefined) throw new Error(`no vector ${name}`);
  return bytes;
}

const scanner: UsbipDevice = {
  busId: '1-1',
  busNumber: 1,
  deviceNumber: 2,
  speed: 'full',
  vendorId: 0x0c2e,
  productId: 0x0901,
  release: 0x0100,
  codes: [0, 0, 0],
  configuration: 0,
  interfaces: [[3, 0, 0]],
};

function readerOf(bytes: Uint8Array): UsbipReader {
  const reader = new UsbipReader();
  reader.push(bytes);
  return reader;
}

describe('published messages', () => {
  it('operations', () => {
    expect(readerOf(vector('op_req_devlist')).nextOperation()).toEqual({ ok: true, value: { type: 'list' } });
    expect(Buffer.from(encodeOperation({ type: 'list' }))).toEqual(vector('op_req_devlist'));
    const wanted = { type: 'import', busId: '1-1' } as const;
    expect(readerOf(vector('op_req_import_1_1')).nextOperation()).toEqual({ ok: true, value: wanted });
    expect(Buffer.from(encodeOperation(wanted))).toEqual(vector('op_req_import_1_1'));
    expect(Buffer.from(encodeImportReply(null))).toEqual(vector('op_rep_import_error'));
  });

  it('a control transfer', () => {
    const submit = readerOf(vector('cmd_submit_get_device_descriptor')).nextCommand();
    const setup = Buffer.from('8006000100004000', 'hex');
    expect(submit).toMatchObject({
      value: { type: 'submit', seqnum: 1, devid: 0x10002, isIn: true, endpoint: 0, length: 64, setup },
    });
    if (!submit.ok || submit.value === null) throw new Error('unread');
    expect(Buffer.from(encodeCommand(submit.value))).toEqual(vector('cmd_submit_get_device_descriptor'));
  });

  it('the capture of an interrupt OUT, its data behind it', () => {
    const submit = readerOf(vector('cmd_submit_int_out')).nextCommand();
    expect(submit).toMatchObject({
      value: { seqnum: 0x0d06, devid: 0x1000f, isIn: false, endpoint: 1, length: 64 },
    });
    expect(submit.ok && submit.value?.type === 'submit' && submit.value.data.length).toBe(64);
    expect(readerOf(vector('cmd_submit_int_out').subarray(0, 111)).nextCommand().ok).toBe(true);
    expect(readerOf(vector('cmd_submit_int_out').subarray(0, 111)).nextCommand()).toEqual({
      ok: true,
      value: null,
    });
  });

  it('unlink', () => {
    const unlink = { type: 'unlink', seqnum: 2, target: 1 } as const;
    expect(readerOf(vector('cmd_unlink')).nextCommand()).toEqual({ ok: true, value: unlink });
  });
});

it('device records have the sizes of the protocol, the interfaces only in the list', () => {
  expect(encodeListReply([scanner]).length).toBe(12 + 312 + 4);
  const reply = encodeImportReply(scanner);
  expect(reply.length).toBe(8 + 312);
  expect(decodeImportReply(reply)).toEqual({
    ok: true,
    value: { devid: 0x10002, speed: 2, vendorId: 0x0c2e, productId: 0x0901 },
  });
  expect(decodeImportReply(reply.subarray(0, 319))).toEqual({ ok: true, value: null });
  expect(decodeImportReply(encodeImportReply(null)).ok).toBe(false);
});

it('a reply is 48 bytes and its data', () => {
  const reply = encodeSubmitReply(7, { status: -32, actualBytes: 2, data: Uint8Array.of(1, 2) });
  expect(Buffer.from(reply).toString('hex')).toBe(
    '0000000300000007000000000000000000000000ffffffe00000000200000000ffffffff000000000000000000000000' +
      '0102',
  );
});

const command: fc.Arbitrary<UsbipCommand> = fc.oneof(
  fc.record({
    type: fc.constant('unlink' as const),
    seqnum: fc.nat(),
    target: fc.nat(),
  }),
  fc
    .record({
      seqnum: fc.nat(),
      devid: fc.nat(),
      isIn: fc.boolean(),
      endpoint: fc.nat(15),
      setup: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      data: fc.uint8Array({ maxLength: 200 }),
      wanted: fc.nat(transferMaxBytes),
    })
    .map(({ isIn, wanted, data, ...rest }) => ({
      type: 'submit' as const,
      isIn,
      ...rest,
      ...(isIn ? { length: wanted, data: new Uint8Array() } : { length: data.length, data }),
    })),
);
it('whatever is sent is read again, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 8 }), fc.array(fc.nat(60), { minLength: 1 }), (sent, cuts) => {
      const wire = Buffer.concat(sent.map(encodeCommand));
      const reader = new UsbipReader();
      const got: UsbipCommand[] = [];
      for (let at = 0, i = 0; at < wire.length; i++) {
        const end = at + 1 + (cuts[i % cuts.length] ?? 0);
        reader.push(wire.subarray(at, end));
        at = end;
        for (let next = reader.nextCommand(); next.ok && next.value !== null; next = reader.nextCommand()) {
          got.push(next.value);
        }
      }
      expect(got.map(hexed)).toEqual(sent.map(hexed));
      expect(reader.heldBytes).toBe(0);
    }),
  );
});

it('random bytes are refused or wait, and never hold more than one message', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
      const reader = new UsbipReader();
      for (const chunk of chunks) {
        reader.push(chunk);
        let next = reader.nextCommand();
        while (next.ok && next.value !== null) next = reader.nextCommand();
        if (!next.ok) return;
        expect(reader.heldBytes).toBeLessThan(48 + transferMaxBytes);
      }
    }),
  );
});

it.each([
  ['another version', '0110800500000000'],
  ['an unknown operation', '0111800700000000'],
  ['a bus id without end', `0111800300000000${'31'.repeat(32)}`],
])('refused: %s', (_, hex) => {
  expect(readerOf(Buffer.from(hex, 'hex')).nextOperation()).toMatchObject({
    error: { code: 'usbip.bad_message' },
  });
});

it.each([
  ['an unknown command', 0, 9],
  ['a direction of 2', 15, 2],
  ['endpoint 16', 19, 16],
  ['a transfer of 16 MiB', 24, 1],
  ['isochronous packets', 35, 1],
])('refused: %s', (_, at, value) => {
  const bytes = Buffer.from(vector('cmd_submit_get_device_descriptor'));
  if (at === 35) bytes.fill(0, 32, 36);
  bytes[at] = value;
  if (at === 0) bytes[3] = 9;
  expect(readerOf(bytes).nextCommand()).toMatchObject({ error: { code: 'usbip.bad_message' } });
});

function hexed(one: UsbipCommand): object {
  if (one.type === 'unlink') return one;
  return {
    ...one,
    setup: Buffer.from(one.setup).toString('hex'),
    data: Buffer.from(one.data).toString('hex'),
  };
}
