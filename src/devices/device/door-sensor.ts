import type { Clock } from '../../shared/clock.ts';
import type { DeviceFailure, DoorState, PollMode } from '../../shared/model/device.ts';
import type { Result } from '../../shared/result.ts';
import type { TakeTurn } from '../transport/shared-line.ts';
import { BoardSession } from './board-session.ts';
import type { DoorEvents } from './board-session.ts';
import type { Driver, DriverHealth, DriverTransport, RawDeviceState } from './driver.ts';
import { contactBoardOf } from './lock-boards.ts';
import type { DoorSensorSpec } from './lock-boards.ts';

/** The door's contact on the feedback input of a lock board that is only read: no frame that opens anything is known here. */
export class DoorSensor implements Driver {
  readonly kind = 'door-sensor';
  readonly #session: BoardSession;

  constructor(spec: DoorSensorSpec, clock: Clock, events: DoorEvents, takeTurn?: TakeTurn) {
    this.#session = new BoardSession({
      board: contactBoardOf(spec),
      closedFeedback: spec.closedFeedback,
      needsContact: true,
      clock,
      events,
      takeTurn,
    });
  }

  /** The last known state; `unknown` until a reading has come on this connection. */
  get door(): DoorState {
    return this.#session.door;
  }

  start(transport: DriverTransport): void {
    this.#session.start(transport);
  }

  stop(): void {
    this.#session.stop();
  }

  setPollMode(pollMode: PollMode): void {
    this.#session.setPollMode(pollMode);
  }

  health(): DriverHealth {
    return this.#session.health();
  }

  receive(bytes: Uint8Array): void {
    this.#session.receive(bytes);
  }

  readRawState(): Promise<Result<RawDeviceState, DeviceFailure>> {
    return this.#session.readRawState();
  }

  /** Reads the contact now. Errors as with `BoardSession.readDoor`. */
  readDoor(): Promise<Result<{ door: DoorState }, DeviceFailure>> {
    return this.#session.readDoor();
  }
}
