import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { connectionIdleMaxMs, connectionsMax, connectionsOpen, connectionSilentMaxMs } from '../limits.ts';
import { Connections } from './connections.ts';

/** The operator's end of a connection from any address. */
class Peer extends Duplex {
  readonly remoteAddress: string;
  answer = '';

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  override _read(): void {
    // What comes is pushed.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.answer += chunk.toString();
    done();
  }
}

function connectFrom(operator: OperatorHarness, address: string, count: number): Peer[] {
  const peers = Array.from({ length: count }, () => new Peer(address));
  for (const peer of peers) operator.app.server.emit('connection', peer);
  return peers;
}

const open = (peers: readonly Peer[]): Peer[] => peers.filter(({ destroyed }) => !destroyed);

function ask(operator: OperatorHarness, peer: Peer): Promise<void> {
  peer.answer = '';
  const timestampMs = operator.clock.nowMs();
  const headers = signedHeaders(operator.cabinet, { method: 'GET', path: '/v1/health', timestampMs });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  peer.push(['GET /v1/health HTTP/1.1', 'host: x', ...lines, '', ''].join('\r\n'));
  return vi.waitFor(() => expect(peer.answer).toMatch(/^HTTP\/1.1 200 /));
}

onStorage('connections that somebody holds', (harness) => {
  it.each([
    ['of one address', () => '192.0.2.7', connectionsOpen.ofAddress],
    ['of one address of IPv6', (i: number) => `2001:db8:1:2::${i.toString(16)}`, connectionsOpen.ofAddress],
    ['of one network of IPv6', (i: number) => `2001:db8:1:${i.toString(16)}::1`, connectionsOpen.ofNetwork],
  ])('%s are a share of all', async (_name, addressOf, max) => {
    const operator = harness();
    await operator.app.ready();
    const peers = Array.from({ length: max + 50 }, (_, i) => connectFrom(operator, addressOf(i), 1)).flat();
    expect(open(peers)).toHaveLength(max);
    for (const peer of peers) peer.destroy();
  });

  it('keep no cabinet away, not even behind the same address', async () => {
    const operator = harness();
    await operator.app.ready();
    const [early] = connectFrom(operator, '192.0.2.7', 1);
    await ask(operator, early!);
    const held = connectFrom(operator, '192.0.2.7', connectionsOpen.ofAddress);
    const [late] = connectFrom(operator, '192.0.2.7', 1);
    await ask(operator, late!);
    await ask(operator, early!);
    for (const peer of [...held, early!, late!]) peer.destroy();
  });

  it('have an end when nothing is asked, and when an answer is not read', () => {
    const { server } = harness().app;
    expect(server.keepAliveTimeout).toBe(connectionIdleMaxMs);
    expect(server.timeout).toBe(connectionSilentMaxMs);
    expect(server.headersTimeout).toBeGreaterThan(0);
  });
});

describe('connections', () => {
  const openMany = (connections: Connections, address: string, count: number): Peer[] => {
    const peers = Array.from({ length: count }, () => new Peer(address));
    for (const peer of peers) connections.opened(socketOf(peer));
    return peers;
  };
  const socketOf = (peer: Peer): Socket => peer as unknown as Socket;

  it.each([
    ['this machine', '127.0.0.1'],
    ['this machine by IPv6', '::1'],
    ['this machine by IPv4 in IPv6', '::ffff:127.0.0.1'],
    ['a proxy that we are told of', '198.51.100.9'],
  ])('of %s are many people’s, and count among all alone', (_name, address) => {
    const peers = openMany(new Connections(['198.51.100.9']), address, connectionsOpen.ofAll + 10);
    expect(open(peers)).toHaveLength(connectionsOpen.ofAll);
    expect(connectionsOpen.ofAll).toBeLessThan(connectionsMax);
  });

  it('with a proof make room where there are no others, that of the oldest proof first', () => {
    const connections = new Connections([]);
    const peers = openMany(connections, '192.0.2.7', connectionsOpen.ofAddress);
    for (const peer of [...peers, ...peers.slice(0, 1)]) connections.proved(socketOf(peer));
    openMany(connections, '192.0.2.7', 1);
    expect(peers.filter(({ destroyed }) => destroyed)).toEqual([peers[1]]);
  });

  it('that have ended give their room back', async () => {
    const connections = new Connections([]);
    const peers = openMany(connections, '192.0.2.7', connectionsOpen.ofAddress);
    for (const peer of peers.slice(0, 10)) peer.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    peers.push(...openMany(connections, '192.0.2.7', 10));
    expect(open(peers)).toHaveLength(connectionsOpen.ofAddress);
  });
});
