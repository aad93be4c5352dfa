import { expect, test } from 'vitest';
import { silentLogger } from '../shared/util/logger.ts';
import { Lifecycle, type Part } from './lifecycle.ts';

function recording(events: string[], name: string): Part {
  return {
    start: () => void events.push(`start ${name}`),
    stop: () => void events.push(`stop ${name}`),
  };
}

test('starts in order, stops in reverse order; a part may lack either', async () => {
  const events: string[] = [];
  const lifecycle = new Lifecycle(
    [recording(events, 'a'), { stop: () => void events.push('stop b') }, recording(events, 'c')],
    silentLogger,
  );
  lifecycle.start();
  await lifecycle.stop();
  expect(events).toEqual(['start a', 'start c', 'stop c', 'stop b', 'stop a']);
});

test('all are stopped in one turn, before any of them has ended', async () => {
  const events: string[] = [];
  let end = (): void => undefined;
  const slow: Part = {
    stop: async () => {
      events.push('slow stops');
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      events.push('slow has ended');
    },
  };
  const stopped = new Lifecycle([recording(events, 'a'), slow], silentLogger).stop();
  expect(events).toEqual(['slow stops', 'stop a']);
  end();
  await stopped;
  expect(events.at(-1)).toBe('slow has ended');
});

test('one that fails to stop is logged and keeps nobody', async () => {
  const events: string[] = [];
  const logger = { ...silentLogger, error: (event: string) => void events.push(event) };
  const broken: Part = {
    stop: () => {
      throw new Error('bug');
    },
  };
  await new Lifecycle([recording(events, 'a'), broken], logger).stop();
  expect(events).toEqual(['stop a', 'part.not_stopped']);
});
