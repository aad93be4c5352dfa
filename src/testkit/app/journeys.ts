import type { ScreenDriver } from './screen-driver.ts';
import type { WorldClient } from './world-client.ts';

/** What a shopper does in one go, at the screen and at the cabinet. */
export class Journeys {
  readonly #screen: ScreenDriver;
  readonly #cabinet: WorldClient;

  constructor(screen: ScreenDriver, cabinet: WorldClient) {
    this.#screen = screen;
    this.#cabinet = cabinet;
  }

  /** Touches "by face", reads the notice, and looks into the camera. */
  async chooseFace(): Promise<void> {
    await this.#screen.waitScreen('attract');
    await this.#screen.tap('action-choose-face');
    await this.#screen.waitScreen('face');
    await this.#screen.tap('action-start-face');
  }
  /** To "my data" of a member, by code; `enrol`: by the one with which a face may be enrolled. */
  async openAccount(memberId = 'M1001', code: 'fresh' | 'enrol' = 'fresh'): Promise<void> {
    await this.#screen.waitScreen('attract');
    await this.#screen.tap('action-choose-account');
    await this.#screen.waitScreen('identifying');
    await this.#cabinet.present(memberId, code);
    await this.#screen.waitScreen('account');
  }
  /** On the notice of enrolment: ticks and agrees; the camera looks from here on. */
  async agreeToEnrol(): Promise<void> {
    await this.#screen.tap('tick-agree');
    await this.#screen.tap('tick-age');
    await this.#screen.tap('action-agree');
  }
  /** Enrols whoever the camera's film shows, as this member, by code; back at the start screen. */
  async enrolFace(memberId = 'M1001'): Promise<void> {
    await this.openAccount(memberId, 'enrol');
    await this.#screen.tap('action-enrol');
    await this.agreeToEnrol();
    await this.#screen.waitFacePhase('enrolled');
    await this.#screen.tap('action-cancel');
  }
  /** From the start screen through the door, by code. */
  async enterByCode(memberId = 'M1001'): Promise<void> {
    await this.#screen.tap('action-choose-code');
    await this.#screen.waitScreen('identifying');
    await this.#cabinet.present(memberId);
    await this.#screen.waitScreen('unlocking');
    await this.#cabinet.pull();
    await this.#screen.waitScreen('shopping');
  }
  /** Deletes the face of whose account is on screen. */
  async withdrawFace(): Promise<void> {
    await this.#screen.tap('action-withdraw');
    await this.#screen.tap('action-confirm-withdraw');
    await this.#screen.waitFacePhase('withdrawn');
  }
}
