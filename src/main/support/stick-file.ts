import type { Clock } from '../../shared/clock.ts';
import type { SupportFailure } from '../../shared/model/support-bundle.ts';
import { type Failure, type Result, ok } from '../../shared/result.ts';
import { findStick, writeToStick } from './usb-stick.ts';

export interface StickFileOptions {
  readonly stick?: {
    readonly find: typeof findStick;
    readonly write: typeof writeToStick;
  };
  readonly cabinetId: string;
  readonly clock: Clock;
  /** The operator's time, ms. */
  readonly nowMs: () => number;
}
export type SavedFile = Result<string, Failure<SupportFailure>>;

/** Onto the one stick that is plugged in, under a name that says of which cabinet and when; answers the name. */
export async function saveToStick(
  { cabinetId, clock, nowMs, stick = { find: findStick, write: writeToStick } }: StickFileOptions,
  ending: string,
  bytes: Uint8Array,
): Promise<SavedFile> {
  const found = await stick.find();
  if (!found.ok) return found;
  const time = new Date(nowMs()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = `kaimen-${cabinetId}-${time}${ending}`;
  const written = await stick.write(found.value, name, bytes, { clock });
  return written.ok ? ok(name) : written;
}
