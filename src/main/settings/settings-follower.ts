import type { Clock } from '../../shared/clock.ts';
import { cabinetSettingNames } from '../../shared/model/cabinet-settings.ts';
import type { SettingsOrder, SettingsReport } from '../../shared/model/settings-order.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { SettingsVersions } from './settings-versions.ts';

/** An order that the disk has not taken is tried again after this. */
export const followAgainMs = 60_000;

export interface SettingsFollowerOptions {
  readonly versions: SettingsVersions;
  readonly orders: { current(): SettingsOrder | null; onChange(listener: () => void): () => void };
  readonly report: (report: SettingsReport) => void;
  /** The operator's time, ms: an order that has ended is not begun with. */
  readonly nowMs: () => number;
  readonly clock: Clock;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/** Follows what the operator orders of the settings, each order once, and tells it how they stand after each change. */
export class SettingsFollower {
  readonly #o: SettingsFollowerOptions;
  #cancel: (() => void)[] = [];
  #cancelAgain: () => void = () => undefined;
  #told = '';

  constructor(options: SettingsFollowerOptions) {
    this.#o = options;
  }

  start(): void {
    const { orders, versions } = this.#o;
    this.#cancel = [
      orders.onChange(() => {
        this.#follow();
      }),
      versions.onChange(() => {
        this.#report();
      }),
    ];
    this.#follow();
    this.#report();
  }

  stop(): void {
    this.#cancelAgain();
    for (const cancel of this.#cancel) cancel();
  }

  #follow(): void {
    const { orders, versions, clock, nowMs, tellStaff, logger } = this.#o;
    this.#cancelAgain();
    const order = orders.current();
    if (order === null || order.expiresAtMs <= nowMs()) return;
    const followed = versions.follow(order);
    if (!followed.ok) {
      logger.error('settings.not_followed', { error: followed.error.code });
      this.#cancelAgain = clock.after(followAgainMs, () => {
        this.#follow();
      });
      return;
    }
    const { value: answer } = followed;
    if (answer === null) return;
    logger.info('settings.followed', { ...answer });
    if (answer.refused !== null) tellStaff(`settings_order_refused: ${answer.refused}`);
    this.#report();
  }

  #report(): void {
    const { versions } = this.#o;
    const { version, values, waiting, versions: shown } = versions.view();
    const report: SettingsReport = {
      ...{ version, values, waiting, versions: shown },
      ...{ knows: [...cabinetSettingNames], answer: versions.answer },
    };
    const text = JSON.stringify(report);
    if (text === this.#told) return;
    this.#told = text;
    this.#o.report(report);
  }
}
