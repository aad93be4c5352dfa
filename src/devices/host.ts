import { unreachable } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import { hostRequestSchema } from '../shared/model/host-messages.ts';
import type { DeviceFailure, DoorState } from '../shared/model/device.ts';
import type { HostMessage, HostRequest } from '../shared/model/host-messages.ts';
import { ok } from '../shared/result.ts';
import type { Result } from '../shared/result.ts';
import { DeviceAdministration } from './device-administration.ts';
import type { Log, TransportFactory } from './device-slot.ts';
import type { PlugWatch } from './plug-watch.ts';
import { Supervisor } from './supervisor.ts';

/** The end of the MessagePort that the host holds. */
export interface HostPort {
  send(message: HostMessage): void;
  /** The payload of each message from main, not yet parsed. */
  onMessage(listener: (payload: unknown) => void): void;
}

export interface HostOptions {
  readonly port: HostPort;
  readonly clock: Clock;
  readonly makeTransport: TransportFactory;
  readonly log: Log;
  readonly plugWatch?: PlugWatch;
  /** Called once everything is closed after `stop`, with 0. */
  exit(code: number): void;
}

/** Ties a port to a supervisor: requests in, answers and events out. What does not parse is logged and ignored. */
export function attachHost(options: HostOptions): void {
  const { port, log } = options;
  const supervisor = new Supervisor({
    clock: options.clock,
    makeTransport: options.makeTransport,
    log,
    ...(options.plugWatch === undefined ? {} : { plugWatch: options.plugWatch }),
    emit: (message) => {
      port.send(message);
    },
  });
  let isStopping = false;
  port.onMessage((payload) => {
    const request = hostRequestSchema.safeParse(payload);
    if (!request.success) {
      const [issue] = request.error.issues;
      log('host.bad_request', { path: issue?.path.join('.') ?? '', message: issue?.message ?? '' });
      return;
    }
    if (isStopping) return;
    if (request.data.type === 'stop') isStopping = true;
    perform(supervisor, request.data, options);
  });
}

function perform(supervisor: Supervisor, request: HostRequest, options: HostOptions): void {
  const answer = (id: number, result: Result<{ door: DoorState }, DeviceFailure>): void => {
    options.port.send({ type: 'reply', id, result });
  };
  switch (request.type) {
    case 'configure':
      void supervisor.configure(request.config, request.openings);
      return;
    case 'unlock':
      void supervisor.unlock(request.door).then((result) => {
        answer(request.id, result);
      });
      return;
    case 'readDoor':
      void supervisor.readDoor().then((result) => {
        answer(request.id, result);
      });
      return;
    case 'setPollMode':
      supervisor.setPollMode(request.pollMode);
      return;
    case 'admin':
      void new DeviceAdministration(supervisor).perform(request.call).then((result) => {
        options.port.send({ type: 'adminReply', id: request.id, result });
      });
      return;
    case 'keys':
      supervisor.keys(request.presses);
      return;
    case 'light':
      void supervisor.setLight(request.on);
      return;
    case 'ping':
      answer(request.id, ok({ door: supervisor.door }));
      return;
    case 'stop':
      void supervisor.stop().then(() => {
        options.exit(0);
      });
      return;
    default:
      unreachable(request);
  }
}
