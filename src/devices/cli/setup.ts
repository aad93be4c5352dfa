import type { Clock } from '../../shared/clock.ts';
import { type DeviceKind, type DeviceSpec, sharedPortText } from '../../shared/model/device.ts';
import type { TransportFactory } from '../device-slot.ts';
import { inventoryText } from '../inventory/inventory.ts';
import type { Finding, Inventory } from '../inventory/inventory.ts';
import type { ProfileFile } from './profile-file.ts';
import { buildSpec, sensorStep, setupSteps } from './setup-specs.ts';
import type { SetupStep } from './setup-specs.ts';
import { DeviceTrial } from './trial.ts';

export interface SetupOptions {
  readonly clock: Clock;
  readonly makeTransport: TransportFactory;
  readonly takeInventory: () => Promise<Inventory>;
  readonly profile: ProfileFile;
  readonly profilePath: string;
  /** One line from the person; null: there is nobody any more. */
  readonly ask: (question: string) => Promise<string | null>;
  readonly say: (text: string) => void;
}

/** Nobody answers any more: nothing is written. */
class GoneError extends Error {}
/** The person wants to do this step again, or to leave it out. */
class StepEnd extends Error {
  readonly how: 'again' | 'skip';
  constructor(how: 'again' | 'skip') {
    super(how);
    this.how = how;
  }
}

/**
 * The guided test: device by device it is chosen, tried and confirmed by the person before it; only what was confirmed is
 * written, and kinds of device that were skipped stay in the profile as they were. Answers whether something was written.
 */
export async function runSetup(options: SetupOptions): Promise<boolean> {
  const { say, profile } = options;
  say('Each step can be skipped (s) or done again (r). Nothing is written before the end.');
  const confirmed: DeviceSpec[] = [];
  try {
    for (const step of setupSteps) confirmed.push(...(await runStep(step, confirmed, options)));
    if (confirmed.length === 0) {
      say('Nothing was confirmed, nothing is written.');
      return false;
    }
    const kept = profile.devices.filter((one) => !replaces(confirmed, one.kind));
    const devices = [...confirmed, ...kept];
    say(`To be written to ${options.profilePath}:`);
    for (const one of devices) {
      say(`  ${one.kind}: ${one.protocol}${confirmed.includes(one) ? '' : ' (as it was)'}`);
    }
    if (!(await yes(options, 'Write it?'))) {
      say('Nothing is written.');
      return false;
    }
    const written = profile.write(devices, options.clock.nowMs());
    say(written.ok ? 'Written. Start the app anew to use it.' : `Not written: ${written.error.message}`);
    return written.ok;
  } catch (error) {
    if (!(error instanceof GoneError) && !(error instanceof StepEnd)) throw error;
    say(error instanceof GoneError ? 'No more answers: nothing is written.' : 'Nothing is written.');
    return false;
  }
}

/** A confirmed lock takes the place of the old lock and of the door contact that belonged to it. */
function replaces(confirmed: readonly DeviceSpec[], kind: DeviceKind): boolean {
  const asKind = kind === 'door-sensor' ? 'lock' : kind;
  return confirmed.some((one) => one.kind === asKind);
}

async function runStep(
  step: SetupStep,
  others: readonly DeviceSpec[],
  options: SetupOptions,
): Promise<DeviceSpec[]> {
  for (;;) {
    options.say(`\n== ${step.title} ==`);
    try {
      return await tryStep(step, others, options);
    } catch (error) {
      if (!(error instanceof StepEnd)) throw error;
      if (error.how === 'skip') return [];
    }
  }
}

async function tryStep(
  step: SetupStep,
  others: readonly DeviceSpec[],
  options: SetupOptions,
): Promise<DeviceSpec[]> {
  const specs = [await chooseSpec(step, options)];
  if (specs[0]?.kind === 'lock' && specs[0].protocol === 'relay-dcttech') {
    options.say('A relay sees no door: a board with the door contact belongs to it.');
    specs.push(await chooseSpec(sensorStep, options));
  }
  const clash = sharedPortText([...others, ...specs]);
  if (clash !== null) {
    options.say(clash);
    return failedStep(options);
  }
  const trial = new DeviceTrial(specs, options);
  try {
    const problem = await trial.connect();
    if (problem !== null) {
      options.say(`It cannot be used: ${problem}`);
      return await failedStep(options);
    }
    options.say('It answers.');
    return step.kind === 'lock'
      ? await tryLock(trial, specs, options)
      : await tryOther(step, trial, specs, options);
  } finally {
    await trial.end();
  }
}

async function chooseSpec(step: SetupStep, options: SetupOptions): Promise<DeviceSpec> {
  const finding = await chooseDevice(step, options);
  const spec = await buildSpec(step, finding, (question, fallback) => answer(options, question, fallback));
  if (spec.ok) return spec.value;
  options.say(spec.error.message);
  throw new StepEnd('again');
}

async function chooseDevice(step: SetupStep, options: SetupOptions): Promise<Finding> {
  const inventory = await options.takeInventory();
  options.say(inventoryText(inventory));
  const fitting = inventory.devices.filter((one) => step.roles.includes(one.role));
  const [first] = fitting;
  const proposal =
    fitting.length === 1 && first !== undefined ? String(inventory.devices.indexOf(first) + 1) : null;
  const chosen = await answer(options, `Which one is the ${step.name}? (number)`, proposal);
  const finding = inventory.devices[Number(chosen) - 1];
  if (finding !== undefined && step.roles.includes(finding.role)) return finding;
  options.say(finding === undefined ? 'There is no such number.' : `That is no ${step.name}.`);
  throw new StepEnd('again');
}

/** Closed, open, closed again: only a contact that follows the door is believed, and tells its polarity by it. */
async function tryLock(
  trial: DeviceTrial,
  specs: DeviceSpec[],
  options: SetupOptions,
): Promise<DeviceSpec[]> {
  await answer(options, 'Shut the door, then press Enter.', '');
  const shut = await trial.readDoor();
  await answer(options, 'The lock is opened now: press Enter.', '');
  const refused = await trial.unlock();
  if (refused !== null) options.say(`The board did not confirm it: ${refused}`);
  if (!(await yes(options, 'Did the lock open?'))) return failedStep(options);
  await answer(options, 'Pull the door open, then press Enter.', '');
  const open = await trial.readDoor();
  if (shut === null || open === null || shut === open) {
    options.say(
      'The door contact did not change: it is not wired, or hangs on another channel of the board.',
    );
    return failedStep(options);
  }
  await answer(options, 'Shut the door again, then press Enter.', '');
  if ((await trial.readDoor()) !== shut) {
    options.say('The contact did not go back.');
    return failedStep(options);
  }
  // Every board was asked for with the polarity 1: where the shut door read as open, it is the other one.
  const closedFeedback = shut === 'closed' ? 1 : 0;
  options.say(`The contact follows the door (shut reads ${closedFeedback}).`);
  return confirmed(
    specs.map((one) => ('closedFeedback' in one ? { ...one, closedFeedback } : one)),
    options,
  );
}

async function tryOther(
  step: SetupStep,
  trial: DeviceTrial,
  specs: DeviceSpec[],
  options: SetupOptions,
): Promise<DeviceSpec[]> {
  await answer(options, step.action, '');
  const seen = await trial.observe();
  options.say(seen ?? 'Nothing came.');
  return seen === null ? failedStep(options) : confirmed(specs, options);
}

async function confirmed(specs: DeviceSpec[], options: SetupOptions): Promise<DeviceSpec[]> {
  return (await yes(options, 'Is that right?')) ? specs : failedStep(options);
}

async function failedStep(options: SetupOptions): Promise<never> {
  throw new StepEnd((await answer(options, 'Once more (r) or skip it (s)?', 'r')) === 's' ? 'skip' : 'again');
}

async function yes(options: SetupOptions, question: string): Promise<boolean> {
  return /^(y|yes|是)$/i.test(await answer(options, `${question} (y/n)`, null));
}

/** The answer, or the proposal for an empty one; `s` and `r` leave the step. */
async function answer(options: SetupOptions, question: string, proposal: string | null): Promise<string> {
  const shown = proposal === null || proposal === '' ? question : `${question} [${proposal}]`;
  const text = (await options.ask(shown))?.trim();
  if (text === undefined) throw new GoneError();
  if (text === 's') throw new StepEnd('skip');
  if (text === 'r') throw new StepEnd('again');
  return text === '' && proposal !== null ? proposal : text;
}
