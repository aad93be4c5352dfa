import { randomBytes, timingSafeEqual } from 'node:crypto';
import { pinHashing } from '../../shared/model/service.ts';
import type { PinTagger } from './pin-thread.ts';

const { memoryKib, passes, lanes, saltBytes, tagBytes } = pinHashing;
const prefix = `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$`;

/**
 * Hashes and compares PINs. Whatever they are compared with, one hash is made: a number that nobody has takes as long as a wrong
 * PIN, and that as long as the right one.
 */
export class PinHasher {
  readonly #tagger: PinTagger;
  readonly #nobody = phcOf(randomBytes(saltBytes), randomBytes(tagBytes));
  /** Hashes that were asked for: equal work is shown by counting, not by a clock. */
  hashCount = 0;

  constructor(tagger: PinTagger) {
    this.#tagger = tagger;
  }

  /** Null: it did not work. */
  async hash(pin: string): Promise<string | null> {
    const salt = randomBytes(saltBytes);
    const tag = await this.#tagOf(pin, salt);
    return tag === null ? null : phcOf(salt, tag);
  }

  /** `kept` null: there is none; never equal, with the same work. Null: it could not be compared. */
  async isIt(pin: string, kept: string | null): Promise<boolean | null> {
    const [salt = '', tag = ''] = (kept ?? this.#nobody).slice(prefix.length).split('$');
    const made = await this.#tagOf(pin, Buffer.from(salt, 'base64'));
    if (made === null) return null;
    const wanted = Buffer.from(tag, 'base64');
    return wanted.length === made.length && timingSafeEqual(made, wanted) && kept !== null;
  }

  async stop(): Promise<void> {
    await this.#tagger.stop();
  }

  #tagOf(pin: string, salt: Uint8Array): Promise<Uint8Array | null> {
    this.hashCount++;
    return this.#tagger.tag(pin, salt);
  }
}

function phcOf(salt: Uint8Array, tag: Uint8Array): string {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');
  return `${prefix}${text(salt)}$${text(tag)}`;
}
