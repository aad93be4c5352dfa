import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** The address of this machine that packets to this one leave from; null: there is no way. Nothing is sent. */
export function localAddressTowards(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const done = (local: string | null): void => {
      resolve(local);
      socket.close();
    };
    // What went wrong comes here as well, as the types do not say; else the one of `error`.
    const connected = (error?: Error | null): void => {
      done(error == null ? socket.address().address : null);
    };
    socket.once('error', connected);
    // The port does not matter: of a datagram socket this only looks the way up (connect(2), "SOCK_DGRAM").
    socket.connect(9, address, connected);
  });
}

export interface Ways {
  readonly addressOf: (host: string) => Promise<string | null>;
  readonly localAddressTowards: (address: string) => Promise<string | null>;
}

/**
 * Whether one of these devices is reached over the interface that leads to the operator, and so to everybody else who is on that
 * network: a device server asks nobody who they are, and opens the lock for each of them. What is on this very machine is nobody
 * else's.
 */
export async function isDeviceOnTheWay(
  operatorHost: string,
  deviceHosts: readonly string[],
  { addressOf, localAddressTowards: towards }: Ways,
): Promise<boolean> {
  const localOf = async (host: string): Promise<string | null> => {
    const address = await addressOf(host);
    const local = address === null ? null : await towards(address);
    return local === null || isLoopback(local) ? null : local;
  };
  const outside = await localOf(operatorHost);
  if (outside === null) return false;
  const locals = await Promise.all([...new Set(deviceHosts)].map(localOf));
  return locals.includes(outside);
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}
