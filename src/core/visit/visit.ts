import { initialTransition, transition } from 'xstate';
import { assert } from '../../shared/assert.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { createVisitMachine, initialContext } from './visit-machine.ts';
import type { VisitLimits } from './limits.ts';
import { readStoredVisit } from './stored-visit.ts';
import {
  type VisitContext,
  type VisitEffect,
  type VisitEvent,
  type VisitStateName,
  openVisitStates,
  visitStateNames,
} from './visit-model.ts';

/** A visit at one moment. Opaque to callers but for these two. */
export interface Visit {
  readonly state: VisitStateName;
  readonly context: VisitContext;
}

export interface Step {
  readonly visit: Visit;
  readonly effects: readonly VisitEffect[];
  /** False when nothing in the state chart answers to this event here. */
  readonly handled: boolean;
}

/** The visit statechart as three pure functions: start, step, restore. */
export class VisitChart {
  readonly #machine;

  constructor(limits?: VisitLimits) {
    this.#machine = createVisitMachine(limits);
  }

  /** The cabinet after a start with no visit in hand. */
  start(): Visit {
    const [snapshot] = initialTransition(this.#machine);
    return { state: nameOf(snapshot.value), context: snapshot.context };
  }

  /** Applies one event. Pure: the same arguments always give the same answer. */
  step(visit: Visit, event: VisitEvent): Step {
    const before = this.#machine.resolveState({ value: visit.state, context: visit.context });
    const [after, actions] = transition(this.#machine, before, event);
    const effects = actions.filter((a) => a.type === 'effect').map((a) => a.params as VisitEffect);
    const next = { state: nameOf(after.value), context: after.context };
    return {
      visit: next,
      effects,
      handled: after !== before && (effects.length > 0 || changed(visit, next)),
    };
  }

  /**
   * Takes up a visit that a restart interrupted: it goes on in `recovering` until the door is known. Parsed, because it
   * comes from disk.
   */
  restore(stored: unknown): Result<Visit, { code: 'visit.unreadable'; message: string }> {
    const read = readStoredVisit(stored);
    if (!read.ok) return read;
    const { state, context } = read.value;
    // `recovering`: the power went again before the door was known.
    const resumable: readonly VisitStateName[] = [...openVisitStates, 'recovering'];
    if (context.visitId === null || !resumable.includes(state)) {
      return fail('visit.unreadable', `cannot be resumed in state ${state}`);
    }
    return ok({
      state: 'recovering',
      context: {
        ...initialContext,
        ...context,
        confirmed: null,
        ajarLevel: 0,
        recovered: true,
        timer: null,
        outOfServiceReason: 'starting',
      },
    });
  }
}

/** True when this visit must survive a restart: the bolt may have moved. */
export function mustSurvive(visit: Visit): boolean {
  return (
    openVisitStates.includes(visit.state) || (visit.state === 'recovering' && visit.context.visitId !== null)
  );
}

function nameOf(value: unknown): VisitStateName {
  const name = visitStateNames.find((n) => n === value);
  assert(name !== undefined, `no such visit state: ${JSON.stringify(value)}`);
  return name;
}

function changed(a: Visit, b: Visit): boolean {
  if (a.state !== b.state) return true;
  const keys = Object.keys(b.context) as (keyof VisitContext)[];
  return keys.some((key) => a.context[key] !== b.context[key]);
}
