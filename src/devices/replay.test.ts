import { expect, it } from 'vitest';
import { Supervisor } from './supervisor.ts';
import { lockSpec, DeviceHarness } from '../testkit/devices/device-harness.ts';
import { parseTrace, recordingTransport, ReplayTransport } from './transport/recording.ts';

it('an unlock that was recorded replays to the same events', async () => {
  const lines: string[] = [];
  const live = new DeviceHarness();
  const recorded = new Supervisor({
    clock: live.clock,
    makeTransport: (_spec, kind) =>
      recordingTransport(live.makeTransport(kind).hostEnd, live.clock, (line) => lines.push(line)),
    log: () => undefined,
    emit: (message) => live.messages.push(message),
  });
  await recorded.configure({ simulated: true, devices: [lockSpec] });
  await live.clock.advance(700);
  const first = recorded.unlock();
  await live.clock.advance(300);
  live.board.push(0);
  await live.clock.advance(2000);
  expect(lines).toContain('700 => 8A 01 01 11 9B');

  const again = new DeviceHarness();
  const trace = parseTrace(lines.join('\n'));
  if (!trace.ok) throw new Error(trace.error.message);
  const player = new ReplayTransport(trace.value, again.clock);
  const replayed = new Supervisor({
    clock: again.clock,
    makeTransport: () => player,
    log: () => undefined,
    emit: (message) => again.messages.push(message),
  });
  await replayed.configure({ simulated: true, devices: [lockSpec] });
  await again.clock.advance(700);
  const second = replayed.unlock();
  await again.clock.advance(2300);
  expect(await second).toEqual(await first);
  expect(again.of('door')).toEqual(live.of('door'));
  expect(live.doors()).toEqual(['closed', 'open']);
  expect(player.isDone).toBe(true);
});
