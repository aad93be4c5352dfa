import { ok, fail } from '../../shared/result.ts';
import type { KeyPress } from '../../shared/model/scanner-spec.ts';
import { noFeatures } from './transport.ts';
import type { Transport } from './transport.ts';

/**
 * The kiosk window's keyboard as a transport: main forwards key presses, each becomes one data event (JSON, so that it can be
 * recorded and bounded like the bytes of any other device). It is always there: a keyboard that is pulled out is only silent.
 */
export class KeyboardHub {
  readonly #open = new Set<(bytes: Uint8Array) => void>();
  readonly #encoder = new TextEncoder();

  press(presses: readonly KeyPress[]): void {
    for (const press of presses) {
      const bytes = this.#encoder.encode(JSON.stringify(press));
      for (const listener of [...this.#open]) listener(bytes);
    }
  }

  makeTransport(): Transport {
    const name = 'keyboard';
    let listener: (bytes: Uint8Array) => void = () => undefined;
    const receive = (bytes: Uint8Array): void => {
      listener(bytes);
    };
    return {
      name,
      ...noFeatures(name),
      open: () => {
        this.#open.add(receive);
        return Promise.resolve(ok());
      },
      write: () => Promise.resolve(fail('transport.unsupported', 'nothing is written to a keyboard')),
      close: () => {
        this.#open.delete(receive);
        return Promise.resolve();
      },
      onData: (one) => {
        listener = one;
      },
      onClosed: () => undefined,
    };
  }
}
