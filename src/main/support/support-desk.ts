import { createHash } from 'node:crypto';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { SupportBundle } from '../../shared/api/operator.ts';
import type { SupportTarget } from '../../shared/model/support-bundle.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { type SupportSources, makeSupportBundle } from './support-bundle.ts';
import { type SavedFile, type StickFileOptions, saveToStick } from './stick-file.ts';

export interface SupportDeskOptions extends StickFileOptions {
  readonly sources: SupportSources;
  readonly client: {
    sendSupportBundle(name: string, body: SupportBundle): Promise<Result<null, OperatorFailure>>;
  };
  readonly logger: Logger;
}

/** Makes a support bundle and brings it to where whoever stands there wants it. Nothing is kept here, nothing is tried again. */
export class SupportDesk {
  readonly #o: SupportDeskOptions;

  constructor(options: SupportDeskOptions) {
    this.#o = options;
  }

  /** Answers by what it is found again: the name of the file, or the first signs of what the console calls it. */
  async deliver(to: SupportTarget): Promise<SavedFile> {
    const bundle = await makeSupportBundle(this.#o.sources);
    const delivered = !bundle.ok
      ? bundle
      : to === 'stick'
        ? await saveToStick(this.#o, '.jsonl.gz', bundle.value)
        : await this.#toOperator(bundle.value);
    if (!delivered.ok) this.#o.logger.warn('support.not_delivered', { error: delivered.error });
    return delivered;
  }

  async #toOperator(bundle: Buffer): Promise<SavedFile> {
    const name = createHash('sha256').update(bundle).digest('base64url');
    const body = { form: 1, gzip: bundle.toString('base64') } as const;
    const sent = await this.#o.client.sendSupportBundle(name, body);
    if (sent.ok) return ok(name.slice(0, 8));
    const { code, message, othersMayCome } = sent.error;
    if (othersMayCome === true) return fail('operator_has_enough', message);
    return fail(code.startsWith('network.') ? 'offline' : 'operator_refused', `${code}: ${message}`);
  }
}
