import type { ServiceSession } from '../../core/service/session.ts';
import type { Clock } from '../../shared/clock.ts';
import type { IpcResult } from '../../shared/ipc/table.schema.ts';
import type { PinPad } from '../../shared/model/pin-pad.schema.ts';
import type { NewPinFault, PinAct } from '../../shared/model/service.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ServiceAccess } from './service-access.ts';
import type { ServiceActs } from './service-acts.ts';
import { padMaxMs } from './service-entry.ts';
import type { ServiceNotes } from './service-notes.ts';
import type { ServiceSessions } from './service-session.ts';

const done: IpcResult<null> = ok(null);
const nobodyAsked = fail('stale', 'nobody is asked for a PIN');

interface AskedAtAll {
  readonly padId: number;
  readonly session: ServiceSession;
  readonly isChecking: boolean;
}
/** The PIN there is, for this act; or a new one. */
type Asked = AskedAtAll &
  (
    | { readonly screen: 'confirm'; readonly act: PinAct; readonly perform: () => void }
    | { readonly screen: 'newPin'; readonly fault: NewPinFault | null }
  );

interface SessionPadOptions {
  readonly access: Pick<ServiceAccess, 'confirm' | 'setPin' | 'memberOf'>;
  readonly acts: Pick<ServiceActs, 'run'>;
  readonly notes: Pick<ServiceNotes, 'note' | 'tellDuress'>;
  readonly sessions: Pick<ServiceSessions, 'current' | 'touch' | 'end'>;
  readonly nextPadId: () => number;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** The number pad before whoever is signed in: their PIN for one act, or a new PIN. What is typed counts for that alone. */
export class SessionPad {
  readonly #o: SessionPadOptions;
  #asked: Asked | null = null;
  #cancelTimer: () => void = () => undefined;

  constructor(options: SessionPadOptions) {
    this.#o = options;
  }

  get isShown(): boolean {
    return this.#asked !== null;
  }

  view(isUnbilled: boolean): PinPad | null {
    if (this.#asked === null) return null;
    const { padId, isChecking, session } = this.#asked;
    const shown = { padId, isChecking, isUnbilled, name: session.name };
    return this.#asked.screen === 'confirm'
      ? { ...shown, screen: 'confirm', act: this.#asked.act }
      : { ...shown, screen: 'newPin', fault: this.#asked.fault, mayGoBack: true };
  }

  /** `perform`: what was ordered, as it was ordered; done when the PIN is right. */
  askPin(session: ServiceSession, act: PinAct, perform: () => void): void {
    this.#ask({ padId: this.#o.nextPadId(), session, isChecking: false, screen: 'confirm', act, perform });
  }
  askNewPin(session: ServiceSession): void {
    this.#ask({ padId: this.#o.nextPadId(), session, isChecking: false, screen: 'newPin', fault: null });
  }

  typed(): IpcResult<null> {
    if (this.#asked === null) return nobodyAsked;
    this.#o.sessions.touch(this.#asked.session.id);
    this.#timer();
    return done;
  }

  confirm(pin: string): IpcResult<null> {
    const asked = this.#asked;
    if (asked?.screen !== 'confirm' || asked.isChecking) return nobodyAsked;
    const checked = { ...asked, isChecking: true };
    this.#ask(checked);
    void this.#isTheirs(asked.session, pin).then((isRight) => {
      // It was typed at a pad that is gone: nothing is done by it.
      if (this.#asked?.padId !== asked.padId) return;
      this.end();
      if (isRight) asked.perform();
    });
    return done;
  }

  setPin(pin: string, again: string): IpcResult<null> {
    const asked = this.#asked;
    if (asked?.screen !== 'newPin' || asked.isChecking) return nobodyAsked;
    this.#ask({ ...asked, isChecking: true });
    void this.#setPin(asked.session, pin, again).then((fault) => {
      if (this.#asked?.padId !== asked.padId) return;
      if (fault === null) this.end();
      else this.#ask({ ...asked, fault });
    });
    return done;
  }

  /** It goes, and nothing is done. */
  end(): void {
    this.#cancelTimer();
    if (this.#asked === null) return;
    this.#asked = null;
    this.#o.onChange();
  }

  async #isTheirs({ id, staffNo }: ServiceSession, pin: string): Promise<boolean> {
    const { access, notes, sessions } = this.#o;
    const result = await access.confirm(staffNo, pin);
    if (result.ok) {
      notes.tellDuress(result.value);
      return true;
    }
    notes.note(staffNo, 'pin_refused', { why: result.error.code });
    // Whoever does not know it is not who signed in.
    if (sessions.current?.id === id) sessions.end('wrong_pin');
    return false;
  }

  /** On record as any other act. Null: it is set. */
  async #setPin({ id, staffNo }: ServiceSession, pin: string, again: string): Promise<NewPinFault | null> {
    const { access, acts, sessions } = this.#o;
    const member = access.memberOf(staffNo);
    if (member === null || !sessions.touch(id)) return 'storage';
    const begun: ReturnType<ServiceAccess['setPin']>[] = [];
    acts.run(staffNo, 'changePin', {}, async () => {
      const setting = access.setPin(member, pin, again);
      begun.push(setting);
      const set = await setting;
      return set.ok ? { outcome: 'done' } : { outcome: 'refused', detail: set.error.code };
    });
    // What cannot be put on record is not begun, nor is anything beside another act.
    const set = await begun[0];
    if (set === undefined) return 'storage';
    return set.ok ? null : set.error.code;
  }

  #ask(asked: Asked): void {
    this.#asked = asked;
    this.#timer();
    this.#o.onChange();
  }

  #timer(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#o.clock.after(padMaxMs, () => {
      this.end();
    });
  }
}
