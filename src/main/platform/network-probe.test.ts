import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { probeNetwork } from './network-probe.ts';

/** The way to the operator over real sockets. */

let server: Server | null = null;
afterEach(() => {
  server?.close();
});
const listen = (): Promise<number> =>
  new Promise((resolve) => {
    // Not TLS: whatever is sent is answered with nonsense.
    const made = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('nonsense'),
    );
    server = made;
    made.listen(0, '127.0.0.1', () => resolve((made.address() as AddressInfo).port));
  });
const answers = (yes: boolean) => () => Promise.resolve(yes);

test('a name, a connection and an answer; each that is missing ends it there', async () => {
  const port = await listen();
  const whole = await probeNetwork(`http://127.0.0.1:${port}`, ['127.0.0.1'], answers(true), systemClock);
  expect(whole).toEqual({
    ...{ nameMs: expect.any(Number) as number, connectMs: expect.any(Number) as number },
    ...{ isTrusted: true, answerMs: expect.any(Number) as number, isDeviceOnTheWay: false },
  });
  const mute = await probeNetwork(`http://127.0.0.1:${port}`, ['127.0.0.1'], answers(false), systemClock);
  expect(mute).toMatchObject({ connectMs: expect.any(Number) as number, answerMs: null });
  const noTls = await probeNetwork(`https://127.0.0.1:${port}`, ['127.0.0.1'], answers(true), systemClock);
  expect(noTls).toMatchObject({ connectMs: null, isTrusted: true, answerMs: null });
  await new Promise((resolve) => server?.close(resolve));
  const gone = await probeNetwork(`http://127.0.0.1:${port}`, ['127.0.0.1'], answers(true), systemClock);
  expect(gone).toMatchObject({ nameMs: expect.any(Number) as number, connectMs: null });
});
