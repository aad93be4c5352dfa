import { mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { createLogger } from './logger.ts';
import { redact, redacted } from './redact.ts';

let folder: string;
let file: string;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  folder = scratch.path;
  removeFolder = scratch.remove;
  file = join(folder, 'kaimen.log');
});
afterEach(() => {
  removeFolder();
});
const make = (maxBytes?: number) =>
  createLogger({
    clock: new FakeClock(Date.UTC(2026, 0, 2)),
    level: 'info',
    destination: maxBytes === undefined ? { file } : { file, maxBytes },
  });
const lines = (name = file) =>
  readFileSync(name, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('what is written', () => {
  test('one line per event, with the time of the clock', () => {
    const log = make();
    log.info('visit.state', { from: 'attract', to: 'identifying' });
    log.debug('not.this');
    log.warn('bare');
    expect(lines()).toEqual([
      {
        level: 'info',
        time: '2026-01-02T00:00:00.000Z',
        fields: { from: 'attract', to: 'identifying' },
        event: 'visit.state',
      },
      { level: 'warn', time: '2026-01-02T00:00:00.000Z', event: 'bare' },
    ]);
  });

  test('a field cannot pass for the event', () => {
    make().info('real', { event: 'forged', level: 'error', time: 'never' });
    expect(lines()[0]).toMatchObject({ event: 'real', level: 'info', time: '2026-01-02T00:00:00.000Z' });
  });

  test('never more than two files of the bound', () => {
    const log = make(2000);
    for (let i = 0; i < 200; i++) log.info('event', { number: i, text: '汉'.repeat(20) });
    expect(readdirSync(folder).sort()).toEqual(['kaimen.log', 'kaimen.log.1']);
    expect(statSync(file).size).toBeLessThanOrEqual(2000);
    expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(2000);
    expect(lines().at(-1)).toMatchObject({ fields: { number: 199 } });
    // The next run goes on in the same file.
    make(2000).info('later');
    expect(statSync(file).size + statSync(`${file}.1`).size).toBeLessThanOrEqual(4000);
    expect(lines().at(-1)).toMatchObject({ event: 'later' });
  });

  test('a place that cannot be written stops nobody, and is tried again', () => {
    rmSync(folder, { recursive: true });
    const log = make();
    log.error('lost');
    mkdirSync(folder);
    log.error('kept');
    expect(lines().map((line) => line['event'])).toEqual(['kept']);
  });
});

describe('what is not', () => {
  test('secrets, wherever they stand', () => {
    make().info('request', {
      code: 'KM1.member.x.y.z',
      memberId: 'm-1',
      headers: { 'kaimen-signature': 'S', 'kaimen-nonce': 'N', 'kaimen-cabinet': 'CAB-1' },
      list: [
        { token: 'T', face: [0.1, 0.2] },
        { database_key: 'K', PrivateKey: 'P', keyHex: 'H' },
      ],
      member: { display: '王*', key: 5 },
    });
    expect(lines()[0]!['fields']).toEqual({
      code: redacted,
      memberId: redacted,
      headers: { 'kaimen-signature': redacted, 'kaimen-nonce': redacted, 'kaimen-cabinet': 'CAB-1' },
      list: [
        { token: redacted, face: redacted },
        { database_key: redacted, PrivateKey: redacted, keyHex: redacted },
      ],
      member: { display: '王*', key: redacted },
    });
  });

  test('a failure keeps its code; a scanned code does not pass for one', () => {
    expect(redact({ error: { code: 'network.timeout', message: 'no answer' } })).toEqual({
      error: { errorCode: 'network.timeout', message: 'no answer' },
    });
    expect(redact(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }))).toMatchObject({
      errorCode: 'SQLITE_FULL',
    });
    expect(redact({ code: 'KM1.abc.def', message: 'x' })).toEqual({ errorCode: redacted, message: 'x' });
    expect(redact({ code: 'network.timeout' })).toEqual({ code: redacted });
  });

  test('no end of anything', () => {
    const cycle: Record<string, unknown> = { big: 1n, fn: () => 1, bytes: new Uint8Array(70_000) };
    cycle['self'] = cycle;
    cycle['text'] = 'x'.repeat(100_000);
    cycle['many'] = Array.from({ length: 100_000 }, (_, i) => i);
    const text = JSON.stringify(redact(cycle));
    expect(text.length).toBeLessThan(20_000);
    expect(text).toContain('[70000 bytes]');
  });
});
