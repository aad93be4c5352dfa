import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { isDeviceOnTheWay, localAddressTowards } from './way-of-network.ts';

/** A cabinet of two interfaces: one leads outside, the other one to the devices alone; names go through a name server. */
const names = new Map([
  ['operator.example', '203.0.113.7'],
  ['boards.example', '192.168.1.40'],
]);
const ways = {
  addressOf: (host: string) => Promise.resolve(names.get(host) ?? (/^[\d.:a-f]+$/.test(host) ? host : null)),
  localAddressTowards: (address: string) => {
    if (address.startsWith('10.77.')) return Promise.resolve('10.77.0.1');
    if (address.startsWith('127.')) return Promise.resolve('127.0.0.1');
    return Promise.resolve(address.startsWith('198.51.100.') ? null : '192.168.1.2');
  },
};
const isOnTheWay = (operatorHost: string, ...devices: string[]) =>
  isDeviceOnTheWay(operatorHost, devices, ways);

test.each([
  ['a board in the same network as the router', 'operator.example', ['192.168.1.40'], true],
  ['a board behind the router', 'operator.example', ['172.16.0.9'], true],
  ['a board by its name', 'operator.example', ['boards.example'], true],
  ['one of several', 'operator.example', ['10.77.0.2', '192.168.1.40'], true],
  ['boards on a cable of their own', 'operator.example', ['10.77.0.2', '10.77.0.3'], false],
  ['no board over TCP', 'operator.example', [], false],
  ['a board that no way leads to', 'operator.example', ['198.51.100.4'], false],
  ['a board whose name nobody knows', 'operator.example', ['gone.example'], false],
  ['what is simulated on this machine', 'operator.example', ['127.0.0.1'], false],
  ['an operator on this machine', '127.0.0.1', ['192.168.1.40'], false],
  ['an operator whose name nobody knows', 'gone.example', ['192.168.1.40'], false],
])('%s', async (_what, operatorHost, devices, expected) => {
  expect(await isOnTheWay(operatorHost, ...devices)).toBe(expected);
});

test('the system is asked for the way: to itself it is by itself, and to an own address by that', async () => {
  expect(await localAddressTowards('127.0.0.1')).toBe('127.0.0.1');
  const own = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal);
  for (const { address } of own) expect(await localAddressTowards(address)).toBe(address);
  expect(await localAddressTowards('no address')).toBeNull();
});
