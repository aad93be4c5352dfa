import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../shared/model/device.ts';
import { typeCode } from '../protocol/scanner-wedge.ts';
import { DeviceHarness } from '../testing/device-harness.ts';

/** What the computer makes of a typing scanner: report ids, Caps Lock, another layout. */

const code = 'KM1.m0042.sXyZ12.AbCdEf';
const spec = (transport: object): DeviceSpec =>
  ({
    kind: 'code-scanner',
    protocol: 'scanner-wedge',
    transport,
    suffix: 'enter',
    keyGapMs: 110,
    minLength: 6,
  }) as DeviceSpec;
const tcp = { kind: 'tcp', host: 'cabinet', port: 1, framing: 'report' };

describe('reports of a keyboard', () => {
  it('with a report id in front', async () => {
    const harness = new DeviceHarness();
    await harness.up([spec(tcp)]);
    for (const report of typeCode(code, 'enter')) {
      await harness.clock.advance(4);
      harness.transport('code-scanner').send(Uint8Array.of(3, ...report));
    }
    expect(harness.of('code').map(({ text }) => text)).toEqual([code]);
    expect(harness.supervisor.health()[0]).toMatchObject({ state: 'ready', errorCount: 0 });
  });
});

describe('keys of the window', () => {
  /** As Electron tells them: Shift is a key of its own, `key` is what the layout makes of it. */
  async function type(harness: DeviceHarness, text: string, keyOf: (char: string) => string): Promise<void> {
    const send = (key: string, at: string, type: 'down' | 'up' = 'down'): void => {
      harness.supervisor.keys([{ type, key, code: at, composing: false, atMs: harness.clock.monotonicMs() }]);
    };
    for (const char of text) {
      await harness.clock.advance(5);
      const isUpper = char !== char.toLowerCase();
      if (isUpper) send('Shift', 'ShiftLeft');
      send(keyOf(char), /[a-z]/i.test(char) ? `Key${char.toUpperCase()}` : '');
      if (isUpper) send('Shift', 'ShiftLeft', 'up');
    }
    send('Enter', 'Enter');
  }
  const swapCase = (char: string): string =>
    char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase();

  it('Caps Lock on: the code is right all the same, and health names it until it is off', async () => {
    const harness = new DeviceHarness();
    await harness.up([spec({ kind: 'keyboard' })]);
    await type(harness, code, swapCase);
    expect(harness.of('code').at(-1)?.text).toBe(code);
    expect(harness.supervisor.health()[0]?.detail).toContain('Caps Lock');
    await type(harness, code, (char) => char);
    expect(harness.of('code').at(-1)?.text).toBe(code);
    expect(harness.supervisor.health()[0]?.detail).toBe('');
  });

  it('another layout is named', async () => {
    const harness = new DeviceHarness();
    await harness.up([spec({ kind: 'keyboard' })]);
    await type(harness, code, (char) => ({ y: 'z', z: 'y', Y: 'Z', Z: 'Y' })[char] ?? char);
    expect(harness.supervisor.health()[0]?.detail).toContain('layout');
    await type(harness, code, (char) => char);
    expect(harness.supervisor.health()[0]?.detail).toBe('');
  });
});
