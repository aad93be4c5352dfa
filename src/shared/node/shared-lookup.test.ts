import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../clock.ts';
import { NameServer } from '../../testkit/name-server.ts';
import { lookupWaitingMax, sharedLookup } from './shared-lookup.ts';

let clock: FakeClock;
let names: NameServer;
let answers: string[];

beforeEach(() => {
  clock = new FakeClock();
  names = new NameServer(clock);
  answers = [];
});
afterEach(async () => {
  await clock.advance(60_000);
  names.restore();
});

function ask(who: string, host = 'operator.example', family = 0): void {
  sharedLookup(host, { family, all: true }, (error, address) => {
    answers.push(`${who} ${error?.code ?? JSON.stringify(address)}`);
  });
}
const found = '[{"address":"127.0.0.1","family":4}]';

it('all who ask meanwhile get the answer of the one lookup; the next one is a new one', async () => {
  names.isHung = false;
  ask('a');
  ask('b');
  expect(names.asked.length).toBe(1);
  await clock.advance(100);
  expect(answers).toEqual([`a ${found}`, `b ${found}`]);
  ask('c');
  expect(names.asked.length).toBe(2);
});

it('or its failure', async () => {
  ask('a');
  ask('b');
  await clock.advance(10_000);
  expect(answers).toEqual(['a EAI_AGAIN', 'b EAI_AGAIN']);
});

it('another host, or other addresses, are another lookup', () => {
  ask('a');
  ask('b', 'serial.example');
  ask('c', 'operator.example', 6);
  expect(names.asked.length).toBe(3);
});

it('of more than may wait, the longest waiting one is told at once that there is no answer', async () => {
  for (let i = 0; i < lookupWaitingMax + 2; i++) ask(`${i}`);
  expect(answers).toEqual(['0 ETIMEOUT', '1 ETIMEOUT']);
  await clock.advance(10_000);
  expect(answers.length).toBe(lookupWaitingMax + 2);
});
