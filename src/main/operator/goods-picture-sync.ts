import type { Clock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { GoodsPicture } from '../../shared/model/goods-picture.schema.ts';
import { isKeptPicture } from '../../shared/model/goods-picture.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { GoodsPictureFiles } from '../platform/goods-picture-files.ts';
import type { OperatorFailure } from './operator-client.ts';

/** After a picture that did not come, or could not be kept. */
export const pictureRetryMs = 60_000;
/** Whether they are still here: one that was not whole is removed when it is to be drawn. */
export const pictureLookEveryMs = 10 * 60_000;
/** Between two pictures: charges and questions go before. */
export const pictureEveryMs = 200;

export interface GoodsPictureSyncOptions {
  readonly catalog: () => Catalog | null;
  readonly client: { picture(name: string): Promise<Result<GoodsPicture, OperatorFailure>> };
  readonly files: Pick<GoodsPictureFiles, 'list' | 'write' | 'keepOnly'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Fetches the pictures that the catalogue names and that are not here, one at a time, and removes those that it names no more.
 * Nobody waits for them: goods without one are drawn as a plain carton.
 */
export class GoodsPictureSync {
  readonly #o: GoodsPictureSyncOptions;
  readonly #loop: RetryLoop;
  /** That this catalogue's do not come or are others: asked for again with the next one, or after the others. */
  #failed = new Set<string>();
  #wanted: Catalog | null = null;

  constructor(options: GoodsPictureSyncOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#turn() });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): void {
    void this.#loop.stop();
  }

  /** Another catalogue, or the link is back. */
  wake(): void {
    this.#failed.clear();
    this.#loop.wake();
  }

  async #turn(): Promise<number | null> {
    const { logger } = this.#o;
    try {
      return await this.#next();
    } catch (error) {
      // A full disk, a folder that cannot be read: it may be mended.
      logger.warn('goods_picture.not_kept', { error: String(error) });
      return pictureRetryMs;
    }
  }

  async #next(): Promise<number | null> {
    const { catalog, files, client, logger } = this.#o;
    const current = catalog();
    if (current === null) return null;
    const names = new Set(current.products.map(({ picture }) => picture).filter(isKeptPicture));
    if (current !== this.#wanted) {
      await files.keepOnly(names);
      this.#wanted = current;
    }
    const here = names.size === 0 ? names : await files.list();
    const missing = [...names].filter((name) => !here.has(name));
    const name = missing.find((one) => !this.#failed.has(one));
    if (name === undefined) {
      this.#failed.clear();
      return missing.length === 0 ? pictureLookEveryMs : pictureRetryMs;
    }
    const answer = await client.picture(name);
    const isKept = answer.ok && (await files.write(name, Buffer.from(answer.value.data, 'base64')));
    if (isKept) return pictureEveryMs;
    this.#failed.add(name);
    const error = answer.ok ? 'it is another one' : answer.error;
    logger.warn('goods_picture.not_fetched', { name, error });
    return pictureEveryMs;
  }
}
