import type { Socket } from 'node:net';
import { connectionsOpen } from '../limits.ts';
import { originOf, sharedAddresses } from './origin.ts';

/** Connections that count together; in each set the one that is ended first comes first. */
interface Group {
  /** Nobody has proven anything on them yet. */
  readonly unproven: Set<Socket>;
  /** The one of the oldest proof comes first. */
  readonly proven: Set<Socket>;
}

interface Share {
  readonly key: string;
  readonly max: number;
}

/** So many may be open. */
interface ConnectionShares {
  readonly ofAddress: number;
  readonly ofNetwork: number;
  readonly ofAll: number;
}

/**
 * The open connections to a server of ours. An address has a share of them, its network another one, and so have all together.
 * Where one is full, a new connection ends another in it: the oldest on which no sender has proven who they are, else that with the oldest
 * proof. So nobody who holds connections keeps a cabinet away, not even behind the same address. Connections of this machine and
 * of the proxies that we are told of are many people's, and count among all alone.
 */
export class Connections {
  readonly #groups = new Map<string, Group>();
  /** A connection that has ended has no address any more. */
  readonly #sharesOfOpen = new Map<Socket, readonly Share[]>();
  readonly #isShared: (address: string) => boolean;
  readonly #max: ConnectionShares;

  /** `proxies`: addresses that stand for many senders. */
  constructor(proxies: readonly string[], max: ConnectionShares = connectionsOpen) {
    this.#isShared = sharedAddresses(proxies);
    this.#max = max;
  }

  opened(socket: Socket): void {
    const shares = this.#sharesOf(socket.remoteAddress ?? '');
    for (const share of shares) this.#makeRoom(share);
    this.#sharesOfOpen.set(socket, shares);
    for (const { key } of shares) {
      const group = this.#groups.get(key) ?? { unproven: new Set(), proven: new Set() };
      this.#groups.set(key, group);
      group.unproven.add(socket);
    }
    socket.once('close', () => this.#forget(socket));
  }

  /** A sender has proven on this connection who they are. */
  proved(socket: Socket): void {
    for (const { key } of this.#sharesOfOpen.get(socket) ?? []) {
      const group = this.#groups.get(key);
      group?.unproven.delete(socket);
      // Last in its order again.
      group?.proven.delete(socket);
      group?.proven.add(socket);
    }
  }

  #makeRoom({ key, max }: Share): void {
    const group = this.#groups.get(key);
    if (group === undefined || group.unproven.size + group.proven.size < max) return;
    const [first] = group.unproven.size > 0 ? group.unproven : group.proven;
    if (first === undefined) return;
    first.destroy();
    // That it is closed is told later, and its room is needed now.
    this.#forget(first);
  }

  #forget(socket: Socket): void {
    for (const { key } of this.#sharesOfOpen.get(socket) ?? []) {
      const group = this.#groups.get(key);
      group?.unproven.delete(socket);
      group?.proven.delete(socket);
      if (group?.unproven.size === 0 && group.proven.size === 0) this.#groups.delete(key);
    }
    this.#sharesOfOpen.delete(socket);
  }

  #sharesOf(ip: string): Share[] {
    const { address, network } = originOf(ip);
    const { ofAddress, ofNetwork, ofAll } = this.#max;
    const all = { key: 'all', max: ofAll };
    if (this.#isShared(address)) return [all];
    return [
      { key: `address ${address}`, max: ofAddress },
      { key: `network ${network}`, max: ofNetwork },
      all,
    ];
  }
}
