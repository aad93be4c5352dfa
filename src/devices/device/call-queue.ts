import type { DeviceFailure } from '../../shared/model/device.ts';
import type { Result } from '../../shared/result.ts';
import { deviceFail } from './driver.ts';

/** Calls that may wait for their turn. */
export const waitingCallMax = 4;

/** Calls to one device, one after another in their order; more than `waitingCallMax` at once: `device.busy`. */
export class CallQueue {
  #turn: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** Calls that run or wait. */
  get count(): number {
    return this.#count;
  }

  async run<T>(call: () => Promise<Result<T, DeviceFailure>>): Promise<Result<T, DeviceFailure>> {
    if (this.#count >= waitingCallMax) return deviceFail('device.busy', 'too many calls wait');
    this.#count++;
    const mine = this.#turn.then(call);
    this.#turn = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#count--;
    }
  }
}
