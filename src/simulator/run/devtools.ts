import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { ScreenReader } from '../control.ts';
import { snapshotExpression, qrCodeIn } from '../../testkit/app/screen-driver.ts';

const answerTimeoutMs = 3_000;
const targetsSchema = z.array(z.looseObject({ type: z.string(), webSocketDebuggerUrl: z.string() }));
const evaluatedSchema = z.object({ result: z.object({ result: z.object({ value: z.unknown() }) }) });

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Sees the kiosk's screen over Chromium's DevTools protocol (chromedevtools.github.io/devtools-protocol, `Runtime.evaluate`): what a
 * phone's camera would see. Only `npm start` opens that port.
 */
export function screenReaderOver(port: number): ScreenReader {
  return async () => {
    const response = await fetch(`http://127.0.0.1:${port}/json/list`);
    const page = targetsSchema.parse(await response.json()).find((target) => target.type === 'page');
    return page === undefined
      ? null
      : qrCodeIn(await evaluate(page.webSocketDebuggerUrl, snapshotExpression));
  };
}

function evaluate(url: string, expression: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const timer = setTimeout(() => {
      reject(new Error('the page does not answer'));
      socket.close();
    }, answerTimeoutMs);
    socket.onopen = () => {
      const params = { expression, awaitPromise: true, returnByValue: true };
      socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }));
    };
    socket.onmessage = ({ data }) => {
      clearTimeout(timer);
      const answer = evaluatedSchema.safeParse(JSON.parse(String(data)));
      resolve(answer.success ? answer.data.result.result.value : null);
      socket.close();
    };
    socket.onerror = () => {
      clearTimeout(timer);
      reject(new Error('no way to the page'));
    };
  });
}
