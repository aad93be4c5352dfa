import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { NetworkProbe } from '../../core/service/self-test.ts';
import type { Clock } from '../../shared/clock.ts';
import { sharedLookup } from '../../shared/node/shared-lookup.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import { isDeviceOnTheWay, localAddressTowards } from './way-of-network.ts';

const stepMaxMs = 5_000;

/**
 * The way to the operator, step by step: its name, a connection (with TLS where there is one), a proven answer. `deviceHosts`: of
 * the devices that are reached over TCP.
 */
export async function probeNetwork(
  operatorUrl: string,
  deviceHosts: readonly string[],
  hasAnswered: () => Promise<boolean>,
  clock: Clock,
): Promise<NetworkProbe> {
  const { hostname, port, protocol } = new URL(operatorUrl);
  const host = hostname.replaceAll(/[[\]]/g, '');
  const isSecure = protocol === 'https:';
  const onTheWay = within(clock, isDeviceOnTheWay(host, deviceHosts, { addressOf, localAddressTowards }));
  const way = await probeWay({ host, port, isSecure }, hasAnswered, clock);
  return { ...way, isDeviceOnTheWay: (await onTheWay) === true };
}

type Way = Omit<NetworkProbe, 'isDeviceOnTheWay'>;

async function probeWay(
  { host, port, isSecure }: { readonly host: string; readonly port: string; readonly isSecure: boolean },
  hasAnswered: () => Promise<boolean>,
  clock: Clock,
): Promise<Way> {
  const nothing: Way = { nameMs: null, connectMs: null, isTrusted: true, answerMs: null };
  const since = stopwatch(clock);
  const address = await within(clock, addressOf(host));
  if (address === null) return nothing;
  const nameMs = since();
  const at = { host: address, port: Number(port) || (isSecure ? 443 : 80) };
  const connected = await within(clock, isSecure ? tlsOf(at, host) : tcpOf(at));
  if (connected !== true) return { ...nothing, nameMs, isTrusted: connected !== 'not_trusted' };
  const connectMs = since();
  const isProven = await within(clock, hasAnswered());
  return { nameMs, connectMs, isTrusted: true, answerMs: isProven === true ? since() : null };
}

type Connected = true | 'not_trusted' | null;

function addressOf(host: string): Promise<string | null> {
  return new Promise((resolve) => {
    sharedLookup(host, {}, (error, address) => {
      resolve(error === null && typeof address === 'string' && address !== '' ? address : null);
    });
  });
}

function tcpOf(at: { host: string; port: number }): Promise<Connected> {
  return ofSocket(connectTcp(at), 'connect');
}

function tlsOf(at: { host: string; port: number }, servername: string): Promise<Connected> {
  const name = isIP(servername) === 0 ? { servername } : {};
  return ofSocket(connectTls({ ...at, ...name }), 'secureConnect');
}

function ofSocket(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Connected> {
  return new Promise((resolve) => {
    const done = (value: Connected): void => {
      resolve(value);
      socket.destroy();
    };
    socket.setTimeout(stepMaxMs, () => {
      done(null);
    });
    socket.once(event, () => {
      done(true);
    });
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      // Of the certificate: the way is there, and leads to somebody else.
      done(/CERT|SIGNED|UNABLE_TO|ALTNAME/.test(code) ? 'not_trusted' : null);
    });
  });
}

/** Null: not within the bound of one step. */
async function within<T>(clock: Clock, answer: Promise<T>): Promise<T | null> {
  const answered = await withTimeout(clock, stepMaxMs, answer);
  return answered.ok ? answered.value : null;
}

function stopwatch(clock: Clock): () => number {
  let lastMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    const ms = nowMs - lastMs;
    lastMs = nowMs;
    return ms;
  };
}
