import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runCodecCli } from './codec-cli.ts';

const cli = new URL('./codec-cli.ts', import.meta.url).pathname;

describe('npm run codec', () => {
  it('lists the protocols', () => {
    const names = ['lock-8a', 'lock-wkly', 'lock-kerong-cu16', 'relay-dcttech', 'rfid-r200'];
    expect(runCodecCli(['list'])).toMatchObject({
      ok: true,
      value: {
        protocols: expect.arrayContaining(names) as string[],
        details: expect.arrayContaining([
          { name: 'rfid-r200', certainty: 'high', experimental: false, note: '' },
        ]) as object[],
      },
    });
  });

  it('decodes, encodes and closes the circle', () => {
    const message = { type: 'openOne', address: 1, channel: 2 };
    expect(runCodecCli(['lock-8a', 'decode', 'host-to-device', '8a', '01', '02', '11', '98'])).toEqual({
      ok: true,
      value: { message },
    });
    expect(runCodecCli(['lock-8a', 'encode', 'host-to-device', JSON.stringify(message)])).toEqual({
      ok: true,
      value: { hex: '8A01021198' },
    });
    expect(runCodecCli(['rfid-r200', 'roundtrip', 'device-to-host', 'BB01FF000115167E'])).toMatchObject({
      ok: true,
      value: { hex: 'BB01FF000115167E' },
    });
  });

  it.each([
    [['lock-8a', 'decode', 'host-to-device', '8A0102119'], 'codec.bad_hex'],
    [['lock-8a', 'decode', 'host-to-device', ''], 'codec.too_short'],
    [['lock-8a', 'decode', 'device-to-host', '8A01021198FF'], 'codec.too_long'],
    [
      ['lock-8a', 'encode', 'host-to-device', '{"type":"openOne","address":0,"channel":1}'],
      'codec.bad_message',
    ],
    [['lock-8a', 'encode', 'host-to-device', 'open it'], 'codec.bad_message'],
    [
      ['scanner-hid-pos', 'roundtrip', 'device-to-host', '02015D513041'.padEnd(126, '0') + '81'],
      'codec.not_canonical',
    ],
    [['cu16', 'decode', 'host-to-device', '00'], 'cli.usage'],
    [['lock-8a', 'decode', 'sideways', '00'], 'cli.usage'],
    [[], 'cli.usage'],
  ])('%j fails with %s', (args, code) => {
    expect(runCodecCli(args)).toMatchObject({ ok: false, error: { code } });
  });

  it('as a program: one line of JSON, exit 0 or 1', () => {
    const good = execFileSync(process.execPath, [
      cli,
      'lock-8a',
      'roundtrip',
      'host-to-device',
      '8A0101119B',
    ]);
    expect(JSON.parse(good.toString())).toMatchObject({ ok: true, hex: '8A0101119B' });
    const bad = spawnSync(process.execPath, [cli, 'lock-8a', 'decode', 'host-to-device', 'FF']);
    expect(bad.status).toBe(1);
    expect(JSON.parse(bad.stdout.toString())).toMatchObject({ ok: false, error: { code: 'codec.bad_head' } });
  });
});
