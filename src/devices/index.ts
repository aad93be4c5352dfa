import { systemClock } from '../shared/clock.ts';
import type { HostMessage } from '../shared/model/host-messages.ts';
import { attachHost } from './host.ts';
import type { Log, TransportFactory } from './device-slot.ts';
import { plugWatch } from './plug-watch.ts';
import { recordSessions } from './recorder.ts';
import { makeTransport } from './transport/make-transport.ts';

export { attachHost } from './host.ts';

/** Entry of the Electron utility process. Electron gives it `process.parentPort`; loaded elsewhere it does nothing. */
interface ParentPort {
  postMessage(message: HostMessage): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const log: Log = (event, fields) => {
  process.stderr.write(`${JSON.stringify({ event, ...fields })}\n`);
};

const realTransport: TransportFactory = (spec) => makeTransport(spec, systemClock);
const recordDir = process.env['KAIMEN_RECORD_DIR'] ?? '';

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
    makeTransport:
      recordDir === ''
        ? realTransport
        : recordSessions(realTransport, { dir: recordDir, clock: systemClock, log }),
    plugWatch: plugWatch(systemClock),
    log,
    exit: (code) => {
      process.exit(code);
    },
  });
}
