import { systemClock } from '../shared/clock.ts';
import type { HostMessage } from '../shared/model/device.ts';
import { attachHost } from './host.ts';
import type { Log } from './device-slot.ts';
import { TcpTransport } from './transport/tcp.ts';

export { attachHost } from './host.ts';

/** Entry of the Electron utility process. Electron gives it `process.parentPort`; loaded elsewhere it does nothing. */
interface ParentPort {
  postMessage(message: HostMessage): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const log: Log = (event, fields) => {
  process.stderr.write(`${JSON.stringify({ event, ...fields })}\n`);
};

const { parentPort } = process as unknown as { parentPort?: ParentPort };
if (parentPort !== undefined) {
  attachHost({
    port: {
      send: (message) => {
        parentPort.postMessage(message);
      },
      onMessage: (listener) => {
        parentPort.on('message', (event) => {
          listener(event.data);
        });
      },
    },
    clock: systemClock,
    makeTransport: (spec) => new TcpTransport(spec, systemClock),
    log,
    exit: (code) => {
      process.exit(code);
    },
  });
}
