import { type StateValue, createActor, initialTransition } from 'xstate';
import { assert } from '../../shared/assert.ts';
import type { Currency } from '../../shared/money.ts';
import { type Result, fail } from '../../shared/result.ts';
import { createVisitMachine } from './visit-machine.ts';
import type { VisitLimits } from './limits.ts';
import { readStoredVisit } from './stored-visit.ts';
import {
  type Visit,
  type VisitContext,
  type VisitEffect,
  type VisitEvent,
  type VisitStateName,
  openVisitStates,
  visitStateNames,
} from './visit-model.ts';

export type { Visit };

export interface Step {
  readonly visit: Visit;
  readonly effects: readonly VisitEffect[];
  /** False when nothing in the state chart answers to this event here. */
  readonly handled: boolean;
}

/** The visit statechart as three pure functions: start, step, restore. */
export class VisitChart {
  readonly #machine;
  /** Never started: XState hands it to what the chart does not have (children, events of its own). */
  readonly #actor;

  constructor(limits?: VisitLimits) {
    this.#machine = createVisitMachine(limits);
    this.#actor = createActor(this.#machine);
  }

  /** The cabinet after a start with no visit in hand. */
  start(): Visit {
    const [snapshot] = initialTransition(this.#machine);
    return { state: nameOf(snapshot.value), context: snapshot.context };
  }

  /** Applies one event. Pure: the same arguments always give the same answer. */
  step(visit: Visit, event: VisitEvent): Step {
    // A timer of a wait that is over says nothing any more.
    const { timer, total } = visit.context;
    const isLate =
      (event.type === 'timer' && event.seq !== timer?.seq) ||
      (event.type === 'overdue' && event.seq !== total?.seq);
    if (isLate) return { visit, effects: [], handled: false };
    const before = this.#resolve(visit);
    const effects: VisitEffect[] = [];
    const after = this.#machine.transition(before, event, this.#scope(effects));
    const next = { state: nameOf(after.value), context: after.context };
    return {
      visit: next,
      effects,
      handled: after !== before && (effects.length > 0 || changed(visit, next)),
    };
  }

  /** True while goods may be on the move, or soon will be: devices are to be polled closely. */
  isPolledActively(visit: Visit): boolean {
    return this.#resolve(visit).hasTag('polledActively');
  }

  /**
   * What XState's `transition` makes anew for each event, an actor with a state of its own in it: a third of what a step
   * costs. Nothing is kept in it. `effects`: where the actions of a step go.
   */
  #scope(effects: VisitEffect[]) {
    return {
      self: this.#actor,
      system: this.#actor.system,
      id: '',
      sessionId: '',
      defer: nothing,
      logger: nothing,
      stopChild: nothing,
      emit: nothing,
      actionExecutor: ({ type, params }: { type: string; params: unknown }) => {
        if (type === 'effect') effects.push(params as VisitEffect);
      },
    };
  }

  #resolve({ state, context }: Visit) {
    return this.#machine.resolveState({ value: stateValues[state], context });
  }

  /**
   * Reads a visit that a restart interrupted, as it was, and what the inventory estimator must remember of it. It
   * goes on with the event `resumed`. Parsed, because it comes from disk. `currency`: see `readStoredVisit`.
   */
  restore(
    stored: unknown,
    currency: Currency | null = null,
  ): Result<{ visit: Visit; estimator: unknown }, { code: 'visit.unreadable'; message: string }> {
    const read = readStoredVisit(stored, currency);
    if (!read.ok || mustSurvive(read.value.visit)) return read;
    return fail('visit.unreadable', `cannot be resumed in state ${read.value.visit.state}`);
  }
}

/** True when this visit must survive a restart: the bolt may have moved. */
export function mustSurvive(visit: Visit): boolean {
  return (
    openVisitStates.includes(visit.state) || (visit.state === 'recovering' && visit.context.visitId !== null)
  );
}

const nothing = (): undefined => undefined;

/** Where each state is in the chart. Visits are stored and compared by the name alone. */
const stateValues: Readonly<Record<VisitStateName, StateValue>> = {
  recovering: 'recovering',
  outOfService: { beforeUnlock: 'outOfService' },
  attract: { beforeUnlock: { reception: 'attract' } },
  identifyingByCode: { beforeUnlock: { reception: { identifying: 'identifyingByCode' } } },
  identifyingByFace: { beforeUnlock: { reception: { identifying: 'identifyingByFace' } } },
  refused: { beforeUnlock: { reception: 'refused' } },
  authorising: { beforeUnlock: 'authorising' },
  account: { beforeUnlock: 'account' },
  preparing: { beforeUnlock: 'preparing' },
  choosingDoor: { beforeUnlock: 'choosingDoor' },
  unlocking: { inVisit: 'unlocking' },
  shopping: { inVisit: { open: 'shopping' } },
  confirmed: { inVisit: { open: 'confirmed' } },
  ajar: { inVisit: { open: 'ajar' } },
  checking: { inVisit: { closing: 'checking' } },
  receipt: { done: 'receipt' },
  nothingCharged: { done: 'nothingCharged' },
};

function nameOf(value: StateValue): VisitStateName {
  let leaf = value;
  while (typeof leaf !== 'string') {
    const [inner] = Object.values(leaf);
    assert(inner !== undefined, 'a state without an inner state');
    leaf = inner;
  }
  const name = visitStateNames.find((n) => n === leaf);
  assert(name !== undefined, `no such visit state: ${JSON.stringify(value)}`);
  return name;
}

function changed(a: Visit, b: Visit): boolean {
  if (a.state !== b.state) return true;
  const keys = Object.keys(b.context) as (keyof VisitContext)[];
  return keys.some((key) => a.context[key] !== b.context[key]);
}
