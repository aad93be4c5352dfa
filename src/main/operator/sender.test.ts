import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { Sender, type SenderFailure } from './sender.ts';

const never = (): void => undefined;
function senderOf(onStopped?: (failure: SenderFailure) => void) {
  const clock = new FakeClock();
  const sender = new Sender<number, null>({
    name: 'numbers',
    outbox: {
      next: () => ok(1),
      nextDueMs: () => ok(null),
      networkIsBack: () => ok(),
      record: () => ok(),
    },
    send: () => Promise.reject(new Error('a bug')),
    clock,
    link: { onChange: () => never },
    onStopped,
  });
  sender.start();
  return { clock, sender };
}

test('a bug surfaces where nobody listens for the end of the sender', async () => {
  await expect(senderOf().clock.advance(100)).rejects.toThrow('a bug');
});

test('a bug is told to whoever listens, and goes no further', async () => {
  const failures: SenderFailure[] = [];
  await senderOf((failure) => failures.push(failure)).clock.advance(100);
  expect(failures).toEqual([{ code: 'queue.bug', message: 'Error: a bug' }]);
});

test('after a bug nothing is on its way', async () => {
  const { clock, sender } = senderOf(never);
  await clock.advance(100);
  expect(sender.isSending).toBe(false);
});
