import { expect, it } from 'vitest';
import { freeVhciPort } from './vhci.ts';

const table = (states: readonly string[]): string =>
  [
    'hub port sta spd dev      sockfd local_busid',
    ...states.map((state, port) => `hs  000${port} ${state} 000 00000000 000000 0-0`),
    'ss  0008 004 000 00000000 000000 0-0',
    '',
  ].join('\n');

it.each([
  ['the first that is free', ['004', '004'], [], 0],
  ['not one in use', ['006', '005', '004'], ['3-1'], 2],
  ['not one that is free again while the kernel still has its device', ['004', '004'], ['3-1'], 1],
  ['names of interfaces and endpoints are no devices', ['004'], ['3-0:1.0', 'ep_00', '3-2.1'], 0],
  ['no port of the SuperSpeed hub', ['006'], ['3-1'], null],
] as const)('%s', (_, states, children, port) => {
  expect(freeVhciPort(table(states), children)).toBe(port);
});

it('an empty table has none', () => {
  expect(freeVhciPort('', [])).toBeNull();
});
