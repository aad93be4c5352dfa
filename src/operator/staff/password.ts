import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { hashesMax, hashesWaitingMax } from './limits.ts';

/**
 * Argon2id (RFC 9106), as OWASP's Password Storage Cheat Sheet asks for at least: 19 MiB, 2 passes, 1 lane; a salt of 128 and
 * a tag of 256 bits as RFC 9106, section 4. Kept with each hash (PHC string), so that they may rise later.
 */
const today = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const saltBytes = 16;
const tagBytes = 32;

interface Parameters {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

const phcForm = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * Hashes and compares passwords, so many at the same time. A name that nobody has is compared with a hash of nothing, so that
 * it costs as much as a wrong password.
 */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #nobody = phcOf(today, randomBytes(saltBytes), randomBytes(tagBytes));
  /** Hashes that were made, for tests: equal work is shown by counting, not by a clock. */
  hashCount = 0;

  /** So many are waiting by now that another stranger is to come again later. */
  get isFull(): boolean {
    return this.#waiting.length >= hashesWaitingMax;
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes);
    return phcOf(today, salt, await this.#tagOf(password, salt, today));
  }

  /** `kept` null: nobody has that name, or no password; never equal, with the same work. */
  async isIt(password: string, kept: string | null): Promise<boolean> {
    const [, memory, passes, parallelism, salt = '', tag = ''] = phcForm.exec(kept ?? this.#nobody) ?? [];
    const parameters = {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
    };
    const made = await this.#tagOf(password, Buffer.from(salt, 'base64'), parameters);
    return timingSafeEqual(made, Buffer.from(tag, 'base64')) && kept !== null;
  }

  async #tagOf(password: string, nonce: Buffer, parameters: Parameters): Promise<Buffer> {
    if (this.#running >= hashesMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    this.hashCount++;
    try {
      // One way to write each character: what is typed on another keyboard is the same (NIST SP 800-63B, 5.1.1.2).
      const message = password.normalize('NFKC');
      return await new Promise<Buffer>((resolve, reject) => {
        argon2('argon2id', { message, nonce, tagLength: tagBytes, ...parameters }, (error, tag) => {
          if (error === null) resolve(tag);
          else reject(error);
        });
      });
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

function phcOf({ memory, passes, parallelism }: Parameters, salt: Buffer, tag: Buffer): string {
  const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(salt)}$${text(tag)}`;
}
