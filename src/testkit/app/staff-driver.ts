import { type Corner, defaultKnock } from '../../shared/model/corner-knock.ts';
import { until } from '../until.ts';
import type { ConsoleClient } from './console-client.ts';
import type { ScreenDriver } from './screen-driver.ts';

/** Somebody of the staff at the kiosk's screen. */
export class StaffDriver {
  readonly #screen: ScreenDriver;

  constructor(screen: ScreenDriver) {
    this.#screen = screen;
  }

  /** Touches in corners, in order; first of all those that are built in. */
  async knock(order: readonly Corner[] = defaultKnock): Promise<void> {
    const { window } = this.#screen;
    const { width, height } = await window.evaluate<{ width: number; height: number }>(
      '({ width: innerWidth, height: innerHeight })',
    );
    const [left, right, top, bottom] = [6, width - 6, 6, height - 6];
    const at = { topLeft: [left, top], topRight: [right, top] };
    const places = { ...at, bottomLeft: [left, bottom], bottomRight: [right, bottom] };
    for (const corner of order) {
      const [x = 0, y = 0] = places[corner];
      await window.mouse.click(x, y);
    }
  }

  /** As somebody who looks at what stands there: a touch that was taken for a double strike is made again. */
  async type(digits: string): Promise<void> {
    for (const [place, digit] of digits.split('').entries())
      await until(`digit ${place + 1} stands there`, async () => {
        const shown = await this.#screen.find('pad-value');
        const text = (await shown.textContent().catch(() => null)) ?? '';
        const length = text === '—' ? 0 : text.length;
        if (length > place) return true;
        await this.#screen.tap(`key-${digit}`);
        return null;
      });
    await this.#screen.tap('key-done');
  }

  async signIn(staffNo: string, secret: string): Promise<void> {
    await this.knock();
    await this.type(staffNo);
    await this.type(secret);
  }

  /** What the service screen shows: `pad`, `newPin`, a refusal, or `overview` and the other rooms. */
  async waitShown(reason: string): Promise<void> {
    await until(`service mode shows ${reason}`, async () => {
      const service = await this.#screen.find('screen-service');
      return (await service.getAttribute('data-reason').catch(() => null)) === reason ? true : null;
    });
  }

  /** The first time: by a code that the operator has read out, then a PIN of one's own. */
  async firstSignIn(office: ConsoleClient, of: FirstSignIn): Promise<void> {
    const { cabinetId, staffNo, pin, reason } = of;
    const given = await office.call('serviceCode', { cabinetId, reason }, { staffNo });
    if (!given.ok) throw new Error(JSON.stringify(given.error));
    await this.signIn(staffNo, given.value.code);
    await this.waitShown('newPin');
    await this.type(pin);
    await this.type(pin);
    await this.waitShown('overview');
  }
}

interface FirstSignIn {
  readonly cabinetId: string;
  readonly staffNo: string;
  readonly pin: string;
  /** Why they are given a code. */
  readonly reason: string;
}
