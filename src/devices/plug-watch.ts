import type { Clock } from '../shared/clock.ts';
import { readPlugs } from './transport/sysfs.ts';
import { loadUsb } from './transport/usb-package.ts';
import type { UsbPackage } from './transport/usb-package.ts';

/** Calls back when something was plugged in; the returned function ends it. */
export type PlugWatch = (plugged: () => void) => () => void;

/** How often the kernel's list is read: what libusb says at once, this says where there is no udev to tell libusb. */
export const plugPollMs = 1500;
/** A device that is plugged in comes as several events (hub, device, a composite's parts): they are one. */
const settleMs = 50;

export interface PlugSystem {
  readonly loadUsb: () => Promise<Pick<UsbPackage, 'onAttach'>>;
  /** What is plugged in, a word for each plugging in; null: no such list (not Linux, no USB). */
  readonly readPlugs: () => Promise<ReadonlySet<string> | null>;
}
const realSystem: PlugSystem = { loadUsb, readPlugs: () => readPlugs() };

/** libusb's attach events, and a look at the kernel's list every `plugPollMs`. Whichever is there is enough. */
export function plugWatch(clock: Clock, system: PlugSystem = realSystem): PlugWatch {
  return (plugged) => {
    let isStopped = false;
    let stopEvents = (): void => undefined;
    let cancelPoll = (): void => undefined;
    let cancelSettle: (() => void) | null = null;
    const seen = (): void => {
      if (isStopped) return;
      cancelSettle ??= clock.after(settleMs, () => {
        cancelSettle = null;
        plugged();
      });
    };
    const poll = async (before: ReadonlySet<string> | null): Promise<void> => {
      const now = await system.readPlugs();
      if (isStopped) return;
      if (before !== null && now !== null && [...now].some((one) => !before.has(one))) seen();
      cancelPoll = clock.after(plugPollMs, () => void poll(now));
    };
    void poll(null);
    system.loadUsb().then(
      (usb) => {
        if (!isStopped) stopEvents = usb.onAttach(seen);
      },
      () => {
        // No libusb: the list alone.
      },
    );
    return () => {
      isStopped = true;
      stopEvents();
      cancelPoll();
      cancelSettle?.();
    };
  };
}
